"""Who is who: pairs rows with columns for the greatest total gain."""

import numpy as np

from edgevision.core.types import Floats

Pairs = tuple[np.ndarray, np.ndarray]


def match(gain: Floats) -> Pairs:
    """One-to-one pairs of a matrix (N, M) with the greatest sum; what gains nothing (<= 0) is no pair.

    Returns (rows, columns), each (K,) int, K <= min(N, M), sorted by row.

    A row and a column that have only each other need no solver: at 50 objects that is nearly all of
    them, and scipy.optimize costs 0.5 s of CPU to import, so it is imported at the first real conflict.
    """
    possible = gain > 0
    alone = possible & (possible.sum(axis=1, keepdims=True) == 1) & (possible.sum(axis=0) == 1)
    rows, columns = np.nonzero(alone)
    possible[rows] = False
    if not possible.any():
        return rows, columns
    open_rows, open_columns = np.flatnonzero(possible.any(axis=1)), np.flatnonzero(possible.any(axis=0))
    more_rows, more_columns = _solve(gain[np.ix_(open_rows, open_columns)])
    rows = np.concatenate([rows, open_rows[more_rows]])
    columns = np.concatenate([columns, open_columns[more_columns]])
    order = np.argsort(rows)
    return rows[order], columns[order]


def _solve(gain: Floats) -> Pairs:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(np.maximum(gain, 0), maximize=True)
    kept = gain[rows, columns] > 0
    return rows[kept], columns[kept]
