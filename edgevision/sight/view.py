"""The view that a camera has had: which edges are always there. Moving things leave no trace in it.

It is the mean of the edges' directions over some minutes, so where something moves the directions cancel
out. It follows the sun and the dusk. Pictures that are not trusted are not learnt from.
"""

import numpy as np

from edgevision.core.types import Floats
from edgevision.sight.displaced import Pose, best_pose
from edgevision.sight.glance import Glance, blocks

LEARN = 20  # pictures until the view is known: 10 s at two a second
FOLLOW = 300.0  # s: in which the view is followed by 63 %
STEADY = 0.25  # length of a mean direction that is one: less is chance
ENOUGH = 0.017  # mean squared length in a block: one short edge; less tells no place
USABLE = 4  # blocks without which nothing is said: asphalt alone looks the same anywhere
AGREES = 0.4  # correlation of a block with what is known of it; what covers it shows 0.0 +- 0.15
FAINT = 0.1  # of the usual strength: below, agreement is that of noise


class View:
    """What is known of one camera's view, in pictures of one size. Bounded: 6 floats for each of 160 x 90."""

    def __init__(self, first: Glance) -> None:
        self._seen = 0  # pictures learnt from
        self._directions = np.zeros_like(first.directions)
        self._strength = np.zeros_like(first.strength)
        self._sharpness = 0.0
        self._agreement = 0.0
        self._settle()

    def fits(self, now: Glance) -> bool:
        """Whether the picture has the size that this is about."""
        return self._directions.shape == now.directions.shape

    def known(self) -> bool:
        """Whether there is anything to compare a picture with."""
        return self._seen >= LEARN and int(self.usable.sum()) >= USABLE

    def learn(self, now: Glance, seconds: float) -> None:
        """Follow a trusted picture that comes `seconds` after the one before."""
        share = min(1.0, seconds / FOLLOW) if self._seen >= LEARN else 1 / (self._seen + 1)
        self._directions += np.float32(share) * (now.directions - self._directions)
        self._strength += np.float32(share) * (now.strength - self._strength)
        self._sharpness += share * (now.sharpness - self._sharpness)
        self._settle()
        self._seen += 1
        if self.known():
            agreement = self.agreement(self.agreements(now))
            self._agreement += (share if self._agreement else 1.0) * (agreement - self._agreement)

    def agreements(self, now: Glance) -> Floats:
        """Of each block, -1..1: the correlation of directions where the view has steady ones."""
        dot = blocks(_dot(now.directions, self._steady))
        power = blocks(_dot(now.directions, now.directions) * self._mask) * self._weight
        agreements: Floats = dot / np.sqrt(np.maximum(power, 1e-9))
        return agreements

    def in_place(self, now: Glance, agreements: Floats) -> np.ndarray:
        """(ROWS, COLUMNS) bool: usable blocks that look as they should."""
        found: np.ndarray = (agreements > AGREES) & (now.strength > FAINT * self._strength) & self.usable
        return found

    def agreement(self, agreements: Floats) -> float:
        """-1..1: mean of the blocks."""
        return float(agreements[self.usable].mean())

    def strength(self, now: Glance, where: np.ndarray) -> float:
        """Of edges in the blocks `where`, as a share of what is usual there."""
        return float(now.strength[where].sum() / max(self._strength[where].sum(), 1e-6))

    def sharpness(self, now: Glance) -> float:
        """As a share of what is usual."""
        return now.sharpness / max(self._sharpness, 1e-6)

    def usual(self, agreement: float) -> float:
        """An agreement as a share of what is usual."""
        return agreement / max(self._agreement, 1e-6)

    def search(self, now: Glance) -> Pose:
        """Where the view has gone; takes 20 ms."""
        return best_pose(now.directions, self._steady, self.usable)

    def _settle(self) -> None:
        power = _dot(self._directions, self._directions)
        self._mask = (power > STEADY**2).astype(np.float32)
        self._steady = self._directions * self._mask
        self._weight = blocks(power * self._mask)
        self.usable: np.ndarray = self._weight > ENOUGH


def _dot(one: Floats, other: Floats) -> Floats:
    """(h, w) of (2, h, w) each."""
    dot: Floats = one[0] * other[0] + one[1] * other[1]
    return dot
