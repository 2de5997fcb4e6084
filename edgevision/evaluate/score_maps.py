"""Scores of what says of every pixel what it is: intersection over union of each class's pixels.

IoU of a class = pixels of it that were found / pixels that are it, or were taken for it
(Everingham et al., "The PASCAL VOC Challenge", IJCV 2010, section 4.4).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats

UNJUDGED = -1  # of a true pixel
OTHER = -2  # none of the classes that are compared


class MapScores(NamedTuple):
    """Means are over the classes of which there is a pixel."""

    miou: float
    classes: dict[str, float]  # IoU of each
    accuracy: float  # share of the judged pixels that are right
    pictures: list[float]  # mean IoU of each picture's own classes; NaN where it shows none
    confusion: NDArray[np.int64]  # (classes + 1,) * 2 pixels: rows are true, columns found; the last: other


class MapScorer:
    """Counts picture by picture; memory does not grow with their size."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self._counts = np.zeros((len(names) + 1,) * 2, np.int64)
        self._pictures: list[float] = []

    def add(self, truth: NDArray[np.int16], found: NDArray[np.int16]) -> None:
        """truth, found: (H, W), index of the class or OTHER; UNJUDGED in truth."""
        side = len(self._names) + 1
        judged = truth != UNJUDGED
        true = np.where(truth[judged] == OTHER, side - 1, truth[judged]).astype(np.int64)
        seen = np.where(found[judged] < 0, side - 1, found[judged]).astype(np.int64)
        counts = np.bincount(true * side + seen, minlength=side * side).reshape(side, side)
        self._counts += counts
        self._pictures.append(float(np.mean(_iou(counts)[1])) if counts[:-1].any() else float("nan"))

    def scores(self) -> MapScores:
        present, iou = _iou(self._counts)
        return MapScores(
            float(iou.mean()) if len(iou) else 0.0,
            {self._names[i]: float(value) for i, value in zip(present, iou, strict=True)},
            float(np.trace(self._counts) / max(1, self._counts.sum())),
            self._pictures,
            self._counts,
        )


def _iou(counts: NDArray[np.int64]) -> tuple[NDArray[np.intp], Floats]:
    """The classes of which there is a pixel, and the intersection over union of each."""
    right = np.diag(counts)[:-1]
    true, seen = counts.sum(axis=1)[:-1], counts.sum(axis=0)[:-1]
    present = np.flatnonzero(true)
    return present, right[present] / (true[present] + seen[present] - right[present])
