"""Tracks that are drawn here by hand over a picture of 1000 x 1000, with the answer a person would give."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgevision.analytics.line import IN, OUT, Config, LineCounter
from edgevision.core import Finding, Size
from tests.builders import track

SIZE = Size(1000, 1000)
ACROSS = {"from": (0.1, 0.5), "to": (0.9, 0.5)}  # left to right, so IN is down


def counter(**line: object) -> LineCounter:
    return LineCounter(Config.model_validate({**ACROSS, **line}))


def walk(line: LineCounter, ys: Iterable[float], x: float = 500, **options: object) -> list[Finding]:
    """One object, 40 px high, whose bottom centre goes through `ys`."""
    return [
        finding
        for number, y in enumerate(ys)
        for finding in line.update([track(x, y, **options)], number * 0.1, SIZE)  # type: ignore[arg-type]
    ]


@pytest.mark.parametrize(
    ("what", "ys", "down", "up"),
    [
        ("goes down", range(400, 601, 5), 1, 0),
        ("goes up", range(600, 399, -5), 0, 1),
        ("is so fast that it is seen once on each side", [350, 650], 1, 0),
        ("stops on the line, jitters, and goes on", [450, *[498, 503, 499, 502] * 50, 550], 1, 0),
        ("stops on the line, jitters, and turns back", [450, *[498, 503, 499, 502] * 50, 450], 0, 0),
        ("touches the line and turns back", [450, 490, 500, 490, 450], 0, 0),
        ("comes near and turns back", [450, 480, 490, 480, 450], 0, 0),
        ("goes down, up and down again, each time for real", [450, 550, 450, 550], 2, 1),
        ("stands exactly on the line in one frame", [460, 480, 500, 520, 540], 1, 0),
        ("begins on the line and goes down", [500, 510, 520, 560], 0, 0),
        ("stays above", range(100, 400, 10), 0, 0),
    ],
)
def test_crossings(what: str, ys: Iterable[float], down: int, up: int) -> None:
    line = counter()
    found = walk(line, ys)
    assert (line.counts[IN], line.counts[OUT]) == (down, up), what
    assert len(found) == down + up


def test_the_value_of_a_finding_is_the_running_count() -> None:
    found = walk(counter(), [450, 550, 450, 550])
    assert [(f.kind, f.value) for f in found] == [(IN, 1), (OUT, 1), (IN, 2)]


@pytest.mark.parametrize("x", [50, 950])
def test_going_round_an_end_is_no_crossing(x: float) -> None:
    assert walk(counter(), range(400, 601, 5), x=x) == []


def test_round_the_end_and_back_over_the_line_is_one_crossing() -> None:
    line = counter()
    walk(line, range(400, 601, 20), x=950)
    back = walk(line, range(600, 399, -20), x=500)
    assert [finding.kind for finding in back] == [OUT]


def test_drawn_from_right_to_left_in_is_up() -> None:
    line = counter(**{"from": (0.9, 0.5), "to": (0.1, 0.5)})
    assert [finding.kind for finding in walk(line, [450, 550])] == [OUT]


def test_a_slanted_line_of_a_wide_picture() -> None:
    line = LineCounter(Config.model_validate({"from": (0.5, 0.1), "to": (0.5, 0.9)}))
    wide = Size(1600, 400)
    there = line.update([track(700, 200)], 0.0, wide) + line.update([track(900, 200)], 0.1, wide)
    # Walking down the picture, what passes to the right in the picture passes from right hand to left.
    assert [finding.kind for finding in there] == [OUT]


def test_the_way_before_an_object_was_confirmed_counts() -> None:
    found = counter().update([track(500, 560, before=[(500, 430), (500, 470), (500, 520)])], 0.3, SIZE)
    assert [finding.kind for finding in found] == [IN]


def test_a_place_that_is_only_guessed_does_not_count() -> None:
    line = counter()
    walk(line, [430, 470])
    assert walk(line, [530, 600], missed=0.5) == []
    assert [finding.kind for finding in walk(line, [640])] == [IN]


def test_an_object_missed_on_the_line_still_counts_once_it_is_seen_again() -> None:
    line = counter()
    found = walk(line, [450])
    for number in range(30):
        found += line.update([track(500, 460 + 5 * number, missed=0.1 * number)], 1 + number * 0.1, SIZE)
    found += walk(line, [620])
    assert [finding.kind for finding in found] == [IN]


def test_the_band_grows_with_the_object() -> None:
    near = counter(band=0.5)
    assert walk(near, [440, 515], side=40) == []  # 15 px beyond the line; half of 40 px is 20
    far = counter(band=0.5)
    assert len(walk(far, [440, 515], side=20)) == 1


def test_only_the_classes_asked_for_count() -> None:
    line = counter(classes=["bus"])
    assert walk(line, [450, 550], label="car") == []
    assert len(walk(line, [450, 550], id=2, label="bus")) == 1


def test_objects_are_told_apart() -> None:
    line = counter()
    for number in range(11):
        line.update(
            [track(300, 400 + 20 * number, id=1), track(600, 600 - 20 * number, id=2)], number * 0.1, SIZE
        )
    assert (line.counts[IN], line.counts[OUT]) == (1, 1)


def test_what_the_tracker_forgot_is_forgotten() -> None:
    line = counter()
    for number in range(10_000):
        line.update([track(500, 450, id=number + 1)], number * 0.1, SIZE)
    assert len(line._passages) == 1


def test_a_line_without_length_is_refused() -> None:
    with pytest.raises(ValidationError, match="the line has no length"):
        Config.model_validate({"from": (0.5, 0.5), "to": (0.5, 0.5)})


@given(st.lists(st.floats(300, 700), min_size=2, max_size=40))
def test_in_and_out_never_differ_by_more_than_one(ys: list[float]) -> None:
    """One object cannot go in twice without having come out; and it ends on the side the counts say."""
    line = counter()
    walk(line, ys)
    balance = line.counts[IN] - line.counts[OUT]
    assert abs(balance) <= 1
    if balance:
        assert (ys[-1] - 500) * balance > -4.01  # 10 % of 40 px: within the band it may be either
