from collections.abc import Sequence

import pytest
from pydantic import ValidationError

from edgevision.analytics.zone import DWELL, ENTERED, LEFT, Config, Zone
from edgevision.core import Finding, Size
from tests.builders import track

SIZE = Size(1000, 1000)
SQUARE = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
INSIDE, OUTSIDE = (500, 500), (700, 500)


def zone(**settings: object) -> Zone:
    return Zone(Config.model_validate({"polygon": SQUARE, **settings}))


def visit(
    area: Zone, places: Sequence[tuple[float, float]], start: float = 0.0
) -> list[tuple[float, Finding]]:
    """One object that stands at one place after the other, a tenth of a second at each."""
    found = []
    for number, (x, y) in enumerate(places):
        ts = round(number * 0.1, 1)
        found += [(ts, finding) for finding in area.update([track(x, y)], ts, SIZE)]
    return found


def kinds(found: list[tuple[float, Finding]]) -> list[str]:
    return [finding.kind for _, finding in found]


def test_enter_and_leave_are_believed_after_the_hold_and_the_stay_is_exact() -> None:
    area = zone(hold=0.5, dwell=True)
    found = visit(area, [OUTSIDE] * 10 + [INSIDE] * 30 + [OUTSIDE] * 10)
    assert [(ts, f.kind) for ts, f in found] == [(1.5, ENTERED), (4.5, LEFT), (4.5, DWELL)]
    assert found[-1][1].value == pytest.approx(2.9)  # inside from 1.0 s to 3.9 s
    assert [f.value for _, f in found[:2]] == [1, 0]  # how many are inside after it


def test_a_flicker_over_the_border_is_no_visit() -> None:
    assert visit(zone(hold=0.5), [OUTSIDE, INSIDE, INSIDE] * 20) == []


def test_a_flicker_out_of_it_is_no_leaving() -> None:
    area = zone(hold=0.5)
    assert kinds(visit(area, [INSIDE] * 10 + [OUTSIDE, OUTSIDE, INSIDE] * 20)) == [ENTERED]
    assert area.occupancy() == 1


def test_without_a_hold_every_change_counts_at_once() -> None:
    assert kinds(visit(zone(hold=0), [OUTSIDE, INSIDE, OUTSIDE])) == [ENTERED, LEFT]


def test_an_object_that_is_lost_inside_leaves_when_it_is_forgotten() -> None:
    area = zone(hold=0.5, dwell=True)
    visit(area, [INSIDE] * 20)
    still = area.update([track(900, 900, missed=0.5)], 2.4, SIZE)  # guessed outside, not seen there
    assert still == []
    assert area.occupancy() == 1
    gone = area.update([], 4.0, SIZE)
    assert [(f.kind, f.value) for f in gone] == [(LEFT, 0), (DWELL, pytest.approx(1.9))]
    assert area.occupancy() == 0


def test_occupancy_counts_all_that_are_inside() -> None:
    area = zone(hold=0)
    area.update([track(450, 500, id=1), track(550, 500, id=2), track(900, 500, id=3)], 0.0, SIZE)
    assert area.occupancy() == 2
    assert area.shape(SIZE).text == "2"


def test_only_the_classes_asked_for_are_watched() -> None:
    area = zone(hold=0, classes=["bus"])
    assert area.update([track(*INSIDE, label="car")], 0.0, SIZE) == []


def test_what_the_tracker_forgot_is_forgotten() -> None:
    area = zone()
    for number in range(10_000):
        area.update([track(*INSIDE, id=number + 1)], number * 0.1, SIZE)
    assert len(area._visits) == 1


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        (((0, 0), (1, 1)), "an area needs at least 3 points, got 2"),
        (((0, 0), (0.5, 0.5), (1, 1)), "there is nothing inside"),
    ],
)
def test_what_is_no_area_is_refused(polygon: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Config.model_validate({"polygon": polygon})
