"""Places where vehicles stood: stays whose boxes are the same, whatever stood there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from edgevision.core.boxes import bottom_centers, iou_matrix
from edgevision.core.types import Floats

SAME_IOU = 0.5
SAME_FOOT = 0.25  # of the mean width and height: bottom centres that near are one place, as of car and lorry
ALIKE = 1.6  # and the widths and heights differ by no more than this factor
STILL = 0.12  # of its width and height by which a resting object's box may move: detectors tremble by 0.05
RESUMED = 30.0  # s: what is back so soon in the very same box was hidden, and not away
MOST_PLACES = 1000  # the one with the least time goes first
MOST_STAYS = 64  # of a place; the shortest goes first


class Stay(NamedTuple):
    """One object at rest."""

    begin: float  # s
    end: float  # s
    box: Floats  # (4,) px, its mean

    @property
    def seconds(self) -> float:
        return self.end - self.begin


@dataclass(slots=True)
class Place:
    """One place, and who stood there."""

    box: Floats  # (4,) px: median of its stays by their time
    stays: list[Stay]

    @property
    def seconds(self) -> float:
        return sum(stay.seconds for stay in self.stays)

    @property
    def longest(self) -> float:
        return max(stay.seconds for stay in self.stays)


class Places:
    """All places of a picture: at most MOST_PLACES of MOST_STAYS each, some 20 MB."""

    def __init__(self) -> None:
        self.found: list[Place] = []

    def add(self, stay: Stay) -> None:
        best = self._same(stay.box)
        if best is None:
            self.found.append(Place(stay.box, [stay]))
        else:
            _join(self.found[best], [stay])
        if len(self.found) > MOST_PLACES:
            self.found.remove(min(self.found, key=lambda place: place.seconds))

    def merged(self) -> list[Place]:
        """The places, those with most time first; what has become the same since it was first seen is one."""
        kept = Places()
        for place in sorted(self.found, key=lambda place: -place.seconds):
            best = kept._same(place.box)
            if best is None:
                kept.found.append(Place(place.box, list(place.stays)))
            else:
                _join(kept.found[best], place.stays)
        return kept.found

    def _same(self, box: Floats) -> int | None:
        """Which place a box (4,) is at, if it is at one."""
        if not self.found:
            return None
        boxes = np.stack([place.box for place in self.found])
        nearness = iou_matrix(box[None], boxes)[0]
        size, sizes = box[2:] - box[:2], boxes[:, 2:] - boxes[:, :2]
        step = (bottom_centers(boxes) - bottom_centers(box[None])) / ((size + sizes) / 2)
        alike = (np.abs(np.log(sizes / size)) <= np.log(ALIKE)).all(axis=1)
        same = (nearness >= SAME_IOU) | ((np.hypot(*step.T) <= SAME_FOOT) & alike)
        return int(np.argmax(np.where(same, 1 + nearness, 0))) if same.any() else None


def _join(place: Place, stays: Sequence[Stay]) -> None:
    """Take in stays, and those of an object that was hidden for a while as one."""
    joined: list[Stay] = []
    for stay in sorted([*place.stays, *stays], key=lambda stay: stay.begin):
        if joined and _resumes(joined[-1], stay):
            joined[-1] = _longer(joined[-1], stay)
        else:
            joined.append(stay)
    joined.sort(key=lambda stay: -stay.seconds)
    place.stays = joined[:MOST_STAYS]
    place.box = _median(place.stays)


def _resumes(before: Stay, after: Stay) -> bool:
    """Whether it may be the same object. One at a barrier is soon followed by another in nearly the same box,
    but stood there for less than the time between the two."""
    gap = after.begin - before.end
    return gap <= min(RESUMED, before.seconds + after.seconds) and shift(before.box, after.box) <= STILL


def shift(a: Floats, b: Floats) -> float:
    """How far two boxes (4,) are apart, by the side that moved most, as a share of the first one's size."""
    size = np.maximum(a[2:] - a[:2], 1)
    return float(np.abs((b - a) / np.tile(size, 2)).max())


def _longer(a: Stay, b: Stay) -> Stay:
    weight = b.seconds / max(a.seconds + b.seconds, 1e-9)
    return Stay(a.begin, max(a.end, b.end), a.box + (b.box - a.box) * weight)


def _median(stays: Sequence[Stay]) -> Floats:
    """(4,) px: each side's weighted median, so that one lorry does not make a place larger."""
    boxes = np.stack([stay.box for stay in stays])
    weights = np.array([stay.seconds for stay in stays])
    order = np.argsort(boxes, axis=0, kind="stable")
    reached = np.cumsum(weights[order], axis=0) >= weights.sum() / 2
    rows = np.take_along_axis(order, reached.argmax(axis=0)[None], axis=0)
    box: Floats = np.take_along_axis(boxes, rows, axis=0)[0]
    return box
