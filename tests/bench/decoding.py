"""CPU that reading a second of a film takes: all its pictures, those of `fps:`, its keyframes; by turns.

    python -m tests.bench.decoding [--film clip.mp4] [--fps 5] [--turns 5]

Without --film one is made by ffmpeg: 1280 x 720, 25 frames/s, H.264, 2 Mbit/s, a keyframe each second. PyAV
reads it as it reads a stream. It is CPU time of the thread that reads, so others who work change little.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from unittest import mock

import av
import numpy as np

from edgevision.core.moments import next_due
from edgevision.errors import SourceError
from edgevision.sources import LiveSettings, Picture, Source, Wanted, chosen
from edgevision.sources.base import all_of_them
from edgevision.sources.file import FileSource
from edgevision.sources.rtsp_pyav import PyavSource

SHOWN = "testsrc2=s=1280x720:r=25:d=20,noise=alls=12:allf=t"
ENCODE = "-pix_fmt yuv420p -c:v libx264 -preset veryfast -tune zerolatency -g 25 -b:v 2M"


class Each:
    """Wants `fps` of `rate` pictures a second, whose times come in order."""

    def __init__(self, fps: float, rate: float) -> None:
        self._step, self._every, self._ts, self._due = 1 / rate, 1 / fps, 0.0, 0.0

    def __call__(self, _: float) -> bool:
        ts, self._ts = self._ts, self._ts + self._step
        if ts < self._due - 1e-3:
            return False
        self._due = next_due(self._due, ts, self._every)
        return True


def pictures(source: Source, wanted: Wanted) -> Iterator[Picture]:
    try:
        yield from chosen(source, Event(), wanted)
    except SourceError as error:
        if error.reason != "ended":
            raise


def measure(source: Source, wanted: Wanted) -> tuple[float, int, int]:
    """CPU seconds, pictures, those with an image."""
    began, count, made = time.thread_time(), 0, 0
    for picture in pictures(source, wanted):
        count += 1
        made += picture.made
    return time.thread_time() - began, count, made


def ways(film: Path, fps: float, rate: float) -> dict[str, Callable[[], tuple[float, int, int]]]:
    def pyav(wanted: Wanted, settings: LiveSettings) -> tuple[float, int, int]:
        with mock.patch.object(av, "open", return_value=av.open(str(film))):
            return measure(PyavSource("rtsp://127.0.0.1/x", settings), wanted)

    keyframes = LiveSettings(decode="keyframes")
    return {
        "OpenCV, all": lambda: measure(FileSource(film), all_of_them),
        f"OpenCV, fps: {fps:g}": lambda: measure(FileSource(film), Each(fps, rate)),
        "PyAV, all": lambda: pyav(all_of_them, LiveSettings()),
        f"PyAV, fps: {fps:g}": lambda: pyav(Each(fps, rate), LiveSettings()),
        "PyAV, decode: keyframes": lambda: pyav(all_of_them, keyframes),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--film", type=Path)
    parser.add_argument("--fps", type=float, default=5.0)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        film = options.film or Path(folder) / "film.mp4"
        if not options.film:
            make = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", SHOWN, *ENCODE.split(), str(film)]
            subprocess.run(make, check=True)
        with av.open(str(film)) as container:
            rate = float(container.streams.video[0].average_rate or 25)
        tried = ways(film, options.fps, rate)
        found: dict[str, list[tuple[float, int, int]]] = {name: [] for name in tried}
        for _ in range(options.turns):
            for name, way in tried.items():
                found[name].append(way())
    for name, runs in found.items():
        seconds, (_, count, made) = float(np.median([cpu for cpu, *_ in runs])), runs[0]
        print(
            f"{name:25} {1000 * seconds / count:5.2f} ms a picture, "
            f"{1000 * seconds * rate / count:5.1f} ms a second of film; {made} of {count} have an image"
        )


if __name__ == "__main__":
    main()
