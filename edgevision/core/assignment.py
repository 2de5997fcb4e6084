"""Who is who: pairs rows with columns at the least total cost."""

import numpy as np

from edgevision.core.types import Floats

Pairs = tuple[np.ndarray, np.ndarray]


def match(cost: Floats) -> Pairs:
    """Cheapest one-to-one pairs of a cost matrix (N, M) in which `inf` forbids a pair.

    Returns (rows, columns), each (K,) int, K <= min(N, M), sorted by row. As many pairs as the finite
    entries allow, and of those the cheapest set.

    A row and a column that have only each other need no solver: at 50 objects that is nearly all of
    them, and scipy.optimize costs 0.5 s of CPU to import, so it is imported at the first real conflict.
    """
    possible = np.isfinite(cost)
    alone = possible & (possible.sum(axis=1, keepdims=True) == 1) & (possible.sum(axis=0, keepdims=True) == 1)
    rows, columns = np.nonzero(alone)
    open_rows = np.setdiff1d(np.nonzero(possible.any(axis=1))[0], rows)
    open_columns = np.setdiff1d(np.nonzero(possible.any(axis=0))[0], columns)
    if open_rows.size:
        more_rows, more_columns = _solve(cost[np.ix_(open_rows, open_columns)])
        rows = np.concatenate([rows, open_rows[more_rows]])
        columns = np.concatenate([columns, open_columns[more_columns]])
    order = np.argsort(rows)
    return rows[order], columns[order]


def _solve(cost: Floats) -> Pairs:
    from scipy.optimize import linear_sum_assignment

    possible = np.isfinite(cost)
    # Dearer than all finite entries together, so a forbidden pair is never taken for a cheaper sum.
    forbidden = 1.0 + 2.0 * np.abs(cost[possible]).sum()
    rows, columns = linear_sum_assignment(np.where(possible, cost, forbidden))
    kept = possible[rows, columns]
    return rows[kept], columns[kept]
