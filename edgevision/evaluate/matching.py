"""Which found object is which true one, at one overlap: the rule of COCO's own evaluation.

Lin et al., "Microsoft COCO", ECCV 2014; https://cocodataset.org/#detection-eval. Needed beside the library's
average precision for what it does not give: exact precision and recall at a confidence, and confusions.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats

OVERLAP = 0.5  # intersection over union from which an object counts as found
NONE, FREE = -1, -2  # instead of the index of a true object: a false alarm; on a crowd, not judged


def assign(overlaps: Floats, crowd: NDArray[np.bool_], least: float = OVERLAP) -> NDArray[np.int64]:
    """(D,) index of the true object that each found one takes, NONE or FREE.

    overlaps: (D, T) of each found object, best score first, with each true one. A true object is taken once,
    by the best score; a crowd as often as wanted, but only by what finds nothing else.
    """
    taken = np.full(len(overlaps), NONE, np.int64)
    open_ = ~crowd
    if not len(crowd):
        return taken
    for found, row in enumerate(overlaps):
        for allowed in (open_, crowd):
            left = np.where(allowed, row, -1.0)
            choice = int(np.argmax(left))
            if left[choice] >= least:
                taken[found] = FREE if crowd[choice] else choice
                open_[choice] = False
                break
    return taken


class Point(NamedTuple):
    """How a network does when everything of a score of at least `confidence` is believed."""

    confidence: float
    precision: float  # share of what it found that is there
    recall: float  # share of what is there that it found
    f1: float  # their harmonic mean


class Curve(NamedTuple):
    """Found objects of one or all classes by falling score, those on crowds left out."""

    scores: Floats  # (D,) falling
    hits: NDArray[np.bool_]  # (D,) whether each is a true object
    truths: int  # how many true objects there are

    def at(self, confidence: float) -> Point:
        number = int(np.searchsorted(-self.scores, -confidence, side="right"))
        return self._point(confidence, number, int(self.hits[:number].sum()))

    def best(self) -> Point:
        """Where F1 is highest; of equal ones the lowest confidence."""
        if not len(self.scores):
            return self._point(1.0, 0, 0)
        hits = np.cumsum(self.hits)
        f1 = 2 * hits / (np.arange(1, len(hits) + 1) + self.truths)
        last_of_score = np.append(np.diff(self.scores) != 0, True)  # a confidence cuts between scores only
        number = len(f1) - 1 - int(np.argmax(np.where(last_of_score, f1, -1.0)[::-1]))
        return self._point(float(self.scores[number]), number + 1, int(hits[number]))

    def line(self) -> tuple[Floats, Floats]:
        """Recall and precision after each found object, (D,) each."""
        hits = np.cumsum(self.hits)
        return hits / max(1, self.truths), hits / np.arange(1, len(hits) + 1)

    def _point(self, confidence: float, found: int, hits: int) -> Point:
        precision = hits / found if found else 0.0
        recall = hits / self.truths if self.truths else 0.0
        both = precision + recall
        return Point(confidence, precision, recall, 2 * precision * recall / both if both else 0.0)


def curve(scores: Floats, taken: NDArray[np.int64], truths: int) -> Curve:
    """scores, taken: (D,) of many pictures, in any order."""
    judged = np.flatnonzero(taken != FREE)
    order = judged[np.argsort(-scores[judged], kind="stable")]
    return Curve(scores[order], taken[order] >= 0, truths)
