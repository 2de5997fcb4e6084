"""The cases as our analytics see them: what has an id is a Track, and remembered for a while when unseen.

What a tracker has not confirmed is no Track; but once it is confirmed, its trail has where it was before.
"""

from collections.abc import Iterator

import numpy as np

from edgevision.analytics.line import IN, OUT, Config, LineCounter
from edgevision.core import Detections, Size, Track, Tracker
from tests.analytics.line_cases import FPS, LEVEL, SIDE, UNCONFIRMED, Box, Case, Frames

KEEP = 2.0  # s, as our tracker does
PICTURE = Size(SIDE, SIDE)


def counter(case: Case, anchor: str) -> LineCounter:
    start, end = case.line
    ends = {"from": (start / SIDE, LEVEL / SIDE), "to": (end / SIDE, LEVEL / SIDE)}
    return LineCounter(Config.model_validate({**ends, "anchor": anchor}))


def with_their_ids(case: Case, anchor: str = "center") -> tuple[int, int]:
    """What our line counts, up and down, given the ids of the case."""
    line = counter(case, anchor)
    for ts, tracks in as_tracks(case.frames):
        line.update(tracks, ts, PICTURE)
    return line.counts[OUT], line.counts[IN]


def with_our_tracker(case: Case, anchor: str = "center") -> tuple[int, int]:
    """What our line counts, up and down, given the boxes alone."""
    line, tracker = counter(case, anchor), Tracker(["car"])
    for index, boxes in enumerate([*case.frames, *_after()]):
        ts = index / FPS
        corners = np.array([_corners(box) for box in boxes], np.float32).reshape(-1, 4)
        count = len(boxes)
        seen = Detections(corners, np.full(count, 0.9, np.float32), np.zeros(count, np.int32))
        line.update(tracker.update(seen, ts), ts, PICTURE)
    return line.counts[OUT], line.counts[IN]


def as_tracks(frames: Frames) -> Iterator[tuple[float, list[Track]]]:
    """Each moment's tracks; then the time it takes to forget them."""
    known: dict[int, tuple[float, Box]] = {}  # id -> when last seen, and where
    born: dict[int, float] = {}
    unconfirmed: list[tuple[float, Box]] = []  # what was seen of the object that has no id yet
    for index, boxes in enumerate([*frames, *_after()]):
        ts = index / FPS
        tracks = []
        for box in boxes:
            if box.id == UNCONFIRMED:
                unconfirmed.append((ts, box))
                continue
            before = unconfirmed if box.id not in born else []
            born.setdefault(box.id, before[0][0] if before else ts)
            known[box.id] = (ts, box)
            tracks.append(_track(box, [each for _, each in before], ts - born[box.id], 0.0))
        known = {id: (seen, box) for id, (seen, box) in known.items() if ts - seen <= KEEP}
        tracks += [_track(box, [], ts - born[box.id], ts - seen) for seen, box in known.values() if seen < ts]
        yield ts, tracks


def _after() -> Frames:
    return [[] for _ in range(int(3 * FPS))]


def _corners(box: Box) -> tuple[float, float, float, float]:
    half = box.size / 2
    return box.x - half, box.y - half, box.x + half, box.y + half


def _track(box: Box, before: list[Box], age: float, missed: float) -> Track:
    trail = np.array([(each.x, each.y + each.size / 2) for each in [*before, box]], np.float32)
    return Track(box.id, np.array(_corners(box), np.float32), 0, "car", 0.9, age, missed, trail)
