import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core.durations import BUCKETS, FIRST, LAST, Durations, in_words


def of(seconds: list[float]) -> Durations:
    durations = Durations()
    for each in seconds:
        durations.add(each)
    return durations


@given(st.lists(st.floats(FIRST, LAST), min_size=1, max_size=200), st.floats(0, 1))
def test_a_quantile_is_right_within_a_twentieth(seconds: list[float], share: float) -> None:
    durations = of(seconds)
    true = float(np.quantile(seconds, share, method="inverted_cdf"))
    assert durations.quantile(share) == pytest.approx(true, rel=0.0489)
    assert durations.longest == max(seconds)
    assert len(durations) == len(seconds)


def test_of_none_and_of_what_is_too_short_or_too_long() -> None:
    assert (of([]).quantile(0.5), of([]).longest) == (0.0, 0.0)
    assert of([0.0]).quantile(0.5) <= FIRST
    assert of([40 * 86400.0]).quantile(0.5) == pytest.approx(LAST, rel=0.05)
    assert of([40 * 86400.0]).longest == 40 * 86400


def test_a_million_take_no_more_room_than_one() -> None:
    rng = np.random.default_rng(1)
    durations = of(rng.exponential(100, 20_000).tolist())
    assert len(json.dumps(durations.keep())) < 20 * BUCKETS
    assert durations.quantile(0.9) == pytest.approx(100 * np.log(10), rel=0.06)  # of the exponential law


def test_they_go_on_after_a_restart() -> None:
    before, after = of([3, 40, 41, 500]), Durations()
    after.resume(json.loads(json.dumps(before.keep())))
    for durations in (before, after):
        durations.add(77)
    shares = np.linspace(0, 1, 11)
    assert [after.quantile(s) for s in shares] == [before.quantile(s) for s in shares]
    assert (len(after), after.longest) == (5, 500)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.0, "0 s"), (0.0033, "0.0033 s"), (0.441, "0.44 s"), (1.44, "1.4 s"), (9.96, "10 s"),
        (95.2, "95 s"), (100, "1.7 min"), (720, "12 min"), (6000, "1.7 h"), (86400 * 2.5, "2.5 d"),
    ],
)  # fmt: skip
def test_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words
