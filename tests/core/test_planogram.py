"""The alignment against one that tries everything, and gaps against rows drawn by hand."""

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edgevision.core.planogram import align, with_gaps

LABELS = st.sampled_from(["cola", "water", "juice"])


def cost(expected: Sequence[str], seen: Sequence[str | None], found: Sequence[int | None]) -> tuple[int, int]:
    """Of an alignment: edits, and how many products are missing where there is no gap for them."""
    edits = squeezed = 0
    for wanted, index in zip(expected, found, strict=True):
        label = None if index is None else seen[index]
        edits += label != wanted
        squeezed += index is None
    used = {index for index in found if index is not None}
    edits += sum(label is not None and i not in used for i, label in enumerate(seen))
    return edits, squeezed


def least(expected: tuple[str, ...], seen: tuple[str | None, ...]) -> tuple[int, int]:
    """The least cost of all alignments there are."""

    def all_from(i: int, j: int) -> list[list[int | None]]:
        if i == len(expected):
            return [[]]
        tails: list[list[int | None]] = [[None, *rest] for rest in cached(i + 1, j)]
        for k in range(j, len(seen)):
            tails += [[k, *rest] for rest in cached(i + 1, k + 1)]
        return tails

    cached = cache(all_from)
    return min(cost(expected, seen, found) for found in cached(0, 0))


@given(st.lists(LABELS, max_size=5).map(tuple), st.lists(st.none() | LABELS, max_size=6).map(tuple))
@example(("cola", "water", "cola"), (None, None, "cola", None))  # any two edits are not the same
@example(
    ("juice", "water", "juice"), ("cola", "cola", "juice", "water")
)  # one too many, not one squeezed out
def test_no_alignment_is_better(expected: tuple[str, ...], seen: tuple[str | None, ...]) -> None:
    found = align(expected, seen)
    taken = [index for index in found if index is not None]
    assert taken == sorted(set(taken))
    assert cost(expected, seen, found) == least(expected, seen)


@pytest.mark.parametrize(
    ("expected", "seen", "found"),
    [
        ("ccw", ["c", "c", "w"], [0, 1, 2]),
        ("ccw", ["c", "w"], [0, None, 1]),
        ("ccc", ["c", None, "c"], [0, 1, 2]),  # of three equal ones the middle one is missing
        ("ccc", [None, "c", "c"], [0, 1, 2]),
        ("ccc", ["c", "c", None], [0, 1, 2]),
        ("ccw", ["c", "x", "w"], [0, 1, 2]),  # wrong, rather than missing and one too many
        ("cw", ["c", "x", "w"], [0, 2]),  # one too many
        ("cw", ["c", None, "w"], [0, 2]),  # a gap costs nothing
        ("c", [], [None]),
        ("", ["c"], []),
    ],
)
def test_what_stands_where(expected: str, seen: list[str | None], found: list[int | None]) -> None:
    got = align(list(expected), seen)
    assert len(got) == len(found)
    # Where several are as good the found one need not be the same: of equal cost, with the same right.
    assert cost(list(expected), seen, got) == cost(list(expected), seen, found)
    if None in seen or "x" in seen:
        assert got == found


def row(*places: tuple[float, float], top: float = 0.0, bottom: float = 10.0) -> np.ndarray:
    """Boxes by their left and right ends."""
    return np.array([(left, top, right, bottom) for left, right in places], np.float32).reshape(-1, 4)


@pytest.mark.parametrize(
    ("boxes", "ends", "expected"),
    [
        (row((0, 10), (11, 21), (22, 32)), (0, 33), "abc"),
        (row((0, 10), (22, 32)), (0, 33), "a-b"),
        (row((11, 21), (22, 32)), (0, 33), "-ab"),
        (row((0, 10), (11, 21)), (0, 33), "ab-"),
        (row((0, 10), (44, 54)), (0, 54), "a---b"),
        (row((0, 10), (16, 26)), (0, 26), "ab"),  # half a product is no gap
        (row((0, 20), (30, 40)), (0, 40), "ab"),  # a narrow gap between one of 20 and one of 10
        (row((0, 20), (32, 42)), (0, 42), "a-b"),
        (row(), (0, 42), ""),
    ],
)
def test_gaps_are_where_a_product_has_room(
    boxes: np.ndarray, ends: tuple[float, float], expected: str
) -> None:
    seen = with_gaps(boxes, "abcdef"[: len(boxes)], *ends)
    assert "".join(label or "-" for label in seen) == expected


def test_of_a_stack_the_lowest_stands_on_the_board() -> None:
    boxes = np.concatenate([row((0, 10), bottom=5), row((1, 11), top=5), row((12, 22))])
    assert with_gaps(boxes, ["upper", "lower", "beside"], 0, 22) == ["lower", "beside"]
