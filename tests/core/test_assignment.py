from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgevision.core.assignment import Pairs, match
from edgevision.core.types import Floats


@st.composite
def gains(draw: st.DrawFn) -> Floats:
    shape = (draw(st.integers(0, 4)), draw(st.integers(0, 4)))
    return draw(arrays(np.float32, shape, elements=st.floats(-2, 2, width=32)))


def pairs(gain: Floats) -> Pairs:
    rows, columns = np.nonzero(gain > 0)
    return Pairs(rows, columns, gain[rows, columns])


def best_by_trying_all(gain: Floats) -> float:
    """The greatest sum over all one-to-one pairings, of which any pair may be left out: by exhaustion."""
    wide = gain if gain.shape[0] <= gain.shape[1] else gain.T
    orders = permutations(range(wide.shape[1]), wide.shape[0])
    return max(sum(max(float(wide[row, column]), 0) for row, column in enumerate(order)) for order in orders)


@given(gains())
def test_pairs_gain_the_most(gain: Floats) -> None:
    rows, columns = match(pairs(gain))
    assert len(set(rows.tolist())) == len(rows) == len(set(columns.tolist()))
    assert (gain[rows, columns] > 0).all()
    assert abs(float(gain[rows, columns].sum()) - best_by_trying_all(gain)) < 1e-4


def test_a_good_pair_is_worth_more_than_two_poor_ones() -> None:
    rows, columns = match(pairs(np.array([[5, 2], [2, -1]], np.float32)))
    assert (rows.tolist(), columns.tolist()) == ([0], [0])


def test_rows_come_sorted() -> None:
    rows, _ = match(pairs(np.array([[0, 1, 1], [1, 0, 0], [0, 0, 0], [0, 1, 1]], np.float32)))
    assert rows.tolist() == [0, 1, 3]
