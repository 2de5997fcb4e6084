"""Which objects stand still. One does while the centre of its box stays within a quarter of its own size:
boxes of a parked car jitter by .05 of it, a car that parks at walking pace moves by .3 to .5 in a second.
"""

import numpy as np

from edgevision.core.types import Floats

STILL = 0.25  # scales, sqrt(w h): farther from where it came to stand, it has moved


class Standing:
    """Since when each object stands where it is. Knows the objects of the last update, and no others."""

    def __init__(self) -> None:
        self._ids = np.zeros(0, np.int64)
        self._place = np.zeros((0, 2), np.float32)
        self._since = np.zeros(0)
        self._moved = np.zeros(0, bool)

    def update(
        self, ids: np.ndarray, boxes: Floats, seen: np.ndarray, ts: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Since when (N,) s each object stands; of one that is new, or has moved, that is `ts`. And which
        (N,) have ever moved.

        ids (N,) int, each once; boxes (N, 4) px; seen (N,) bool: others are where they were.
        """
        center = (boxes[:, :2] + boxes[:, 2:]) / 2
        place: Floats = center.copy()
        since, moved = np.full(len(ids), ts), np.zeros(len(ids), bool)
        if len(self._ids) and len(ids):
            row = np.minimum(np.searchsorted(self._ids, ids), len(self._ids) - 1)
            known = self._ids[row] == ids
            way = np.hypot(*(center - self._place[row]).T)
            scale = np.sqrt(np.prod(np.maximum(boxes[:, 2:] - boxes[:, :2], 1), axis=1))
            stays = known & (~seen | (way <= STILL * scale))
            place[stays], since[stays] = self._place[row[stays]], self._since[row[stays]]
            moved[known] = self._moved[row[known]] | ~stays[known]
        order = np.argsort(ids)
        self._ids, self._place, self._since = ids[order], place[order], since[order]
        self._moved = moved[order]
        return since, moved
