"""Which of what we counted is which of what truly happened: by time, and among equals by label."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from edgevision.core.assignment import match, pairs_of
from edgevision.evaluate.read_counts import Mark

Pair = tuple[Mark, Mark]  # ours, the true one


def pair(
    ours: Sequence[Mark], true: Sequence[Mark], tolerance: float
) -> tuple[list[Pair], list[Mark], list[Mark]]:
    """Pairs no more than `tolerance` s apart, what of ours is left over, and what of the truth; by time.

    As many pairs as there can be; of those choices one with most labels alike; of those one with the least
    sum of differences. Times with more than the tolerance between them cannot be pairs, so each run of times
    without such a gap is solved alone: matrices stay small however long the video.
    """
    pairs: list[Pair] = []
    for our_run, true_run in _runs(ours, true, tolerance):
        rows, columns = match(pairs_of(_gain(our_run, true_run, tolerance)))
        pairs += [(our_run[row], true_run[column]) for row, column in zip(rows, columns, strict=True)]
    taken = {id(mark) for both in pairs for mark in both}
    extra, missed = ([mark for mark in marks if id(mark) not in taken] for marks in (ours, true))
    return sorted(pairs, key=lambda both: both[1].at), sorted(extra, key=_at), sorted(missed, key=_at)


def _at(mark: Mark) -> float:
    return mark.at


def _runs(
    ours: Sequence[Mark], true: Sequence[Mark], tolerance: float
) -> list[tuple[list[Mark], list[Mark]]]:
    """Those with marks of both."""
    marks = [(mark, True) for mark in ours] + [(mark, False) for mark in true]
    marks.sort(key=lambda one: one[0].at)
    gaps = [
        number
        for number, ((one, _), (two, _)) in enumerate(pairwise(marks), start=1)
        if two.at - one.at > tolerance + _SLACK
    ]
    runs = []
    for start, end in pairwise([0, *gaps, len(marks)]):
        run = marks[start:end]
        both = [mark for mark, is_ours in run if is_ours], [mark for mark, is_ours in run if not is_ours]
        if all(both):
            runs.append(both)
    return runs


_SLACK = 1e-6  # s: 1.5 apart is within 1.5, however the numbers were added up


def _gain(ours: Sequence[Mark], true: Sequence[Mark], tolerance: float) -> np.ndarray:
    """(N, M) float64, 0 where they cannot be one. A pair weighs more than all labels, a label more than all
    nearness, which is 0..1 each: K is above the number of pairs."""
    apart = np.abs(np.array([[mark.at] for mark in ours]) - np.array([mark.at for mark in true]))
    near = 1 - apart / (tolerance + _SLACK)
    alike = np.array([[bool(one.label) and one.label == other.label for other in true] for one in ours])
    most = 1 + min(len(ours), len(true))
    gain: np.ndarray = np.where(near >= 0, most**2 + most * alike + near, 0.0)
    return gain
