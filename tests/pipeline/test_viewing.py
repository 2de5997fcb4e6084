"""Pictures for those who look on: the same ones for all, at a bounded rate, none while nobody looks."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from edgevision.core.types import Frame, Shape
from edgevision.opencv import cv2
from edgevision.outputs import Result
from edgevision.pipeline import viewing
from edgevision.pipeline.viewing import Viewing


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(viewing.time, "monotonic", clock.monotonic)  # type: ignore[attr-defined]
    return clock


def result(brightness: int) -> Result:
    image = np.full((90, 160, 3), brightness, np.uint8)
    shape = Shape(np.array([[0, 45], [160, 45]], np.float32), False, "line")
    return Result("gate", (), Frame("gate", 1, 0, image, 0.0, 0.0, 0.0), shapes=(shape,))


def run(looking: Viewing, clock: Clock, seconds: float, rate: float) -> int:
    """Frames come at a rate, and the pipeline asks first; how many were taken."""
    taken = 0
    for _ in range(round(seconds * rate)):
        clock.now += 1 / rate
        if looking.wanted("gate"):
            looking.offer(result(0))
            taken += 1
    return taken


@pytest.mark.parametrize(("rate", "shown"), [(5, 5), (10, 10), (15, 10), (25, 10), (240, 10)])
def test_no_more_than_ten_a_second_are_taken(clock: Clock, rate: float, shown: float) -> None:
    looking = Viewing(None)
    assert run(looking, clock, 1, rate) == 0
    looking.jpeg("gate", 0, 0)
    assert run(looking, clock, 2, rate) == pytest.approx(2 * shown, abs=1)
    assert run(looking, clock, 10, rate) <= shown + 1  # nobody asked again: it ends after 3 s in all


def test_all_are_given_the_same_picture(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = itertools.count()
    encode = viewing._encode
    monkeypatch.setattr(viewing, "_encode", lambda *a: (next(drawn), encode(*a))[1])
    looking = Viewing(None)
    looking.jpeg("gate", 0, 0)
    looking.offer(result(200))
    assert len({looking.jpeg("gate", 0, 0) for _ in range(10)}) == 1
    assert next(drawn) == 1
    assert looking.jpeg("gate", 1, 0) is None


def test_it_can_be_had_without_shapes(clock: Clock) -> None:
    looking = Viewing(None)
    looking.jpeg("gate", 0, 0)
    looking.offer(result(200))
    middles = []
    for shapes in (True, False):
        found = looking.jpeg("gate", 0, 0, shapes)
        assert found
        image = cv2.imdecode(np.frombuffer(found[1], np.uint8), cv2.IMREAD_COLOR)
        assert image is not None
        middles.append(int(np.ptp(image[40:50, 120:150].astype(int))))
    assert middles[0] > 100
    assert middles[1] < 20


def test_where_drawing_takes_long_there_are_fewer_pictures(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """20 ms for each of 2 cameras on 2 cores, of which 1.5 % may be taken: 0.75 pictures a second each."""
    worked = itertools.count(0, 0.02)
    monkeypatch.setattr(viewing.time, "thread_time", lambda: next(worked))  # type: ignore[attr-defined]
    monkeypatch.setattr(viewing, "CORES", 2)
    looking = Viewing(None)
    taken, number = 0, 0
    for _ in range(200):
        clock.now += 0.05
        looking.jpeg("yard", 0, 0)
        number = (looking.jpeg("gate", number, 0) or (number,))[0]
        if looking.wanted("gate"):
            looking.offer(result(0))
            taken += 1
    assert taken == pytest.approx(10 * 0.75, abs=1.5)


def test_frames_that_come_for_an_output_are_not_taken_sooner(clock: Clock) -> None:
    looking = Viewing(None)
    looking.jpeg("gate", 0, 0)
    looking.offer(result(0))
    clock.now += 0.02
    looking.offer(result(0))
    assert looking.jpeg("gate", 1, 0) is None
    clock.now += 0.08
    looking.offer(result(0))
    assert (looking.jpeg("gate", 1, 0) or (0,))[0] == 2


def test_a_heatmap_is_drawn_when_it_is_asked_for_and_not_all_the_time(clock: Clock) -> None:
    looking = Viewing(None)
    assert looking.heat("gate", "ground", 0) is None  # nothing was seen yet
    hot = np.zeros((9, 16), np.float32)
    hot[:, :8] = 100.0
    looking.offer(replace(result(90), grids={"ground": hot}))
    assert looking.heat("gate", "other", 1) is None
    first = looking.heat("gate", "ground", 1)
    assert first
    image = cv2.imdecode(np.frombuffer(first, np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    left, right = image[20:60, 20:60].reshape(-1, 3), image[20:50, 100:140].reshape(-1, 3)
    assert np.ptp(left.mean(axis=0)) > 40  # coloured
    assert np.ptp(right.mean(axis=0)) < 10  # grey: nobody has been there
    clock.now += 1
    looking.offer(replace(result(200), grids={"ground": hot}))
    assert looking.heat("gate", "ground", 1) == first
    clock.now += viewing.OLDEST_HEAT
    assert looking.heat("gate", "ground", 1) != first


def test_what_was_seen_long_ago_is_not_shown_as_new(clock: Clock) -> None:
    looking = Viewing(None)
    looking.jpeg("gate", 0, 0)
    looking.offer(result(50))
    assert looking.jpeg("gate", 0, 0)
    clock.now += 3600
    assert looking.jpeg("gate", 0, 0) is None
    assert looking.heat("gate", "ground", 0) is None
    looking.offer(result(200))
    found = looking.jpeg("gate", 0, 0)
    assert found
    image = cv2.imdecode(np.frombuffer(found[1], np.uint8), cv2.IMREAD_COLOR)
    assert image is not None
    assert np.median(image) == pytest.approx(200, abs=3)
