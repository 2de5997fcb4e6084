"""Who is pinged, who is told, and when a restart is asked for."""

import logging
from collections.abc import Callable

import pytest

from edgevision.metrics import Metrics
from edgevision.pipeline.pipeline import Pipeline
from edgevision.service import Notifier
from edgevision.watchdog import SURE, Watchdog

TICK = 0.5  # s


class Part:
    """Something that hangs for so many seconds by now."""

    grace = 50.0
    name = "part"

    def __init__(self) -> None:
        self.hung = 0.0

    def stuck(self, seconds: float) -> str | None:
        return f"part: sleeps for {self.hung:.0f} s" if self.hung > seconds else None


class Told(Notifier):
    def __init__(self, watchdog: float | None) -> None:
        super().__init__({})
        self.watchdog = watchdog
        self.messages: list[str] = []

    def _send(self, message: str) -> None:
        self.messages.append(message)


Looks = Callable[[float], None]
Box = tuple[Part, Told, Watchdog, Looks]


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Box:
    clock = Clock()
    monkeypatch.setattr("edgevision.watchdog.time", clock)
    part, told = Part(), Told(30.0)
    watchdog = Watchdog(told, Pipeline([], {}, [], Metrics()), [part])

    def looks(seconds: float) -> None:
        for _ in range(int(seconds / TICK)):
            clock.now += TICK
            part.hung += TICK if part.hung else 0
            watchdog.look()

    return part, told, watchdog, looks


def test_it_is_pinged_three_times_in_what_systemd_grants(box: Box) -> None:
    _, told, _, looks = box
    looks(30)
    assert told.messages == ["WATCHDOG=1"] * 3


def test_what_hangs_is_named_first_and_a_reason_to_be_restarted_when_its_grace_is_over(
    box: Box, caplog: pytest.LogCaptureFixture
) -> None:
    part, told, watchdog, looks = box
    caplog.set_level(logging.INFO)
    part.hung = TICK
    looks(9)
    assert watchdog.troubles() == []
    looks(2)
    assert watchdog.troubles() == ["part: sleeps for 12 s"]
    looks(40)
    assert set(told.messages) == {"WATCHDOG=1"}
    looks(9 + SURE)
    assert told.messages[-1] == "WATCHDOG=trigger"
    assert [record.getMessage() for record in caplog.records] == [
        "it hangs",  # once, not at every look
        "it hangs for good: asking for a restart",
    ]


def test_what_goes_on_is_told_and_no_reason(box: Box, caplog: pytest.LogCaptureFixture) -> None:
    part, told, _, looks = box
    caplog.set_level(logging.INFO)
    part.hung = TICK
    looks(55)
    part.hung = 0.0
    looks(60)
    assert set(told.messages) == {"WATCHDOG=1"}
    assert [record.getMessage() for record in caplog.records] == ["it hangs", "it goes on"]


def test_a_process_that_was_stopped_for_an_hour_is_given_a_moment(box: Box) -> None:
    """After SIGCONT, or when a virtual machine is resumed, all clocks have jumped before any thread moved."""
    part, told, _, looks = box
    part.hung = 3600.0
    looks(SURE - TICK)
    part.hung = 0.0
    looks(30)
    assert "WATCHDOG=trigger" not in told.messages


def test_where_nobody_watches_nothing_is_asked_for(box: Box) -> None:
    part, told, _, looks = box
    told.watchdog = None
    part.hung = 3600.0
    looks(30)
    assert told.messages == []
