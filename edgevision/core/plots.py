"""Marked places on the ground, such as parking spots, against the boxes of what may stand in them.

What counts is the ground that an object stands on, not the centre of its box: seen from a pole, the centre of
a van lies over the place behind its own. How much of a box is ground depends on how steeply it is seen: all
of it from above, a third of it 10 degrees below the horizon (a car of 4.5 x 1.5 m: 4.5 sin to 1.5 cos). The
place measures that by itself. What is parked in it covers about as much ground as the place is large, so the
ground under a box, if it stands there, is its lowest part, as high as the place is in the picture. And as it
is parked along the place, that ground has the place's shape, stretched to the box's width: of a row of places
seen at an angle, each a slanting stripe, a box round one car overlaps three, its stretched stripe only one.

Places are cut into ROWS level strips, each from its leftmost to its rightmost point: exact in x, and to
1 / ROWS in y; what is drawn hollow counts as filled. All in pixels, x to the right, y down.
"""

from collections.abc import Sequence

import numpy as np

from edgevision.core.types import Floats

ROWS = 12
# Of a place's width: how high what stands in it rises above it. Cars of 1.5 m make it 0.6 in places of 2.5 m
# beside each other, 0.3 in those of 5 m behind one another, and less the steeper they are seen.
TALL = 0.4


class Plots:
    """S places, cut into strips once."""

    def __init__(self, polygons: Sequence[Floats]) -> None:
        """polygons: S of (K, 2) px, K >= 3."""
        self._low = np.array([polygon.min(axis=0) for polygon in polygons], np.float32)
        high = np.array([polygon.max(axis=0) for polygon in polygons], np.float32)
        self._size = np.maximum(high - self._low, np.float32(1e-3))
        levels = (np.arange(ROWS, dtype=np.float32) + 0.5) / ROWS
        edges = [
            _edges((polygon - low) / size, levels)
            for polygon, low, size in zip(polygons, self._low, self._size, strict=True)
        ]
        self._left, self._right = np.array(edges, np.float32).transpose(
            1, 0, 2
        )  # (S, ROWS), 0..1 of the width
        self._levels = self._low[:, 1:] + levels * self._size[:, 1:]  # (S, ROWS) px
        self._tall = self._size[:, 1] + TALL * self._size[:, 0]  # (S,) px, of a box of it
        self._filled = (self._right - self._left).mean(axis=1)  # (S,) share of the box round it
        self._area = self._filled * self._size.prod(axis=1)

    def __len__(self) -> int:
        return len(self._low)

    @property
    def middle(self) -> Floats:
        """(S,) px: how far down the middle of each place is."""
        middle: Floats = self._low[:, 1] + self._size[:, 1] / 2
        return middle

    def shares(self, boxes: Floats) -> tuple[Floats, Floats]:
        """How much of each place the ground under each box (N, 4) px takes: two (S, N), 0..1.

        First, of the smaller of the two, so a motorcycle that stands wholly in a place takes all of it. A box
        that ends where a nearer one hides it is taken to go on behind that, as high as it would be there.
        Second, how much of that ground is in the place: little of a truck's that stands in front of it.
        """
        shares = np.zeros((len(self), len(boxes)), np.float32)
        inside = np.zeros_like(shares)
        place, box = self._near(boxes)
        if not len(place):
            return shares, inside
        x1, y1, x2, y2 = boxes[box].T
        y2 = np.maximum(y2, np.minimum(_hidden_down_to(boxes)[box], y1 + self._tall[place]))
        width, height = x2 - x1, np.minimum(y2 - y1, self._size[place, 1])
        at = (self._levels[place] - (y2 - height)[:, None]) / np.maximum(height, np.float32(1e-3))[:, None]
        strip = np.clip((at * ROWS).astype(np.intp), 0, ROWS - 1)
        left = x1[:, None] + self._left[place[:, None], strip] * width[:, None]
        right = x1[:, None] + self._right[place[:, None], strip] * width[:, None]
        shared = self._shared(place, left, right, (at >= 0) & (at < 1))
        ground = np.maximum(self._filled[place] * width * height, np.float32(1e-3))
        inside[place, box] = shared / ground
        shares[place, box] = shared / np.minimum(self._area[place], ground)
        return np.minimum(shares, 1), np.minimum(inside, 1)

    def covered(self, boxes: Floats, wanted: np.ndarray) -> Floats:
        """Which share of what would stand in each place lies behind each box (N, 4) px: (S, N), 0..1.

        Of the place itself and of the place lifted by its height, each half. 0 for places not `wanted` (S,).
        """
        shares = np.zeros((len(self), len(boxes)), np.float32)
        place, box = self._near(boxes)
        place, box = place[wanted[place]], box[wanted[place]]
        if not len(place):
            return shares
        lifted = self._levels[place] - (self._tall - self._size[:, 1])[place, None]
        behind = [
            (at >= boxes[box, 1, None]) & (at < boxes[box, 3, None]) for at in (self._levels[place], lifted)
        ]
        shared = self._shared(place, boxes[box, 0, None], boxes[box, 2, None], np.mean(behind, axis=0))
        shares[place, box] = shared / self._area[place]
        return np.minimum(shares, 1)

    def common(self) -> Floats:
        """Which share of each place lies in each other one: (S, S), 0..1; of itself, all."""
        low, high = self._low, self._low + self._size
        place, other = np.nonzero(((low[:, None] < high) & (high[:, None] > low)).all(axis=2))
        at = (self._levels[place] - low[other, 1, None]) / self._size[other, 1, None]
        strip = np.clip((at * ROWS).astype(np.intp), 0, ROWS - 1)
        left = low[other, :1] + self._left[other[:, None], strip] * self._size[other, :1]
        right = low[other, :1] + self._right[other[:, None], strip] * self._size[other, :1]
        common = np.zeros((len(self), len(self)), np.float32)
        common[place, other] = self._shared(place, left, right, (at >= 0) & (at < 1)) / self._area[place]
        return common

    def _near(self, boxes: Floats) -> tuple[np.ndarray, np.ndarray]:
        """The pairs of places and boxes that may overlap: two (P,) of indices."""
        low, high = (
            self._low + self._size - np.stack([self._size[:, 0], self._tall], axis=1),
            self._low + self._size,
        )
        near = (boxes[:, 0] < high[:, 0, None]) & (boxes[:, 2] > low[:, 0, None])
        near &= (boxes[:, 1] < high[:, 1, None]) & (boxes[:, 3] > low[:, 1, None])
        place, box = np.nonzero(near)
        return place, box

    def _shared(self, place: np.ndarray, left: Floats, right: Floats, inside: np.ndarray) -> Floats:
        """(P,) px^2 that the strips of `place` (P,) share with others from left to right (P, ROWS) px."""
        start = self._low[place, :1] + self._left[place] * self._size[place, :1]
        end = self._low[place, :1] + self._right[place] * self._size[place, :1]
        common = np.maximum(np.minimum(end, right) - np.maximum(start, left), 0) * inside
        shared: Floats = common.mean(axis=1) * self._size[place, 1]
        return shared


