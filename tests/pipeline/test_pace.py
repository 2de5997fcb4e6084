"""Two clocks, the camera's and ours, told picture by picture."""

from collections.abc import Iterable

import pytest

from edgevision.pipeline.pace import Pacer

STEP = 0.04  # s: 25 pictures a second


def paces(times: Iterable[tuple[float, float]]) -> tuple[list[str], Pacer]:
    """What is said of pictures at (position, arrival)."""
    pacer = Pacer()
    return [pacer.arrived(position, now) for position, now in times], pacer


def steady(seconds: float, position: float = 0.0, now: float = 0.0) -> list[tuple[float, float]]:
    return [(position + n * STEP, now + n * STEP) for n in range(round(seconds / STEP))]


def test_what_was_buffered_before_we_connected_is_left_out() -> None:
    """27 pictures that come within 0.1 s, then one every 0.04 s: measured of OpenCV's FFmpeg."""
    burst = [(n * STEP, n * 0.004) for n in range(27)]
    after = steady(2, position=27 * STEP, now=27 * 0.004 + STEP)
    said, pacer = paces(burst + after)
    assert said[:27] == ["burst"] * 27
    assert set(said[28:]) == {"good"}
    assert pacer.lag == pytest.approx(0, abs=0.01)


def test_a_picture_given_twice_does_not_end_a_burst() -> None:
    """As FFmpeg does with the first of a slow Motion JPEG stream: arrivals measured at 1 picture a second."""
    positions = [0.0, 0.0, 1.001, 2.002, 3.002, 4.003, 5.003, 6.004]
    arrivals = [0.0, 0.001, 0.005, 0.005, 0.005, 0.006, 0.999, 2.0]
    said, _ = paces(zip(positions, arrivals, strict=True))
    assert said == ["burst"] * 6 + ["good"] * 2


def test_a_burst_ends_in_any_case() -> None:
    said, _ = paces([(n * STEP, n * 0.015) for n in range(400)])
    assert said.index("good") * 0.015 == pytest.approx(2.0, abs=0.02)


def test_a_stream_that_falls_behind_is_late_after_a_while() -> None:
    """5 s behind after 10 s at half speed, and late when it has been so for 5 s."""
    said, pacer = paces(steady(5) + [(5 + n * STEP / 2, 5 + n * STEP) for n in range(500)])
    first = said.index("late")
    assert 5 + (first - 125) * STEP == pytest.approx(5 + 10 + 5, abs=0.2)
    assert set(said[1:first]) == {"good"}
    assert pacer.lag > 5


def test_a_pause_of_the_network_is_no_jump_and_soon_made_good() -> None:
    """Nothing for 2.5 s, then what was held back, all at once."""
    held = [(5 + n * STEP, 7.5) for n in range(62)]
    said, pacer = paces(steady(5) + held + steady(5, position=5 + 62 * STEP, now=7.5))
    assert set(said[1:]) == {"good"}
    assert pacer.lag < 0.1


@pytest.mark.parametrize("jump", [3600.0, -3600.0, -10.0])
def test_a_clock_that_is_set_is_a_jump_and_nothing_else(jump: float) -> None:
    said, pacer = paces(steady(5) + steady(20, position=5 + jump, now=5))
    assert said[125] == "jump"
    assert set(said[1:125] + said[126:]) == {"good"}
    assert pacer.lag == pytest.approx(0, abs=0.01)


def test_a_clock_that_is_slow_for_months_is_not_late() -> None:
    """1e-4 is 8.6 s a day, more than quartz is wrong."""
    pacer = Pacer()
    said = {pacer.arrived(n * (1 - 1e-4), float(n)) for n in range(1, 7 * 86400, 60)}
    assert said == {"burst", "good"}
    assert pacer.lag < 0.1


def test_a_stream_without_times_is_not_late() -> None:
    said, _ = paces((0.0, n * STEP) for n in range(1000))
    assert set(said[1:]) == {"good"}


def test_one_picture_a_second_is_good() -> None:
    said, _ = paces((float(n), float(n)) for n in range(20))
    assert said == ["burst"] + ["good"] * 19
