"""What stands in a row of a shelf, believed from many looks at it.

To count the boxes of a frame, or to take the median of such counts, is wrong as soon as the network misses
some: of 10 products that are each missed in 3 frames of 10, the median frame shows 7. But products stand
still for minutes. So each place is believed on its own, by how likely it is that a product there was seen,
and not seen, as often as it was. Nothing here goes by identities, which change when a dense row flickers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edgevision.core.assignment import match, pairs_of
from edgevision.core.boxes import cover_matrix, iou_matrix
from edgevision.core.moments import EPSILON
from edgevision.core.types import Floats

GHOST = 0.05  # share of looks in which something may be seen where nothing is
SELDOM = 0.3  # share in which a new product is seen at least; if less, it takes longer to be believed
RATES = (0.2, 0.95)  # of a product that is believed: the bounds of what is learned of it
SURE = float(
    np.log(1e6)
)  # evidence that is believed: by chance once in a million looks, if each is by itself
MEMORY = 100  # looks over which that share, and the class, are learned
FOLLOW = 0.2  # weight of a new box in the mean of those before
LONGEST = 2.0  # s that one look stands for; in a longer pause nothing was seen of the row
SAME = 0.25  # IoU: of boxes of one width, moved by 0.6 of it, which is less than to the next product
BEHIND = 0.5  # a place with more than this share of it in others is behind them, or a box round them
CLEARLY = 1.5  # times the votes of the class believed that another one needs
MOST = 200  # places remembered in a row; a picture of SKU-110K has some 150 products in all its rows


@dataclass(slots=True, eq=False)
class Facing:
    """A place in the row where a product is, or may be."""

    box: Floats  # (4,) float32 in 0..1 of the frame, a mean of the last looks
    since: float  # s of sight: when it was last sure that it is as believed; of a new one, when it was found
    first: float  # s: when it was first seen
    last: float  # s: and last
    seen: float = 0.0  # looks in which it was seen, fading
    looks: float = 0.0  # all looks, fading likewise
    votes: dict[str, float] = field(default_factory=dict)  # by class, fading likewise
    label: str = ""  # the class believed
    believed: bool = False
    evidence: float = 0.0  # against what is believed: log of a ratio of likelihoods

    def look(self, seen: bool) -> None:
        """It was looked for. A test by sums (Wald, 1945; for a change, Page, Biometrika 41:100, 1954)."""
        rate = min(max(self.seen / self.looks, RATES[0]), RATES[1]) if self.believed else SELDOM
        for_it = float(np.log(rate / GHOST if seen else (1 - rate) / (1 - GHOST)))
        self.evidence = min(self.evidence + (-for_it if self.believed else for_it), SURE)
        fade = 1 - 1 / MEMORY
        self.seen = self.seen * fade + seen
        self.looks = self.looks * fade + 1
        self.votes = {label: vote * fade for label, vote in self.votes.items()}

    def see(self, box: Floats, label: str, ts: float) -> None:
        """And it was seen."""
        self.box = self.box + np.float32(FOLLOW) * (box - self.box)
        self.last = ts
        self.votes[label] = self.votes.get(label, 0.0) + 1
        most = max(self.votes, key=self.votes.__getitem__)
        if self.votes[most] > CLEARLY * self.votes.get(self.label, 0.0):
            self.label = most


class Facings:
    """What is believed of one row. Its memory: 200 places, each with the classes seen there."""

    def __init__(self, hold: float) -> None:
        """hold: s of sight after which a change is believed, or later if it is not sure by then."""
        self.looked = 0.0  # s of sight of the row
        self.looks = 0  # and looks at it
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
        self.looked += min(seconds, LONGEST)
        self.looks += 1
        old = np.array([place.box for place in self._places], np.float32).reshape(-1, 4)
        overlap = iou_matrix(old, boxes)
        rows, columns = (each.tolist() for each in match(pairs_of(np.where(overlap >= SAME, overlap, 0))))
        hits = dict(zip(rows, columns, strict=True))
        for row, place in enumerate(self._places):
            place.look(row in hits)
            if row in hits:
                place.see(boxes[hits[row]], labels[hits[row]], ts)
        for column in sorted(set(range(len(boxes))) - set(columns)):
            if len(self._places) < MOST:
                place = Facing(boxes[column], self.looked, ts, ts)
                place.look(True)
                place.see(boxes[column], labels[column], ts)
                self._places.append(place)
        return self._believe()

    def doubt(self) -> None:
        """What was believed must be seen again before it is gone by: `looked` and `looks` begin anew."""
        for place in self._places:
            place.since -= self.looked
        self.looked, self.looks = 0.0, 0

    def keep(self, ts: float) -> list[dict[str, Any]]:
        """What is believed, as JSON has it."""
        return [
            {
                "box": [round(float(v), 5) for v in place.box],
                "label": place.label,
                "rate": round(place.seen / place.looks, 3),
                "first": round(ts - place.first, 3),
                "last": round(ts - place.last, 3),
            }
            for place in self.believed()
        ]

    def resume(self, kept: Sequence[Mapping[str, Any]], ts: float) -> None:
        self._places = [
            Facing(
                np.array(each["box"], np.float32),
                since=0.0,
                first=ts - each["first"],
                last=ts - each["last"],
                seen=each["rate"] * MEMORY,
                looks=MEMORY,
                votes={each["label"]: each["rate"] * MEMORY},
                label=each["label"],
                believed=True,
            )
            for each in kept[:MOST]
        ]

    def _believe(self) -> float | None:
        """Believe what is sure by now, and has lasted."""
        self._places = [place for place in self._places if place.believed or place.evidence > 0]
        for place in self._places:
            if place.evidence <= 0:
                place.evidence, place.since = 0.0, self.looked
        sure = [place for place in self._places if self._is_sure(place)]
        gone = [place for place in sure if place.believed]
        self._places = [place for place in self._places if place not in gone]
        new = [place for place in sure if not place.believed and self._is_free(place)]
        for place in new:
            place.believed, place.evidence, place.since = True, 0.0, self.looked
        return max([*(place.last for place in gone), *(place.first for place in new)], default=None)

    def _is_sure(self, place: Facing) -> bool:
        return place.evidence >= SURE and self.looked - place.since >= self._hold - EPSILON

    def _is_free(self, place: Facing) -> bool:
        """Whether it is not behind others that are believed, nor round them."""
        there = np.array([each.box for each in self.believed()], np.float32).reshape(-1, 4)
        return float(cover_matrix(place.box[None], there).sum()) <= BEHIND
