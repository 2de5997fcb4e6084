import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgevision.analytics import Blindable, Finisher, Keeper
from edgevision.analytics.zone import CLEARED, CROWDED, DWELL, ENTERED, LEFT, STAYS_ON, Config, Zone
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
    assert len(area._inside) == 1


def test_a_class_that_flickers_is_no_leaving() -> None:
    """The vote on what it is goes to and fro while the object stands."""
    area, found = zone(hold=0.5, classes=["car"]), []
    for number in range(60):
        seen = track(*INSIDE, label="truck" if 20 <= number < 24 or number >= 50 else "car")
        found += area.update([seen], number / 10, SIZE)
    assert [(f.kind, f.label) for f in found] == [(ENTERED, "car"), (LEFT, "car")]


def test_who_is_still_inside_when_a_file_ends_is_told_apart_from_who_left() -> None:
    area = zone(hold=0.2, dwell=True)
    assert isinstance(area, Finisher)
    for number in range(31):
        tracks = [track(*INSIDE), track(450, 500, id=2, missed=0 if number <= 20 else 0.5)]
        area.update([*tracks, track(*OUTSIDE, id=3)], number / 10, SIZE)
    area.update([track(*INSIDE), track(450, 500, id=2, missed=0.6), track(*INSIDE, id=3)], 3.1, SIZE)
    ended = area.finish()
    assert [(f.kind, f.track_id, f.value, f.at) for f in ended] == [
        (STAYS_ON, 1, 3.1, 3.1),
        (STAYS_ON, 2, 2.0, 3.1),  # hidden: what was seen of its stay
    ]  # and the third was not inside for the hold
    assert (len(area.stays), area.occupancy()) == (0, 2)
    assert STAYS_ON in area.kinds
    assert zone().finish() == []


def crowded(area: Zone, numbers: Sequence[int], start: float = 0.0) -> list[tuple[float, str, str, float]]:
    """So many inside, a second each."""
    found = []
    for second, number in enumerate(numbers):
        labels = ["car", *["person"] * 9][:number]
        people = [track(410 + 10 * n, 500, id=n + 1, label=label) for n, label in enumerate(labels)]
        for each in area.update(people, start + second, SIZE):
            found += [(start + second, each.kind, each.label, each.value)] if each.track_id is None else []
    return found


def test_a_crowd_is_told_when_it_lasts_and_when_it_is_over() -> None:
    area = zone(hold=0, crowd={"above": 3, "below": 2, "hold": "2s"})
    assert area.kinds == (ENTERED, LEFT, CROWDED, CLEARED)
    #          0  1  2  3  4  5  6  7  8  9 10 11 12 13 14 15
    numbers = [3, 4, 3, 4, 4, 5, 3, 2, 1, 2, 1, 0, 0, 4, 4, 4]
    assert crowded(area, numbers) == [
        (5, CROWDED, "person", 5), (12, CLEARED, "car", 0), (15, CROWDED, "person", 4),
    ]  # fmt: skip
    shape = area.shape(SIZE)
    assert shape.text == "4, crowded"


def test_without_a_lower_limit_it_is_over_when_there_are_no_more_than_allowed() -> None:
    area = zone(hold=0, crowd={"above": 2, "hold": 0})
    assert [kind for _, kind, _, _ in crowded(area, [2, 3, 2, 3])] == [CROWDED, CLEARED, CROWDED]


def test_how_long_stays_are_is_on_the_picture() -> None:
    area = zone(hold=0, dwell=True)
    for number in range(10):  # who stays 10 s, 20 s, ... 100 s
        for ts, place in ((0, INSIDE), (10 * (number + 1), INSIDE), (10 * (number + 1) + 1, OUTSIDE)):
            area.update([track(*place, id=number + 1)], 1000.0 * number + ts, SIZE)
    assert area.stays.quantile(0.5) == pytest.approx(50, rel=0.05)
    assert area.shape(SIZE).text.startswith("0; stays ")
    assert area.shape(SIZE).text.endswith(", longest 1.7 min")


def test_while_the_camera_is_blind_nothing_is_known_and_who_returns_has_stayed() -> None:
    area = zone(hold=0.5, dwell=True, crowd={"above": 1, "hold": 1})
    assert isinstance(area, Blindable)
    both = [track(*INSIDE), track(450, 500, id=2)]
    for number in range(30):
        area.update(both, number / 10, SIZE)
    assert area.blind(2.9) == []
    assert area.occupancy() is None
    assert area.shape(SIZE).text == "?, crowded"
    assert [f.kind for f in area.update(both[:1], 60.0, SIZE)] == [LEFT]  # and no dwell: nobody saw it go
    assert area.occupancy() == 1
    assert [(f.kind, f.value) for f in area.update([], 70.0, SIZE)] == [
        (LEFT, 0),
        (DWELL, 60.0),
        (CLEARED, 0),
    ]