def _edges(polygon: Floats, levels: Floats) -> tuple[Floats, Floats]:
    """Where a polygon (K, 2) begins and ends at each level (ROWS,) of y: two (ROWS,) of x."""
    x1, y1 = polygon.T
    x2, y2 = np.roll(polygon, -1, axis=0).T
    spans = (y1 > levels[:, None]) != (y2 > levels[:, None])
    slope = np.divide(x2 - x1, y2 - y1, out=np.zeros_like(x1), where=y1 != y2)
    x = x1 + (levels[:, None] - y1) * slope
    left: Floats = np.where(spans, x, np.inf).min(axis=1)
    right: Floats = np.where(spans, x, -np.inf).max(axis=1)
    return left, right


def _hidden_down_to(boxes: Floats) -> Floats:
    """How far down (N,) px boxes (N, 4) may go on behind nearer ones: those that reach farther down, and hold
    the middle of their lower side. Their own end, where there is none."""
    x, bottom = ((boxes[:, 0] + boxes[:, 2]) / 2)[:, None], boxes[:, 3, None]
    behind = (boxes[:, 0] <= x) & (boxes[:, 2] >= x) & (boxes[:, 1] < bottom) & (boxes[:, 3] > bottom)
    down: Floats = np.where(behind, boxes[:, 3], bottom).max(axis=1)
    return down
