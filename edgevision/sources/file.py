"""Video files. They wait for us: every frame is used, in order, with its own media time."""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from threading import Event

from edgevision.errors import ConfigError, SourceError
from edgevision.opencv import as_image, cv2
from edgevision.sources.base import UNMADE, LiveSettings, Picture, Source, Wanted, all_of_them

# A file's announced number of frames may be off by a few; one cut short lacks far more.
MISSING_SHARE = 0.02
MISSING_FRAMES = 3


class FileSource:
    """One video file, from its first frame to its last."""

    live = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self.frame_rate: float | None = None
        self.length: int | None = None  # frames, as announced

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        capture = self._open()
        try:
            given = 0
            while not stop.is_set():
                began = time.monotonic()
                decoded = capture.grab()
                ts, image = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, UNMADE
                if decoded and wanted(ts):
                    decoded, made = capture.retrieve()
                    image = as_image(made)
                if not decoded:
                    check_complete(self._path, given, self.length)
                    return
                yield Picture(image, ts, began)
                given += 1
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        check_readable(self._path)
        # From the root: FFmpeg takes `cache:clip.mp4`, a file's name here, for a protocol.
        capture = cv2.VideoCapture(str(self._path.absolute()), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
        if not capture.isOpened():
            capture.release()
            raise not_a_video(self._path)
        self.frame_rate = capture.get(cv2.CAP_PROP_FPS) or None
        announced = int(capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.length = announced if announced > 0 else None
        return capture


def check_complete(path: Path, given: int, length: int | None) -> None:
    """Raises SourceError if a file that announced more frames ended after so many."""
    missing = (length or given) - given
    if missing > max(MISSING_FRAMES, MISSING_SHARE * given):
        raise SourceError(
            "truncated",
            f"{path} ended after {given} of {length} frames: it is cut short or damaged; "
            "what was counted until there is kept",
        )


def not_a_video(path: Path) -> SourceError:
    return SourceError("open_failed", f"{path} is not a video, or is cut short: no decoder understands it")


def check_readable(path: Path) -> None:
    """Raises SourceError if it is no file with something in it."""
    if not path.exists():
        raise SourceError("open_failed", f"{path} does not exist")
    if not path.is_file():
        raise SourceError("open_failed", f"{path} is not a file")
    if path.stat().st_size == 0:
        raise SourceError("open_failed", f"{path} is empty")


def open_source(location: str, live: LiveSettings) -> Source:
    if live.decode == "all":
        return FileSource(Path(location))
    if not find_spec("av"):
        raise ConfigError("decode: keyframes of a file needs PyAV: pip install 'edgevision[pyav]'")
    from edgevision.sources.file_pyav import KeyframesFile

    return KeyframesFile(Path(location))
