"""Tracks that are drawn here by hand over a picture of 1000 x 1000, with the answer a person would give."""

from collections.abc import Iterable

import numpy as np
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


def walk(
    line: LineCounter, ys: Iterable[float], x: float = 500, start: float = 0.0, stays: bool = False,
    **options: object,
) -> list[Finding]:  # fmt: skip
    """One object, 40 px high, whose bottom centre goes through `ys`, at each for 0.1 s from `start`; then it
    is gone, unless it stays."""
    seen = [[track(x, y, **options)] for y in ys]  # type: ignore[arg-type]
    frames = enumerate(seen if stays else [*seen, []])
    return [finding for number, now in frames for finding in line.update(now, start + number * 0.1, SIZE)]


def slowly(*ys: float) -> list[float]:
    """0.4 s at each."""
    return [y for y in ys for _ in range(4)]


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
        ("goes down, up and down again, each time for real", slowly(450, 550, 450, 550), 2, 1),
        ("jumps over and back", [*slowly(450), 550, *slowly(450)], 0, 0),
        ("jumps over and back with every frame, and ends where it was", [450, 550] * 20 + [450], 0, 0),
        ("is wrong in its first frame", [550, *slowly(450)], 0, 0),
        ("is wrong in its first two frames", [550, 550, *slowly(450)], 0, 0),
        ("is wrong in its last frame but one", [*slowly(450), 550, 450], 0, 0),
        ("crosses with its first small step and stops", [494, 506, 506, 506, 506], 1, 0),
        ("begins near the line, crosses and stops", [490, 497, 504, 511, *[511] * 5], 1, 0),
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


@pytest.mark.parametrize(
    ("what", "ys", "found"),
    [
        ("is just over", [*slowly(450), 550], [(IN, 0.35)]),  # between its places at 0.3 and 0.4 s
        ("is in the band", [*slowly(450), 502], []),
        ("is back", [*slowly(450), 550, 450], []),
        ("is over for longer than `hold`, and told already", slowly(450, 550), []),
    ],
)
def test_who_is_beyond_the_band_when_a_file_ends_has_crossed(
    what: str, ys: list[float], found: list[tuple[str, float]]
) -> None:
    line = counter()
    before = len(walk(line, ys, stays=True))
    finished = line.finish()
    assert [f.kind for f in finished] == [kind for kind, _ in found], what
    assert [f.at for f in finished] == pytest.approx([at for _, at in found])
    assert line.counts[IN] == before + len(found)


def test_the_value_of_a_finding_is_the_running_count() -> None:
    found = walk(counter(), slowly(450, 550, 450, 550))
    assert [(f.kind, f.value) for f in found] == [(IN, 1), (OUT, 1), (IN, 2)]


@pytest.mark.parametrize("x", [50, 950])
def test_going_round_an_end_is_no_crossing(x: float) -> None:
    assert walk(counter(), range(400, 601, 5), x=x) == []


def test_round_the_end_and_back_over_the_line_is_one_crossing() -> None:
    line = counter()
    walk(line, range(400, 601, 20), x=950, stays=True)
    back = walk(line, range(600, 399, -20), x=500, start=2.0)
    assert [finding.kind for finding in back] == [OUT]


def test_drawn_from_right_to_left_in_is_up() -> None:
    line = counter(**{"from": (0.9, 0.5), "to": (0.1, 0.5)})
    assert [finding.kind for finding in walk(line, [450, 550])] == [OUT]


def test_a_slanted_line_of_a_wide_picture() -> None:
    line = LineCounter(Config.model_validate({"from": (0.5, 0.1), "to": (0.5, 0.9)}))
    wide = Size(1600, 400)
    places = [700, 700, 700, 900, 900, 900]
    there = [f for n, x in enumerate(places) for f in line.update([track(x, 200)], 0.1 * n, wide)]
    # Walking down the picture, what passes to the right in the picture passes from right hand to left.
    assert [finding.kind for finding in there] == [OUT]


def test_the_way_before_an_object_was_confirmed_counts() -> None:
    found = counter().update([track(500, 560, before=[(500, 430), (500, 470), (500, 520)])], 0.3, SIZE)
    assert [finding.kind for finding in found] == [IN]


def test_a_place_that_is_only_guessed_does_not_count() -> None:
    line = counter()
    walk(line, [430, 470], stays=True)
    assert walk(line, [530, 600], start=0.2, missed=0.5, stays=True) == []
    assert [finding.kind for finding in walk(line, [640], start=0.4)] == [IN]


def test_an_object_missed_on_the_line_still_counts_once_it_is_seen_again() -> None:
    line = counter()
    found = walk(line, [450], stays=True)
    for number in range(1, 20):
        found += line.update([track(500, 460 + 5 * number, missed=0.1 * number)], number * 0.1, SIZE)
    assert found == []
    found = walk(line, [620], start=2.0)
    assert [finding.kind for finding in found] == [IN]


