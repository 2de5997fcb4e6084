"""What following costs per frame, beside the least that any tracker does: IoU and one assignment.

    PYTHONPATH=. python tests/bench/tracker.py [--frames 300]

Objects of 3 % to 8 % of the picture's width, fewer of the large ones the more there are, walk or stand, their
boxes jitter and 5 % of them are missed. `bare` is the IoU matrix of two frames' boxes, in numpy, and
scipy's linear_sum_assignment of it. Both are measured in turn within one run, since other work on the machine
comes and goes; medians. `all standing` is a car park, where the memory of places is at work.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table
from scipy.optimize import linear_sum_assignment

from edgevision.core import Detections, Tracker
from edgevision.core.boxes import iou_matrix

COUNTS = (10, 50, 200, 1000)
RATE = 10  # frames/s
MISSED = 0.05


def scene(count: int, frames: int, moving: bool) -> list[Detections]:
    """Boxes of `count` objects in a picture of 1920 x 1080; who leaves it comes in on the other side."""
    rng = np.random.default_rng(count)
    size = np.array([1920, 1080])
    height = rng.uniform(60, 160, count) * min(1, (50 / count) ** 0.4)
    sides = np.stack([height * rng.uniform(0.4, 1.5, count), height], axis=1)
    start = rng.uniform(0, size, (count, 2))
    speed = rng.normal(0, 0.7, (count, 2)) * height[:, None] * moving  # px/s
    found = []
    for number in range(frames):
        center = (start + speed * number / RATE) % size + rng.normal(0, 0.04, (count, 2)) * sides
        now = sides * np.exp(rng.normal(0, 0.06, (count, 2)))
        seen = rng.random(count) >= MISSED
        boxes = np.hstack([center - now / 2, center + now / 2])[seen].astype(np.float32)
        scores = rng.uniform(0.4, 0.95, len(boxes)).astype(np.float32)
        found.append(Detections(boxes, scores, np.zeros(len(boxes), np.int32)))
    return found


def bare(before: Detections, now: Detections) -> None:
    linear_sum_assignment(iou_matrix(before.boxes, now.boxes), maximize=True)


def took(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return 1e3 * (time.perf_counter() - began)


def compare(frames: list[Detections]) -> tuple[float, float, float]:
    """Milliseconds of an update, the median and 95 % of them are below; median of the bare work."""
    tracker = Tracker(["object"])
    tracker.update(frames[0], 0.0)
    ours, least = [], []
    for number in range(1, len(frames)):
        now, before = frames[number], frames[number - 1]
        ours.append(took(lambda: tracker.update(now, number / RATE)))  # noqa: B023 - called at once
        least.append(took(lambda: bare(before, now)))  # noqa: B023
    warm = len(ours) // 5
    return (
        float(np.median(ours[warm:])),
        float(np.quantile(ours[warm:], 0.95)),
        float(np.median(least[warm:])),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Milliseconds per frame of the tracker, and of the least work."
    )
    parser.add_argument("--frames", type=int, default=300)
    frames = parser.parse_args().frames
    table = Table("boxes", "", "ms", "95 % below", "bare ms", "ratio")
    for moving in (True, False):
        for count in COUNTS:
            ours, most, least = compare(scene(count, frames, moving))
            what = "moving" if moving else "all standing"
            table.add_row(
                str(count), what, f"{ours:.2f}", f"{most:.2f}", f"{least:.2f}", f"{ours / least:.2f}"
            )
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
