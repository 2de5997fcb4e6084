"""Who is who: pairs rows with columns for the greatest total gain."""

from typing import NamedTuple

import numpy as np

from edgevision.core.solver import solver
from edgevision.core.types import Floats


class Pairs(NamedTuple):
    """What may be one: K pairs of N rows and M columns, sorted by row; all others are impossible.

    At most objects there are only a few boxes, so of 1000 x 1000 pairs 2000 are left, and a matrix of
    them all would cost 50 times as much.
    """

    rows: np.ndarray  # (K,) int
    columns: np.ndarray  # (K,) int
    gain: Floats  # (K,), > 0


def pairs_of(gain: Floats) -> Pairs:
    """The pairs of a matrix (N, M) whose gain is above 0."""
    rows, columns = (gain > 0).nonzero()
    return Pairs(rows, columns, gain[rows, columns])


def match(possible: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """One-to-one pairs with the greatest sum: rows and columns, each (L,) int, L <= K, sorted by row.

    A row and a column that have only each other need no solver: at 50 objects that is nearly all of them.
    """
    rows, columns, gain = possible
    if not len(rows):
        return rows, columns
    contested = (np.bincount(rows)[rows] > 1) | (np.bincount(columns)[columns] > 1)
    if not contested.any():
        return rows, columns
    kept = ~contested
    kept[contested] = _solve(Pairs(rows[contested], columns[contested], gain[contested]))
    return rows[kept], columns[kept]


def _solve(possible: Pairs) -> np.ndarray:
    """Which of the pairs are taken, (K,) bool."""
    rows, row = _numbered(possible.rows)
    columns, column = _numbered(possible.columns)
    gain = np.zeros((rows, columns), possible.gain.dtype)
    gain[row, column] = possible.gain
    taken = np.zeros(gain.shape, bool)
    taken[solver()(gain, maximize=True)] = True
    of_pairs: np.ndarray = taken[row, column]
    return of_pairs


def _numbered(indices: np.ndarray) -> tuple[int, np.ndarray]:
    """How many different indices (K,) there are, and the same counted from 0 without gaps."""
    present = np.zeros(indices.max() + 1, np.intp)
    present[indices] = 1
    number = present.cumsum() - 1
    return int(number[-1]) + 1, number[indices]
