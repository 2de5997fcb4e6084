"""The search for the number of cameras, with trials whose outcome is known."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.bench.cameras import MEBI, Carrying, Trial, cost, judge, most_cameras
from edgevision.bench.task import plain_task
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
    assert cost([trial(1, True, 0.3, 200), trial(3, False, 0.9, 199)]) == (0.3, None)  # no -0.5 MB


class Decoder:
    """A camera of so many frames a second whose decoder, which drops none, is through with `capacity`."""

    def __init__(self, fps: float, capacity: float) -> None:
        self.fps, self.capacity = fps, capacity
        self.measured = 0

    def __call__(self, config: object, pace: float) -> "Decoder":
        assert pace == self.fps
        return self

    def __enter__(self) -> "Decoder":
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def turn(self, seconds: float) -> Turn:
        number = np.arange(int(seconds * self.fps))
        due = number / self.fps
        through = np.maximum(due, number / self.capacity) + 0.01
        took = (through - due)[(through >= 0.2 * seconds) & (through < seconds)]
        self.measured = len(took)
        return Turn(len(took) / (0.8 * seconds), 0.01, 0.0, stages={"capture": took})


@pytest.mark.parametrize(
    ("fps", "capacity", "latency", "trial", "carried"),
    [
        (40, 13, 5.0, 5.0, False),  # as it was with pictures of 3840 x 2160: 51 of 160 came
        (10, 8.5, 2.0, 3.0, False),
        (10, 8.5, 0.5, 10.0, False),
        (10, 20, 2.0, 1.0, True),
        (10, 20, 0.5, 1.0, True),
    ],
)
def test_a_camera_that_falls_ever_further_behind_is_not_carried(
    monkeypatch: pytest.MonkeyPatch, fps: float, capacity: float, latency: float, trial: float, carried: bool
) -> None:
    decoder = Decoder(fps, capacity)
    monkeypatch.setattr("edgevision.bench.cameras.Playing", decoder)
    task = plain_task({"path": "builtin:drawn"}, "synthetic:carpark", Path())
    carrying = Carrying(task, fps, latency, trial)
    assert carrying.try_out(1) == carried
    # One late frame of a hundred does not decide; the last one may be under way.
    assert decoder.measured >= 99 or not carried
