"""Whether following and counting hold on to anything: memory over 1,000,000 frames with 100,000 objects.

    PYTHONPATH=. python tests/bench/memory.py [--frames 1000000]

Ten frames for each new object: they drive over a line and through a zone at 10 frames/s, 40 at once, and
every eighth stops for a minute, behind others at times. The slope is that of a straight line through the
readings of the second half of the run, in bytes for 1000 frames, with an interval of 95 % from the means of
ten parts of it (Student's t), as neighbouring readings are not independent.
"""

import argparse
import gc
from pathlib import Path
from resource import getpagesize

import numpy as np
from scipy.stats import linregress, t

from edgevision.analytics import line, zone
from edgevision.core import Detections, Size, Tracker

PICTURE = Size(1280, 720)
RATE = 10  # frames/s
LIFE = 400  # frames from one side of the picture to the other
STOP = 600  # frames that every eighth stands
READINGS = 500
PARTS = 10


def resident() -> int:
    """Bytes of memory that are this process's now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * getpagesize()


def boxes(frame: int) -> Detections:
    """What is seen in a frame: each object is born 10 frames after the one before and drives to the right."""
    born = np.arange(max(0, frame - LIFE - STOP) // 10, frame // 10 + 1)
    since = frame - 10 * born
    stopped = np.minimum(since, np.maximum(since - STOP, LIFE // 2))
    age = np.where(born % 8 == 0, stopped, since)
    rng = np.random.default_rng(frame)
    seen = (age < LIFE) & (rng.random(len(born)) < 0.95)
    x, y = rng.normal(0, 1, (2, int(seen.sum())))
    x += age[seen] * (PICTURE.width / LIFE)
    y += 60 + (born[seen] * 97) % 600
    corners = np.stack([x - 20, y - 20, x + 20, y + 20], axis=1).astype(np.float32)
    return Detections(corners, np.full(len(x), 0.8, np.float32), np.zeros(len(x), np.int32))


def slope(frames: np.ndarray, held: np.ndarray) -> tuple[float, float]:
    """Bytes for 1000 frames, and half the width of its interval of 95 %."""
    parts = [(part.mean(), memory.mean()) for part, memory in zip(
        np.array_split(frames / 1000, PARTS), np.array_split(held, PARTS), strict=True)]  # fmt: skip
    fit = linregress(*np.transpose(parts))
    return float(fit.slope), float(t.ppf(0.975, PARTS - 2) * fit.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory of tracker, line and zone over many frames.")
    parser.add_argument("--frames", type=int, default=1_000_000)
    count = parser.parse_args().frames
    tracker = Tracker(["car"])
    across = line.build(line.Config.model_validate({"from": (0.5, 0), "to": (0.5, 1)}))
    middle = zone.build(
        zone.Config.model_validate({"polygon": ((0.3, 0), (0.7, 0), (0.7, 1), (0.3, 1)), "dwell": True})
    )
    at, held, highest = [], [], 0
    for frame in range(count):
        tracks = tracker.update(boxes(frame), frame / RATE)
        across.update(tracks, frame / RATE, PICTURE)
        middle.update(tracks, frame / RATE, PICTURE)
        highest = max([highest, *(track.id for track in tracks)])
        if frame % max(1, count // READINGS) == 0:
            gc.collect()
            at.append(frame)
            held.append(resident())
    half = len(at) // 2
    grows, give_or_take = slope(np.array(at[half:]), np.array(held[half:]))
    print(f"{count} frames, {highest} ids, {across.counts} over the line, {middle.occupancy()} in the zone")
    print(f"resident: {held[0] / 2**20:.1f} MiB at first, {held[half] / 2**20:.1f} half-way, "
          f"{held[-1] / 2**20:.1f} at the end")  # fmt: skip
    print(f"slope of the second half: {grows:.0f} +- {give_or_take:.0f} bytes for 1000 frames")


if __name__ == "__main__":
    main()