def test_the_band_grows_with_the_object() -> None:
    near = counter(band=0.5)
    assert walk(near, slowly(440, 515), side=40) == []  # 15 px beyond the line; half of 40 px is 20
    far = counter(band=0.5)
    assert len(walk(far, slowly(440, 515), side=20)) == 1


def test_only_the_classes_asked_for_count() -> None:
    line = counter(classes=["bus"])
    assert walk(line, [450, 550], label="car") == []
    assert len(walk(line, [450, 550], start=5.0, id=2, label="bus")) == 1


def test_a_class_that_flickers_while_it_crosses_counts_as_what_it_is_in_the_end() -> None:
    line = counter(classes=["bus"])
    labels = ["bus", "bus", "car", "car", "bus", "bus", "bus"]
    found = [
        finding
        for n, (y, label) in enumerate(zip(range(440, 580, 20), labels, strict=True))
        for finding in line.update([track(500, y, label=label)], 0.1 * n, SIZE)
    ]
    assert [finding.kind for finding in found] == [IN]


def test_the_finding_tells_when_the_object_was_on_the_line() -> None:
    found = walk(counter(), [440, 470, 530, 560, 590])
    assert [finding.at for finding in found] == [pytest.approx(0.15)]  # half way from 470 at 0.1 s to 530


def test_a_change_is_believed_after_the_hold() -> None:
    line = counter(hold="500ms")
    counted = [bool(walk(line, [y], start=0.1 * n, stays=True)) for n, y in enumerate([450] * 8 + [550] * 8)]
    assert counted.index(True) == 13  # on the other side since 0.8 s
    assert sum(counted) == 1


@pytest.mark.parametrize(
    ("anchor", "crosses_at"),
    # Of a box of 40 x 40 px: the bottom centre is at (x, y), so its centre is 20 px higher, its top 40 px.
    [("bottom", 500), ("center", 520), ("top", 540), ("left", 520), ("right", 520)],
)
def test_the_point_of_the_box_that_crosses_can_be_chosen(anchor: str, crosses_at: float) -> None:
    before = [crosses_at - 20] * 4 + [crosses_at - 6] * 4
    assert walk(counter(anchor=anchor), before) == []
    assert len(walk(counter(anchor=anchor), [*before, *[crosses_at + 6] * 4])) == 1


def test_left_and_right_are_the_sides_of_the_box() -> None:
    upright = {"from": (0.5, 0.1), "to": (0.5, 0.9)}
    for anchor, x in (("left", 520), ("right", 480)):
        line = counter(**upright, anchor=anchor)
        places = [x - 10] * 3 + [x + 10] * 3
        found = [f for n, x in enumerate(places) for f in line.update([track(x, 500)], 0.1 * n, SIZE)]
        assert [finding.kind for finding in found] == [OUT], anchor


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
    """One object cannot go in twice without having come out, and wherever it stays in the end, it was counted
    there."""
    line = counter()
    walk(line, [450, 450, 450, 450, *ys, 600, 600, 600, 600])
    assert (line.counts[IN], line.counts[OUT]) == (line.counts[OUT] + 1, line.counts[OUT])


@given(
    fps=st.sampled_from([2, 5, 10, 15, 25, 30]),
    speed=st.floats(20, 3000),
    phase=st.floats(0, 1),
    slant=st.floats(-0.3, 0.3),
    side=st.floats(15, 300),
)
def test_who_walks_over_it_is_counted_once_at_any_speed_and_frame_rate(
    fps: int, speed: float, phase: float, slant: float, side: float
) -> None:
    line = LineCounter(Config.model_validate({"from": (0, 0.5 - slant / 2), "to": (1, 0.5 + slant / 2)}))
    step = speed / fps
    first, last = 500 - max(2 * step, 100), 500 + max(2 * step, 100)
    ys = np.arange(first + phase * step, last, step)
    found = []
    for number, now in enumerate([*([track(500, float(y), side=side)] for y in ys), []]):
        found += line.update(now, number / fps, SIZE)
    assert [finding.kind for finding in found] == [IN]
    assert found[0].at == pytest.approx((500 - ys[0]) / speed, abs=1e-3)


def test_who_waited_at_the_line_while_nobody_looked_crossed_it_when_he_set_off() -> None:
    """Nothing moves until 8.0 s; at the next frame he is over the line."""
    line = counter()
    for number, y in enumerate(slowly(400, 490)):
        line.update([track(500, y, id=1)], number * 0.1, SIZE)
    line.rest([1], 8.0)
    found = []
    for number, y in enumerate(slowly(510, 600)):
        found += line.update([track(500, y, id=1)], 8.1 + number * 0.1, SIZE)
    (crossed,) = found
    assert crossed.at == pytest.approx(8.05)
