"""The search for the number of cameras, with trials whose outcome is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.bench.cameras import MEBI, Trial, cost, judge, most_cameras
from edgevision.bench.turns import Turn


@given(truth=st.integers(0, 300), guess=st.integers(-5, 400), limit=st.integers(1, 256))
def test_the_most_that_is_carried_is_found(truth: int, guess: int, limit: int) -> None:
    asked: list[int] = []

    def carried(cameras: int) -> bool:
        assert 1 <= cameras <= limit
        asked.append(cameras)
        return cameras <= truth

    assert most_cameras(carried, guess, limit) == min(truth, limit)
    assert max(asked.count(cameras) for cameras in asked) <= 2  # a failure is asked once more, no success
    assert len(set(asked)) <= 2 * np.log2(limit + 1) + 2


def test_a_good_guess_takes_few_trials() -> None:
    asked: list[int] = []
    assert most_cameras(lambda n: asked.append(n) or n <= 12, 12) == 12  # type: ignore[func-returns-value]
    assert asked == [12, 13, 13]


def test_one_bad_moment_does_not_decide() -> None:
    answers = {4: iter([False, True]), 5: iter([False, False])}
    assert most_cameras(lambda n: next(answers[n]), 4) == 4


def turn(seconds: list[float], dropped: int) -> Turn:
    halves = np.array(seconds) / 2
    return Turn(10.0, 0.02, 0.5, stages={"infer": halves, "queue": halves}, dropped=dropped)


def test_stages_add_up_and_a_dropped_frame_is_late() -> None:
    good = judge(3, turn([0.1] * 99 + [0.5], dropped=0), latency=0.2)
    assert (good.carried, good.in_time) == (True, 0.99)
    assert (good.p50, good.p99) == pytest.approx((0.1, 0.1))
    bad = judge(3, turn([0.1] * 99 + [0.5], dropped=1), latency=0.2)
    assert bad.in_time == pytest.approx(99 / 101)
    assert not bad.carried


def test_nothing_that_came_is_nothing_in_time() -> None:
    trial = judge(3, Turn(0.0, 0.0, 0.0), latency=0.2)
    assert (trial.carried, trial.in_time, trial.p99) == (False, 0.0, np.inf)


def trial(cameras: int, carried: bool, cpu: float, memory: int) -> Trial:
    return Trial(cameras, 1.0 if carried else 0.5, 0.1, 0.2, 0, cpu, 0.0, memory * MEBI)


def test_what_a_camera_costs() -> None:
    trials = [trial(1, True, 0.3, 200), trial(9, False, 1.9, 280), trial(5, True, 1.0, 290)]
    assert cost(trials) == (0.2, 10.0)
    assert cost(trials[:1]) == (0.3, None)
