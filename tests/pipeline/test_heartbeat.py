"""What hangs is named, whoever else works under the same name."""

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from edgevision.core.types import Frame
from edgevision.pipeline.heartbeat import Heartbeat


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("edgevision.pipeline.heartbeat.time", clock)
    return clock


def test_what_is_done_for_too_long_is_named_with_its_frame(clock: Clock) -> None:
    heart = Heartbeat("cars worker 1")
    frame = Frame("gate", 2, 7, np.zeros((1, 1, 3), np.uint8), 0.0, 0.0, 0.0)
    with heart.doing("infer", frame):
        clock.now += 10
        assert heart.stuck(10) is None
        clock.now += 2
        assert heart.stuck(10) == "cars worker 1: infer for 12 s (frame 7 of gate, session 2)"
    assert heart.stuck(10) is None


def test_who_comes_later_does_not_hide_who_hangs(clock: Clock) -> None:
    """Each scrape has a thread of its own, and the next one comes before the first is overdue."""
    heart = Heartbeat("http")
    hangs, release = threading.Event(), threading.Event()

    def hang() -> None:
        with heart.doing("metrics"):
            hangs.set()
            release.wait(30)

    thread = threading.Thread(target=hang)
    thread.start()
    assert hangs.wait(30)
    clock.now += 8
    with heart.doing("metrics"):
        clock.now += 4
        assert heart.stuck(10) == "http: metrics for 12 s"
    assert heart.stuck(10) == "http: metrics for 12 s"
    release.set()
    thread.join(30)
    assert heart.stuck(0) is None


def test_what_usually_takes_longer_may(clock: Clock) -> None:
    heart = Heartbeat("reload", usual=180)
    with heart.doing("reads"):
        clock.now += 185
        assert heart.stuck(10) is None
        clock.now += 10
        assert heart.stuck(10) == "reload: reads for 195 s"


def test_only_the_coming_of_an_item_counts_and_not_what_is_done_with_it(clock: Clock) -> None:
    heart = Heartbeat("gate capture")
    told: list[str | None] = []

    def pictures() -> Iterator[int]:
        yield 1
        clock.now += 20
        told.append(heart.stuck(10))
        yield 2

    for _ in heart.each("read", pictures()):
        clock.now += 30
        told.append(heart.stuck(10))
    assert told == [None, "gate capture: read for 20 s", None]
