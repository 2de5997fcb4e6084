import pytest

from edgevision.core.limit import Limit


def changes(limit: Limit, values: list[float], fps: float = 1.0) -> list[int]:
    """Numbers of the frames at which another thing is believed."""
    return [number for number, value in enumerate(values) if limit.see(value, number / fps)]


def test_what_lasts_is_believed_and_what_flickers_is_not() -> None:
    #         0  1  2  3  4  5  6  7  8  9 10 11 12 13
    values = [5, 6, 5, 6, 6, 6, 5, 6, 5, 5, 5, 6, 5, 5.0]
    assert changes(Limit(5, None, hold=2), values) == [5, 10]


def test_between_the_two_limits_nothing_changes() -> None:
    values = [6, 4, 3, 4, 5, 6, 2, 3, 4, 5, 6.0]
    assert changes(Limit(5, 3, hold=0), values) == [0, 6, 10]


def test_what_began_is_not_believed_over_a_time_that_nobody_saw() -> None:
    limit = Limit(5, None, hold=2)
    assert changes(limit, [6, 6]) == []
    limit.forget()
    assert [limit.see(6, ts) for ts in (50.0, 51.0, 52.0)] == [False, False, True]


@pytest.mark.parametrize("fps", [3, 10, 12.5, 25, 29.97, 30])
def test_the_hold_is_over_with_its_frame_whenever_it_began(fps: float) -> None:
    """Times are sums of frame times, so one difference of them is 0.4999999999999998 and another 0.5."""
    for first in range(300):
        values = [0.0] * first + [1.0] * 40
        assert changes(Limit(0, None, hold=15 / fps), values, fps) == [first + 15]
