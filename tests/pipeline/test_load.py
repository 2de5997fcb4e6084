"""When one worker on all cores is too few for a camera, and when it is enough again."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.pipeline.load import Judge, Limits, Load

ALONE, CORES = 10.0, 2  # frames/s of one worker on all cores; with a worker per core there are a fifth more
LIMITS = Limits()


def window(judge: Judge, rate: float, busy: float = 1.0) -> Load:
    """What a camera of that rate makes in a window, by the plan that judge wants. busy: how much longer runs
    take, as others use the cores."""
    most = (ALONE if judge.why is None else 1.2 * ALONE) / busy
    looked = min(rate, most) * LIMITS.window
    each = 1 / most if judge.why is None else CORES / most
    offered = rate * LIMITS.window
    return Load(round(offered), round(offered - looked), round(looked), looked * each)


def follow(judge: Judge, rates: Sequence[tuple[float, float]], began: float = 0.0) -> list[float]:
    """The times of all changes, s. rates: frames/s of the camera, and how much longer runs take."""
    changes = []
    for number, (rate, busy) in enumerate(rates):
        now = began + number * LIMITS.window
        if judge.hear(now, window(judge, rate, busy), LIMITS.window):
            changes.append(now)
    return changes


@pytest.mark.parametrize(("rate", "changes"), [(5, []), (11, []), (11.3, [0.0]), (30, [0.0])])
def test_losing_more_than_a_tenth_for_half_a_minute_is_too_much(rate: float, changes: list[float]) -> None:
    """Of 11.1 frames/s, 10 are nine tenths."""
    judge = Judge(LIMITS)
    assert follow(judge, [(rate, 1.0)] * 3) == changes
    assert (judge.why or "").startswith("throughput: one worker on all cores lost " if changes else "")


def test_the_log_says_how_much_was_lost() -> None:
    judge = Judge(LIMITS)
    follow(judge, [(20, 1.0)])
    assert judge.why == "throughput: one worker on all cores lost 50% of the frames within 30 s"


@pytest.mark.parametrize(("rate", "back"), [(4, True), (6.9, True), (7.1, False), (9, False)])
def test_it_goes_back_when_it_needed_less_than_seven_tenths_for_five_minutes(rate: float, back: bool) -> None:
    judge = Judge(LIMITS)
    follow(judge, [(20, 1.0)])
    assert follow(judge, [(rate, 1.0)] * 9, 30) == []
    assert follow(judge, [(rate, 1.0)] * 20, 300) == ([300.0] if back else [])
    assert (judge.why is None) == back


def test_a_busy_half_minute_begins_the_five_minutes_again() -> None:
    judge = Judge(LIMITS)
    follow(judge, [(20, 1.0)])
    assert follow(judge, [(5, 1.0)] * 9 + [(9, 1.0)] + [(5, 1.0)] * 9, 30) == []
    assert follow(judge, [(5, 1.0)] * 2, 600) == [600.0]


def test_a_load_of_others_that_goes_away_is_noticed() -> None:
    """The camera wants the same all the time. While runs take three times as long, it is too much."""
    judge = Judge(LIMITS)
    assert follow(judge, [(5, 1.0)] * 5 + [(5, 3.0)] * 20) == [150.0]
    assert judge.why
    assert follow(judge, [(5, 1.0)] * 10, 750) == [1020.0]


def test_a_camera_that_is_away_says_nothing() -> None:
    judge = Judge(LIMITS)
    follow(judge, [(20, 1.0)])
    assert follow(judge, [(0, 1.0)] * 50, 30) == []


@given(st.floats(0.1, 40))
def test_a_load_that_stays_changes_the_plan_once_at_most(rate: float) -> None:
    """Also where it lies at a threshold."""
    assert len(follow(Judge(LIMITS), [(rate, 1.0)] * 100)) <= 1


def test_a_change_back_is_not_taken_back_within_five_minutes() -> None:
    judge = Judge(LIMITS)
    assert follow(judge, [(20, 1.0)] + [(5, 1.0)] * 10 + [(20, 1.0)] * 12) == [0.0, 300.0, 600.0]


stretch = st.tuples(st.floats(0, 40), st.floats(1, 4), st.integers(1, 15))


@given(st.lists(stretch, min_size=2, max_size=20))
def test_changes_are_five_minutes_apart_whatever_the_load(stretches: list[tuple[float, float, int]]) -> None:
    changes = follow(Judge(LIMITS), [(rate, busy) for rate, busy, many in stretches for _ in range(many)])
    assert all(later - earlier >= LIMITS.apart for earlier, later in pairwise(changes))