def test_a_crowd_that_began_before_the_camera_went_blind_has_to_last_anew() -> None:
    area = zone(hold=0, crowd={"above": 1, "hold": "3s"})
    assert crowded(area, [2, 2, 2]) == []
    area.blind(2.0)
    assert crowded(area, [2, 2, 2, 2], start=60) == [(63, CROWDED, "person", 2)]


def test_what_is_known_of_stays_and_crowds_survives_a_restart() -> None:
    settings = {"hold": 0, "dwell": True, "crowd": {"above": 1, "hold": 1}}
    before, after = zone(**settings), zone(**settings)
    assert isinstance(before, Keeper)
    visit(before, [INSIDE] * 11 + [OUTSIDE])
    crowded(before, [2, 2, 2], start=100)
    after.resume(json.loads(json.dumps(before.keep(103.0))), 0.0)
    assert len(after.stays) == 1
    assert after.stays.longest == pytest.approx(1.0)
    assert after.occupancy() == 0
    assert crowded(after, [0, 0], start=10) == [(11, CLEARED, "person", 0)]
    assert zone().keep(0.0) == {}


@given(
    st.lists(
        st.lists(st.tuples(st.integers(1, 5), st.integers(300, 700), st.booleans()), max_size=5), max_size=60
    ),
    st.sampled_from([0, 0.2, 1.0]),
)
def test_the_account_of_a_zone_balances(frames: list[list[tuple[int, int, bool]]], hold: float) -> None:
    """Whatever is seen, hidden, lost and found: entered less left is inside, and what is told of stays is
    what the distribution holds."""
    area, balance, dwells = zone(hold=hold, dwell=True), 0, []
    for number, frame in enumerate(frames):
        seen = {id: (x, hidden) for id, x, hidden in frame}
        tracks = [track(x, 500, id=id, missed=0.1 * hidden) for id, (x, hidden) in seen.items()]
        for found in area.update([replace(each, age=0.0) for each in tracks], number / 10, SIZE):
            balance += {ENTERED: 1, LEFT: -1}.get(found.kind, 0)
            assert found.kind == DWELL or found.value == balance
            dwells += [found.value] if found.kind == DWELL else []
        assert area.occupancy() == balance >= 0
    assert len(area.stays) == len(dwells)
    assert area.stays.longest == max(dwells, default=0)
    assert all(0 <= seconds <= len(frames) / 10 for seconds in dwells)


@pytest.mark.parametrize(
    ("crowd", "message"),
    [
        ({"above": 3, "below": 4}, "`below` must not be more than `above`, got 4 and 3"),
        ({"below": 4}, "above"),
        ({"above": -1}, "greater than or equal to 0"),
    ],
)
def test_limits_that_make_no_sense_are_refused(crowd: object, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        zone(crowd=crowd)


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


def test_who_was_not_looked_at_while_nothing_moved_stayed_all_the_time() -> None:
    area = zone(hold=0.5, dwell=True)
    found = visit(area, [INSIDE] * 10)
    area.rest([1], 60.0)
    for tenth in range(1, 20):
        found += [(0, finding) for finding in area.update([], 60 + tenth / 10, SIZE)]
    assert kinds(found) == [ENTERED, LEFT, DWELL]
    assert found[-1][1].value == 60


def test_a_new_id_as_the_picture_begins_to_move_is_no_other_visitor() -> None:
    area = zone(hold=0.5)
    found = visit(area, [INSIDE] * 10)
    area.rest([1], 60.0)
    for tenth in range(1, 20):
        known = [replace(track(*INSIDE, id=2), age=tenth / 10 - 0.1)]
        found += [(0, finding) for finding in area.update(known, 60 + tenth / 10, SIZE)]
    assert kinds(found) == [ENTERED]


def test_who_was_on_his_way_out_or_is_gone_did_not_stay_meanwhile() -> None:
    area = zone(hold=0.5, dwell=True)
    found = visit(area, [INSIDE] * 10 + [OUTSIDE] * 2)
    area.rest([1], 60.0)
    found += [(0, finding) for finding in area.update([track(*OUTSIDE)], 60.1, SIZE)]
    assert found[-1][1].value == pytest.approx(0.9)
    area = zone(hold=0.5, dwell=True)
    found = visit(area, [INSIDE] * 10)
    area.rest([], 60.0)
    found += [(0, finding) for finding in area.update([], 60.1, SIZE)]
    assert found[-1][1].value == pytest.approx(0.9)
