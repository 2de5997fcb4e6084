"""Two short days of two car parks, whose truth is the timetable of lot.py: the small form of
tests/bench/parking.py, which has the figures."""

import pytest

from tests.analytics.lot import Lot
from tests.analytics.lot_runs import Score, run_both, sights


@pytest.fixture(scope="module", params=[4, 11])
def scores(request: pytest.FixtureRequest) -> tuple[Score, Score]:
    lot = Lot(request.param, seconds=240)
    return run_both(lot, sights(lot, 4), 0.2, request.param)


def test_each_stay_is_counted_once(scores: tuple[Score, Score]) -> None:
    ours, _ = scores
    assert ours.stays >= 10
    assert (ours.over, ours.under, ours.flips) == (0, 0, 0)


def test_the_state_is_wrong_only_until_it_is_believed(scores: tuple[Score, Score]) -> None:
    """Some 8 s of the 240 after the start, and 5 to 15 s for each change, of which there are one or two."""
    ours, rule = scores
    assert ours.wrong / ours.total < 0.15
    assert rule.wrong / rule.total > 0.25


def test_the_rule_of_the_centre_flips_all_the_time(scores: tuple[Score, Score]) -> None:
    """Which shows that the car park is no easy one."""
    _, rule = scores
    assert rule.flips > 100
