from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgevision.core.assignment import match
from edgevision.core.types import Floats

costs = st.one_of(st.just(np.inf), st.floats(0, 2, width=32))


@st.composite
def cost_matrices(draw: st.DrawFn) -> Floats:
    shape = (draw(st.integers(0, 4)), draw(st.integers(0, 4)))
    return draw(arrays(np.float32, shape, elements=costs))


def best_by_trying_all(cost: Floats) -> tuple[int, float]:
    """Most pairs, then least cost, over all one-to-one pairings: by exhaustion."""
    rows, columns = cost.shape
    wide = cost if rows <= columns else cost.T
    best = (0, 0.0)
    for order in permutations(range(wide.shape[1]), wide.shape[0]):
        chosen = [wide[row, column] for row, column in enumerate(order)]
        finite = [float(value) for value in chosen if np.isfinite(value)]
        best = min(best, (-len(finite), sum(finite)))
    return -best[0], best[1]


@given(cost_matrices())
def test_pairs_are_the_most_and_the_cheapest(cost: Floats) -> None:
    rows, columns = match(cost)
    assert len(set(rows.tolist())) == len(rows) == len(set(columns.tolist()))
    assert np.isfinite(cost[rows, columns]).all()
    pairs, total = best_by_trying_all(cost)
    assert len(rows) == pairs
    assert abs(float(cost[rows, columns].sum()) - total) < 1e-4


def test_rows_come_sorted() -> None:
    rows, _ = match(np.array([[np.inf, 1], [1, np.inf], [np.inf, np.inf]], np.float32))
    assert rows.tolist() == [0, 1]
