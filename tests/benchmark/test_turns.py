"""Turns, percentiles and shares, against what can be said by hand."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.bench.ceiling import share
from edgevision.bench.clips import Looped, Paced, Valve
from edgevision.bench.report import BARE, CEILING, OURS, report
from edgevision.bench.turns import Turn, long_enough, rounds_of, take_turns
from edgevision.bench.usage import meter, percentiles
from edgevision.errors import SourceError
from edgevision.sources import Picture, Wanted
from edgevision.sources.base import UNMADE


class Fake:
    """Says in which order it had its turns."""

    def __init__(self, name: str, order: list[str]) -> None:
        self.name, self.order, self.given = name, order, 0.0

    def turn(self, seconds: float) -> Turn:
        self.order.append(self.name)
        self.given += seconds
        return Turn(1.0, 0.1, 0.0)


def test_who_was_first_is_last_in_the_next_round() -> None:
    order: list[str] = []
    fakes = {name: Fake(name, order) for name in "abc"}
    turns = take_turns(fakes, 18.0, rounds=4)
    assert "".join(order) == "abc" + "cba" + "abc" + "cba"
    assert {name: len(each) for name, each in turns.items()} == {"a": 4, "b": 4, "c": 4}
    assert fakes["a"].given == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("seconds", "subjects", "fps", "expected"),
    [(30, 2, 100, 10), (30, 2, 5, 3), (60, 2, 5, 6), (1, 2, 100, 3)],
)
def test_slow_networks_have_longer_turns(seconds: float, subjects: int, fps: float, expected: int) -> None:
    assert rounds_of(seconds, subjects, fps) == expected


@pytest.mark.parametrize(("seconds", "fps"), [(1, 12), (20, 12), (20, 0.5), (3600, 100)])
def test_each_turn_is_long_enough_for_25_runs(seconds: float, fps: float) -> None:
    altogether = long_enough(seconds, subjects=3, fps=fps)
    assert altogether >= seconds
    # Rounds are whole: 3.5 of them are 4 shorter ones.
    assert altogether / rounds_of(altogether, 3, fps) / 3 * fps >= 25 * 3.5 / 4


@given(st.lists(st.floats(0, 10), min_size=1, max_size=300))
def test_percentiles_are_measured_values(seconds: list[float]) -> None:
    found = percentiles(np.array(seconds))
    ordered = sorted(seconds)
    for percent in (50, 90, 99):
        needed = -(-percent * len(seconds) // 100)  # the smallest value that so many do not exceed
        assert found[f"p{percent}"] == round(1000 * ordered[needed - 1], 3)


def test_nothing_has_no_percentiles() -> None:
    assert percentiles(np.zeros(0)) == {}


def test_networks_that_share_a_machine_add_up() -> None:
    assert share({"fast": 60.0, "slow": 4.0}, {"fast": 120.0, "slow": 10.0}) == pytest.approx(0.9)


def test_ratios_are_taken_round_by_round() -> None:
    """A machine that is half as fast in the second round, and in the third for us alone."""
    ceiling = [Turn(rate, 0.01, 0.0, {"m": rate}) for rate in (100, 50, 100)]
    stages = {"infer": np.array([0.01, 0.02])}
    ours = [Turn(rate, 0.0125, 0.0, {"m": rate}, stages) for rate in (90, 45, 40)]
    bare = [Turn(rate, 0.011, 0.0, {"m": rate}) for rate in (90, 50, 80)]
    found = report({CEILING: ceiling, BARE: bare, OURS: ours, "plan x": ceiling, "peer": ours})
    assert (found["ratio"], found["ratio_least"], found["ratio_most"]) == (0.9, 0.4, 0.9)
    # Each figure is a median of what was measured, and none is made of two others.
    assert (found["fps"], found["ceiling_fps"], found["cpu_ratio"]) == (45, 100, 0.8)
    assert (found["bare_ratio"], found["bare_fps"], found["bare_cpu_ms"]) == (0.9, 80, 11)
    assert found["stages"]["infer"] == {"p50": 10, "p90": 20, "p99": 20}
    assert [(each["name"], each["ratio"]) for each in found["plans"]] == [("x", 1.0)]
    assert [(each["name"], each["ratio"]) for each in found["against"]] == [("peer", 1.0)]


def test_rounds_in_which_nothing_came_do_not_hide_what_the_network_does() -> None:
    alone = [Turn(80.0, 0.01, 0.0, {"m": 80.0}) for _ in range(3)]
    stages = {"infer": np.array([0.01])}
    ours = [Turn(0.0, 0.7, 0.0, {}, {"infer": np.zeros(0)})] * 2 + [Turn(8.0, 0.01, 0.0, {"m": 8.0}, stages)]
    found = report({CEILING: alone, BARE: alone, OURS: ours})
    assert (found["fps"], found["ceiling_fps"], found["bare_fps"]) == (0, 80, 80)
    assert (found["ratio"], found["ratio_least"], found["ratio_most"]) == (0, 0, 0.1)
    assert (found["cpu_ms"], found["cpu_ratio"]) == (10, 1)  # of frames, of which those rounds had none
    with pytest.raises(SourceError, match=r"not one frame .* more --seconds"):
        report({CEILING: alone, BARE: alone, OURS: ours[:1] * 3, "peer": alone})


def test_a_meter_counts_our_own_work() -> None:
    read = meter()
    until = time.thread_time() + 0.05
    while time.thread_time() < until:
        pass
    assert read().cpu >= 0.05


class Three:
    """A recording of three pictures."""

    live = False
    frame_rate: float | None = 10.0

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        for number in range(3):
            yield Picture(np.full((2, 2, 3), number, np.uint8), number / 10, time.monotonic())


def test_a_recording_goes_on_for_ever_and_its_time_with_it() -> None:
    valve = Valve()
    valve.turn(True)
    pictures = Looped(Three(), valve).pictures(threading.Event())
    seen = [next(pictures) for _ in range(8)]
    assert [each.ts for each in seen] == pytest.approx([n / 10 for n in range(8)])
    assert [int(each.image[0, 0, 0]) for each in seen] == [0, 1, 2, 0, 1, 2, 0, 1]


class Asking(Three):
    """It asks before it makes an image, as a file does."""

    def chosen(self, stop: threading.Event, wanted: Wanted) -> Iterator[Picture]:
        for picture in self.pictures(stop):
            assert picture.ts is not None
            yield picture if wanted(picture.ts) else picture._replace(image=UNMADE)


def test_of_a_recording_only_those_are_made_that_are_wanted() -> None:
    """In the time of what goes on for ever, or of a camera."""
    valve, asked = Valve(), []
    valve.turn(True)

    def wanted(ts: float) -> bool:
        asked.append(ts)
        return len(asked) % 2 == 0

    looped = Looped(Asking(), valve).chosen(threading.Event(), wanted)
    assert [next(looped).made for _ in range(5)] == [False, True] * 2 + [False]
    assert asked == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])
    asked.clear()
    paced = Paced(Asking(), valve, fps=100, phase=0.0).chosen(threading.Event(), wanted)
    seen = [next(paced) for _ in range(4)]
    assert [each.made for each in seen] == [False, True] * 2
    assert asked == [each.captured for each in seen]


def test_nothing_comes_while_the_valve_is_closed() -> None:
    stop = threading.Event()
    pictures = Looped(Three(), Valve()).pictures(stop)
    threading.Timer(0.1, stop.set).start()
    assert next(pictures, None) is None


def test_a_late_picture_counts_from_when_it_was_due() -> None:
    valve = Valve()
    valve.turn(True)
    pictures = Paced(Three(), valve, fps=100, phase=0.0).pictures(threading.Event())
    seen = [next(pictures)]
    time.sleep(0.1)  # ten pictures are due meanwhile
    seen += [next(pictures) for _ in range(3)]
    captured = [each.captured for each in seen]
    assert np.diff(captured) == pytest.approx([0.01] * 3)
    assert all(each.ts is None for each in seen)
