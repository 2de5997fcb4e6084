"""The car park of lot.py through a detector that errs, our tracker and our spots; and a plain rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edgevision.analytics.spots import OCCUPIED, Config, Spots
from edgevision.core import Detections, Size, Tracker
from edgevision.core.geometry import inside_polygon
from tests.analytics.lot import CAR, LABELS, SIZE, Lot

MISS_FOR = 0.4  # s that a vehicle is missed for, on average
JITTER, JITTER_SIDE = (
    0.05,
    0.06,
)  # of sqrt(w h): deviations of a box's centre and sides, as of MOT15's detectors
GHOST_EVERY, GHOST_FOR = 20.0, 0.4  # s between boxes in spots where there is nothing, and how long each stays

Numbers = NDArray[np.float64]
Whole = NDArray[np.int_]
Sights = list[tuple[float, tuple[Numbers, Whole, Numbers, Whole]]]


def sights(lot: Lot, fps: float) -> Sights:
    """What a perfect detector has of each frame."""
    return [(i / fps, lot.seen(i / fps)) for i in range(int(lot.seconds * fps))]


class Detector:
    """Misses a share `miss` of all boxes, some frames on end; what it sees is not quite where it sees it."""

    def __init__(self, lot: Lot, miss: float, seed: int) -> None:
        self.rng = np.random.default_rng((seed, int(miss * 100)))
        self.miss = miss
        self.missed: dict[int, bool] = {}
        self.last = 0.0
        self.ghost, self.ghost_until, self.next_ghost = np.zeros(4), 0.0, GHOST_EVERY
        self.places = [np.concatenate([p.min(axis=0), p.max(axis=0)]) for p in lot.polygons.values()]

    def detect(self, ts: float, picture: tuple[Numbers, Whole, Numbers, Whole]) -> Detections:
        boxes, numbers, shares, kinds = picture
        again = 1 - np.exp(-(ts - self.last) / (MISS_FOR * (1 - self.miss)))  # of whether it is drawn anew
        self.last = ts
        kept = []
        for row, number in enumerate(numbers.tolist()):
            if number not in self.missed or self.rng.random() < again:
                self.missed[number] = self.rng.random() < self.miss
            if not self.missed[number]:
                kept.append(row)
        found = [self._shaken(boxes[row]) for row in kept]
        scores = [self.rng.uniform(0.5, 0.95) * (1 if shares[row] > 0.6 else 0.7) for row in kept]
        classes = [int(kinds[row]) for row in kept]
        if ts >= self.next_ghost:
            self.ghost = self.places[self.rng.integers(len(self.places))]
            self.ghost_until, self.next_ghost = ts + GHOST_FOR, ts + GHOST_EVERY
        if ts < self.ghost_until:
            found.append(self._shaken(self.ghost))
            scores.append(0.5)
            classes.append(CAR)
        return Detections(
            np.array(found, np.float32).reshape(-1, 4),
            np.array(scores, np.float32),
            np.array(classes, np.int32),
        )

    def _shaken(self, box: Numbers) -> Numbers:
        scale = np.sqrt(np.prod(box[2:] - box[:2]))
        center = self.rng.normal(0, JITTER * scale, 2)
        side = self.rng.normal(0, JITTER_SIDE * scale, 2) / 2
        shaken: Numbers = np.clip(box + np.concatenate([center - side, center + side]), 0, SIZE * 2)
        return shaken


@dataclass
class Score:
    """How one rule did, over all spots."""

    wrong: float = 0.0  # spot seconds in another state than true
    total: float = 0.0  # spot seconds
    stays: int = 0  # true ones
    over: int = 0  # counted that were none
    under: int = 0
    flips: int = 0  # changes of state beyond the true ones

    def add(self, other: Score) -> None:
        for name in ("wrong", "total", "stays", "over", "under", "flips"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def row(self) -> list[str]:
        error = f"{self.over + self.under} (+{self.over} -{self.under})"
        return [f"{self.wrong / self.total:.2%}", error, f"{self.flips / (self.total / 3600):.2f}"]


def score(
    lot: Lot, states: dict[str, list[bool | None]], times: list[float], counted: dict[str, int]
) -> Score:
    """states: of each spot at each time, None where unknown; counted: the stays of each."""
    step = times[1] - times[0]
    result = Score()
    for spot, said in states.items():
        true: list[bool | None] = [lot.taken(spot, t) for t in times]
        result.total += step * len(times)
        result.wrong += step * sum(a is not b for a, b in zip(said, true, strict=True))
        stays = sum(stay.spot == spot for stay in lot.stays)
        result.stays += stays
        result.over += max(0, counted[spot] - stays)
        result.under += max(0, stays - counted[spot])
        known = [each for each in said if each is not None]
        result.flips += max(0, _changes(known) - _changes(true))
    return result


def _changes(states: Sequence[bool | None]) -> int:
    return sum(a != b for a, b in pairwise(states))


def run_both(lot: Lot, seen: Sights, miss: float, seed: int, **settings: object) -> tuple[Score, Score]:
    """Our score, and that of the rule that a spot is taken while a box's centre lies in it."""
    detector, tracker = Detector(lot, miss, seed), Tracker(LABELS)
    places = {name: (polygon / SIZE).tolist() for name, polygon in lot.polygons.items()}
    spots = Spots(Config.model_validate({"places": places, **settings}))
    polygons = {name: polygon.astype(np.float32) for name, polygon in lot.polygons.items()}
    bounds = np.array([(p.min(axis=0), p.max(axis=0)) for p in polygons.values()])
    ours: dict[str, list[bool | None]] = defaultdict(list)
    rule: dict[str, list[bool | None]] = defaultdict(list)
    counted, arrivals = dict.fromkeys(places, 0), dict.fromkeys(places, 0)
    for ts, picture in seen:
        found = detector.detect(ts, picture)
        for finding in spots.update(tracker.update(found, ts), ts, Size(*SIZE)):
            counted[finding.name or ""] += finding.kind == OCCUPIED
        centers = (found.boxes[:, :2] + found.boxes[:, 2:]) / 2
        low, high = centers[:, None] > bounds[:, 0], centers[:, None] < bounds[:, 1]
        near = dict(zip(polygons, np.any((low & high).all(axis=2), axis=0), strict=True))
        for name, state in spots.states().items():
            ours[name].append({"occupied": True, "free": False}.get(state.state))
            taken = bool(near[name]) and bool(inside_polygon(polygons[name], centers).any())
            arrivals[name] += taken and not (rule[name] and rule[name][-1])
            rule[name].append(taken)
    times = [ts for ts, _ in seen]
    return score(lot, ours, times, counted), score(lot, rule, times, arrivals)
