"""A street from the side: boxes that a network would see of things that stand, drive and hide one another."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from edgevision.core import Detections, Track, Tracker

Way = Callable[[float], float | None]  # seconds -> x of the middle, px; None: not there
Box = tuple[float, float, float, float]

CAR, TRUCK = (120.0, 70.0), (420.0, 180.0)
LABELS = ["car", "truck"]
LEAST = 0.3  # of its width must show of a thing to be seen
JITTER = 0.03  # of its scale, of each side
WIDTH = 1280.0


@dataclass(frozen=True, slots=True)
class Thing:
    name: str
    way: Way
    size: tuple[float, float] = CAR
    depth: int = 0  # the larger, the nearer
    class_id: int = 0

    def box(self, ts: float) -> Box | None:
        x = self.way(ts)
        if x is None:
            return None
        width, height = self.size
        return max(x - width / 2, 0), 400 - height / 2, min(x + width / 2, WIDTH), 400 + height / 2


def stands(x: float) -> Way:
    return lambda ts: x


def drives(start: float, speed: float) -> Way:
    """From the left border at `start` s on."""
    return lambda ts: speed * (ts - start) - 60 if 0 <= ts - start < (WIDTH + 120) / speed else None


def stops(start: float, x: float, seconds: float) -> Way:
    """Comes from the left and stops at `x` for so long, then goes on."""

    def way(ts: float) -> float | None:
        arrives = start + (x + 300) / 400
        at = x - 400 * max(arrives - ts, 0) + 400 * max(ts - arrives - seconds, 0)
        return at if -300 < at < WIDTH + 300 else None

    return way


def visible(things: list[Thing], ts: float) -> list[tuple[Thing, Box]]:
    """What shows of each: the larger part beside what is nearer."""
    boxes = [(thing, box) for thing in things if (box := thing.box(ts))]
    found = []
    for thing, box in boxes:
        x1, x2 = box[0], box[2]
        for other, (left, _, right, _) in boxes:
            if other.depth > thing.depth and left < x2 and right > x1:
                x1, x2 = max((x1, left), (right, x2), key=lambda side: side[1] - side[0])
        if x2 - x1 >= LEAST * (box[2] - box[0]) and x2 - x1 >= 10:
            found.append((thing, (x1, box[1], x2, box[3])))
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """What a tracker made of it."""

    sightings: list[tuple[float, str, float, int]]  # s, name, x of its middle, id of the track on it
    reports: list[tuple[float, list[Track]]]

    def ids(self, name: str, after: float = 0.0) -> set[int]:
        return {id for ts, who, _, id in self.sightings if who == name and ts >= after}


def watch(
    things: list[Thing],
    seconds: float,
    tracker: Tracker,
    *,
    fps: float = 10,
    missed: float = 0.0,
    blind: Callable[[float], bool] = lambda ts: False,
) -> Record:
    """`missed`: share of the boxes that the network does not see; none while it is `blind`."""
    rng = np.random.default_rng(0)
    record = Record([], [])
    for ts in np.arange(0, seconds, 1 / fps).tolist():
        seen = [each for each in visible(things, ts) if rng.random() >= missed and not blind(ts)]
        boxes = np.array([box for _, box in seen], np.float32).reshape(-1, 4)
        scale = np.sqrt((boxes[:, 2:] - boxes[:, :2]).prod(axis=1))[:, None]
        boxes += (JITTER * scale * rng.normal(size=boxes.shape)).astype(np.float32)
        classes = np.array([thing.class_id for thing, _ in seen], np.int32)
        tracks = tracker.update(Detections(boxes, np.full(len(seen), 0.8, np.float32), classes), ts)
        record.reports.append((ts, tracks))
        for (thing, _), box in zip(seen, boxes, strict=True):
            x, width = (box[0] + box[2]) / 2, box[2] - box[0]
            near = [
                (abs((track.box[0] + track.box[2]) / 2 - x), track.id)
                for track in tracks
                if track.missed == 0 and track.class_id == thing.class_id
            ]
            away, id = min(near, default=(np.inf, 0))
            if away < width / 2:
                record.sightings.append((ts, thing.name, thing.way(ts) or 0.0, id))
    return record
