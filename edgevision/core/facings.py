"""What stands in a row of a shelf, believed from many looks at it.

To count the boxes of a frame, or to take the median of such counts, is wrong as soon as the network misses
some: of 10 products that are each missed in 3 frames of 10, the median frame shows 7. But products stand
still for minutes. So each place is believed on its own: by the share of the last looks in which something was
seen there. Nothing here goes by identities, which change when a dense row flickers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edgevision.core.assignment import match
from edgevision.core.boxes import cover_matrix, iou_matrix
from edgevision.core.moments import EPSILON
from edgevision.core.types import Floats

THERE = 0.3  # share of looks in which it must be seen to be believed: up to 70 % may be missed
GONE = 0.1  # below this share it is no more: what is seen always falls below it in `hold`
LEAST_LOOKS = 24  # that `hold` is made of: half of them missed by chance one after the other is 1 in 10^5
SAME = 0.25  # IoU: of boxes of one width, moved by 0.6 of it, which is less than to the next product
BEHIND = 0.5  # a place that more than this share of it lies in one believed is behind that, or a box of two
CLEARLY = 1.5  # times the votes of the class believed that another one needs
MOST = 200  # places remembered in a row; a row of the densest pictures of SKU-110K has some 60


@dataclass(slots=True, eq=False)
class Facing:
    """A place in the row where a product is, or may be."""

    box: Floats  # (4,) float32 in 0..1 of the frame, a mean of the last looks
    born: float  # s of sight of the row before it was first seen
    first: float  # s: when it was first seen
    last: float  # s: and last
    seen: float = 0.0  # looks in which it was seen, fading
    looks: float = 0.0  # all looks since it was first seen, fading likewise
    votes: dict[str, float] = field(default_factory=dict)  # by class, fading likewise
    label: str = ""  # the class believed
    believed: bool = False

    @property
    def share(self) -> float:
        """Of the looks in which it was seen, 0..1."""
        return self.seen / self.looks

    def look(self, weight: float) -> None:
        """It was looked for; weight: 0..1, of this look against all before."""
        self.seen *= 1 - weight
        self.looks += weight * (1 - self.looks)
        for label in self.votes:
            self.votes[label] *= 1 - weight

    def see(self, box: Floats, label: str, weight: float, ts: float) -> None:
        """And it was seen."""
        self.seen += weight
        self.votes[label] = self.votes.get(label, 0.0) + weight
        self.box = self.box + np.float32(weight / self.looks) * (box - self.box)
        self.last = ts
        most = max(self.votes, key=self.votes.__getitem__)
        if self.votes[most] > CLEARLY * self.votes.get(self.label, 0.0):
            self.label = most


class Facings:
    """What is believed of one row. Its memory: 200 places, each with the classes seen there."""

    def __init__(self, hold: float) -> None:
        """hold: s of sight after which a change is believed."""
        self.looked = 0.0  # s of sight of the row
        self._hold = hold
        self._places: list[Facing] = []

    def believed(self) -> list[Facing]:
        """From left to right."""
        there = [place for place in self._places if place.believed]
        return sorted(there, key=lambda place: float(place.box[0] + place.box[2]))

    def look(self, boxes: Floats, labels: Sequence[str], ts: float, seconds: float) -> float | None:
        """What was seen at `ts`: boxes (N, 4) in 0..1 of the frame; `seconds` since the frame before.

        Returns when that happened which is believed to have changed now, s; None if nothing is.
        """
        seconds = min(seconds, self._hold / LEAST_LOOKS)
        self.looked += seconds
        weight = 1 - GONE ** (max(seconds, EPSILON) / self._hold)
        for place in self._places:
            place.look(weight)
        old = np.array([place.box for place in self._places], np.float32).reshape(-1, 4)
        overlap = iou_matrix(old, boxes)
        rows, columns = match(np.where(overlap >= SAME, overlap, 0))
        for row, column in zip(rows, columns, strict=True):
            self._places[row].see(boxes[column], labels[column], weight, ts)
        for column in sorted(set(range(len(boxes))) - set(columns.tolist())):
            if len(self._places) < MOST:
                place = Facing(boxes[column].copy(), self.looked, ts, ts)
                place.look(weight)
                place.see(boxes[column], labels[column], weight, ts)
                self._places.append(place)
        return self._believe()

    def doubt(self) -> None:
        """What was believed must be seen again before it is gone by: `looked` begins anew."""
        for place in self._places:
            place.born -= self.looked
        self.looked = 0.0

    def keep(self, ts: float) -> list[dict[str, Any]]:
        """What is believed, as JSON has it."""
        return [
            {
                "box": [round(float(v), 5) for v in place.box],
                "label": place.label,
                "votes": {label: round(vote, 4) for label, vote in place.votes.items()},
                "share": round(place.share, 4),
                "first": round(ts - place.first, 3),
                "last": round(ts - place.last, 3),
            }
            for place in self.believed()
        ]

    def resume(self, kept: Sequence[Mapping[str, Any]], ts: float) -> None:
        self._places = [
            Facing(
                np.array(each["box"], np.float32),
                born=0.0,
                first=ts - each["first"],
                last=ts - each["last"],
                seen=each["share"],
                looks=1.0,
                votes=dict(each["votes"]),
                label=each["label"],
                believed=True,
            )
            for each in kept[:MOST]
        ]

    def _believe(self) -> float | None:
        """Believe what was seen often enough, and no more what was not."""
        gone = [place for place in self._places if place.share < GONE]
        self._places = [place for place in self._places if place.share >= GONE]
        new = [place for place in self._places if self._is_new(place)]
        for place in new:
            place.believed = True
        moments = [place.last for place in gone if place.believed] + [place.first for place in new]
        return max(moments, default=None)

    def _is_new(self, place: Facing) -> bool:
        if place.believed or place.share < THERE or self.looked - place.born < self._hold - EPSILON:
            return False
        there = np.array([each.box for each in self.believed()], np.float32).reshape(-1, 4)
        return float(cover_matrix(place.box[None], there).max(initial=0)) <= BEHIND
