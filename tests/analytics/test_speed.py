import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.analytics.line import Config as LineConfig
from edgevision.analytics.line import LineCounter
from edgevision.analytics.speed import BACK, THERE, Config, SpeedTrap
from edgevision.core import Finding, Size
from tests.builders import track

SIZE = Size(1000, 1000)
NEAR = {"from": (0, 0.3), "to": (1, 0.3)}
FAR = {"from": (0, 0.7), "to": (1, 0.7)}


def trap(**settings: object) -> SpeedTrap:
    return SpeedTrap(Config.model_validate({"lines": ["near", "far"], "metres": 20, **settings}))


def drive(speeds: SpeedTrap, ys: np.ndarray, fps: float, id: int = 1, start: float = 0.0) -> list[Finding]:
    """One object whose bottom centre goes through `ys`; the far line is asked first, as it may be."""
    lines = [("far", FAR), ("near", NEAR)]
    counters = [(name, LineCounter(LineConfig.model_validate(line))) for name, line in lines]
    found = []
    for number, y in enumerate([*ys, *[None] * int(2 * fps)]):
        ts = start + number / fps
        tracks = [] if y is None else [track(500, y, id=id)]
        for name, counter in counters:
            for finding in counter.update(tracks, ts, SIZE):
                speeds.hear(name, finding, ts)
        found += speeds.update(tracks, ts, SIZE)
    return found


@pytest.mark.parametrize("fps", [3, 7, 10, 25])
@pytest.mark.parametrize("kmh", [7, 30, 50, 100])
def test_speeds_are_right_to_a_percent_at_any_frame_rate(fps: float, kmh: float) -> None:
    """400 px between the lines are 20 m, so 1 px is 0.05 m."""
    step = kmh / 3.6 / 0.05 / fps
    ys = np.arange(40, 960, step)
    there = drive(trap(), ys, fps)
    assert [finding.kind for finding in there] == [THERE]
    assert there[0].value == pytest.approx(kmh, rel=0.01)
    back = drive(trap(), ys[::-1], fps)
    assert [finding.kind for finding in back] == [BACK]
    assert back[0].value == pytest.approx(kmh, rel=0.01)


def test_it_tells_when_the_second_line_was_met_and_what_it_was() -> None:
    found = drive(trap(), np.arange(100, 900, 40), 10)  # 400 px/s: at y = 700 after 1.5 s
    assert found[0].at == pytest.approx(1.5)
    assert (found[0].label, found[0].track_id) == ("car", 1)


def test_so_fast_that_both_lines_are_crossed_between_two_frames() -> None:
    found = drive(trap(), np.array([100.0, 900.0]), 10)  # 8000 px/s: 400 m/s
    assert found == []
    found = drive(trap(fastest=2000), np.array([100.0, 900.0]), 10)
    assert [(finding.kind, finding.value) for finding in found] == [(THERE, 1440.0)]


def test_what_is_not_believable_is_not_told() -> None:
    waits = np.array([*range(100, 500, 40), *[500] * 300, *range(500, 900, 40)])  # 30 s: 2.4 km/h
    assert [finding.value for finding in drive(trap(), waits, 10)] == [pytest.approx(2.33, abs=0.1)]
    assert drive(trap(slowest=5), waits, 10) == []


def test_who_turns_back_between_the_lines_has_no_speed() -> None:
    ys = np.array([*range(100, 500, 20), *range(500, 100, -20)])
    assert drive(trap(), ys, 10) == []


def test_two_objects_do_not_share_a_speed() -> None:
    speeds = trap()
    assert drive(speeds, np.arange(100, 500, 40), 10, id=1) == []
    assert drive(speeds, np.arange(500, 900, 40), 10, id=2, start=10) == []


def test_what_is_gone_is_forgotten_and_other_lines_are_not_heard() -> None:
    speeds = trap()
    finding = Finding("crossed_in", "car", 1, 1, 0.9)
    for number in range(1000):
        speeds.hear("near", Finding("crossed_in", "car", number + 1, 1, 0.9), 0.1 * number)
        speeds.update([track(500, 500, id=number + 1)], 0.1 * number, SIZE)
    assert len(speeds._met) == 1
    speeds.hear("elsewhere", finding, 200.0)
    assert speeds._heard == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"lines": ["near", "near"]}, "names the same one twice"),
        ({"lines": ["near"]}, "Field required|at least 2"),
        ({"metres": 0}, "greater than 0"),
        ({"slowest": 50, "fastest": 50}, "slowest: 50 km/h is not below fastest: 50 km/h"),
    ],
)
def test_bad_settings(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        trap(**settings)


def test_lines_that_meet_and_crossings_told_late_give_no_speed() -> None:
    speeds = trap()
    speeds.hear("near", Finding("crossed_in", "car", 1, 1, 0.9, at=5.0), 5.2)
    speeds.hear("far", Finding("crossed_in", "car", 1, 1, 0.9, at=5.0), 5.2)
    assert speeds.update([track(500, 500)], 5.2, SIZE) == []
    speeds.hear("near", Finding("crossed_in", "car", 1, 1, 0.9, at=4.0), 5.3)
    assert speeds.update([track(500, 500)], 5.3, SIZE) == []
