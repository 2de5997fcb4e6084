"""Two spots side by side, seen from rather high: each 100 x 100 px, a car's box 80 x 120 px."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.analytics import Blindable, Keeper, Stateful
from edgevision.analytics.spots import FOUND, FREED, LOST, OCCUPIED, Config, Spots
from edgevision.core import Finding, Size, Track
from edgevision.core.types import PlaceState

SIZE = Size(1000, 1000)
PLACES = {
    "A1": [[0.1, 0.5], [0.2, 0.5], [0.2, 0.6], [0.1, 0.6]],
    "A2": [[0.2, 0.5], [0.3, 0.5], [0.3, 0.6], [0.2, 0.6]],
}
A1, A2, BETWEEN = (150, 595), (250, 595), (200, 595)
STEP = 0.2


def spots(**settings: object) -> Spots:
    return Spots(Config.model_validate({"places": PLACES, **settings}))


def car(
    at: tuple[float, float],
    id: int = 1,
    missed: float = 0,
    size: tuple[float, float] = (80, 120),
    label: str = "car",
) -> Track:
    """Its box ends at `at`, in the middle."""
    (x, y), (width, height) = at, size
    box = np.array([x - width / 2, y - height, x + width / 2, y], np.float32)
    return Track(id, box, 0, label, 0.9, 1.0, missed, np.array([at], np.float32))


class Day:
    """Shows spots one frame after the other, and notes what they find."""

    def __init__(self, watched: Spots, ts: float = 0.0) -> None:
        self.spots, self.ts, self.found = watched, ts, list[Finding]()

    def show(self, seconds: float, tracks: Sequence[Track] = ()) -> "Day":
        """The same tracks for so long."""
        for _ in range(round(seconds / STEP)):
            self.ts = round(self.ts + STEP, 3)
            self.found += self.spots.update(tracks, self.ts, SIZE)
        return self

    @property
    def told(self) -> list[tuple[str | None, str, str]]:
        return [(each.name, each.kind, each.label) for each in self.found]

    def state(self, name: str) -> str:
        return self.spots.states()[name].state


def test_it_is_what_the_pipeline_asks_for() -> None:
    watched = spots()
    assert isinstance(watched, Blindable)
    assert isinstance(watched, Keeper)
    assert isinstance(watched, Stateful)


def test_a_stay_is_told_with_its_times() -> None:
    day = Day(spots())
    assert day.state("A1") == "unknown"
    day.show(20)
    assert (day.state("A1"), day.state("A2"), day.found) == ("free", "free", [])
    day.show(100, [car(A1)])
    assert (day.state("A1"), day.state("A2"), day.spots.occupancy()) == ("occupied", "free", 1)
    day.show(30)
    assert day.told == [("A1", OCCUPIED, "car"), ("A1", FREED, "car")]
    came, left = day.found
    assert [came.at, left.at, left.value] == pytest.approx([20.2, 120, 99.8])
    assert (came.value, came.track_id) == (1, 1)
    assert day.spots.states()["A1"] == PlaceState("free", left.at, None)


def test_who_stands_less_than_hold_has_not_parked() -> None:
    day = Day(spots(hold=10)).show(30).show(8, [car(A1)]).show(60)
    assert day.found == []


def test_what_drives_over_it_takes_none() -> None:
    """A car that creeps over both spots for 16 s, at a quarter of its own length a second."""
    day = Day(spots()).show(20)
    for frame in range(80):
        day.show(STEP, [car((50 + frame * 5, 595))])
    assert day.show(20).found == []


@pytest.mark.parametrize(("seen", "unseen"), [(0.8, 0.2), (0.2, 0.2), (1, 1), (5, 5)])
def test_a_car_that_is_missed_half_the_time_stays(seen: float, unseen: float) -> None:
    """From the first moment on. The tracker remembers it for 2 s, and then finds a new one."""
    day, id = Day(spots()).show(20), 1
    while day.ts < 300:
        day.show(seen, [car(A1, id)])
        for frame in range(1, round(unseen / STEP) + 1):
            missed = frame * STEP
            day.show(STEP, [car(A1, id, missed)] if missed <= 2 else [])
        id += unseen > 2
    assert day.told == [("A1", OCCUPIED, "car")]


def test_a_false_box_now_and_then_takes_none() -> None:
    day = Day(spots()).show(20)
    for id in range(1, 20):
        day.show(3, [car(A1, id)]).show(8)
    assert day.found == []


def test_another_id_is_not_another_stay() -> None:
    day = Day(spots()).show(20)
    for id in range(1, 30):
        day.show(3, [car(A1, id)])
    assert day.told == [("A1", OCCUPIED, "car")]


def test_behind_a_truck_it_stays_as_it_was_for_as_long_as_it_takes() -> None:
    """The truck hides both spots, a taken and a free one, for three minutes; the car has a new id then."""
    truck = car((200, 660), 9, size=(300, 220), label="truck")
    day = Day(spots()).show(20).show(60, [car(A1)]).show(180, [truck])
    assert (day.state("A1"), day.state("A2")) == ("occupied", "free")
    day.show(60, [car(A1, 2)])
    assert day.told == [("A1", OCCUPIED, "car")]


def test_a_car_that_left_behind_a_truck_is_known_to_be_gone_after_it() -> None:
    truck = car((200, 660), 9, size=(300, 220), label="truck")
    day = Day(spots()).show(20).show(60, [car(A1)]).show(100, [truck]).show(30)
    assert day.told == [("A1", OCCUPIED, "car"), ("A1", FREED, "car")]
    assert day.found[1].value == pytest.approx(60, abs=1)  # until it was last seen


def test_a_truck_that_the_network_half_sees_hides_as_well() -> None:
    truck = [car((200, 660), 9, missed, (300, 220), "truck") for missed in (0, 0.2, 0.4, 0.6)]
    day = Day(spots()).show(20).show(60, [car(A1)])
    for frame in range(300):
        day.show(STEP, [truck[frame % 4]])
    assert day.told == [("A1", OCCUPIED, "car")]


def test_who_lies_across_two_spots_takes_both_and_who_leans_over_one() -> None:
    assert [name for name, _, _ in Day(spots()).show(20, [car(BETWEEN)]).told] == ["A1", "A2"]
    assert [name for name, _, _ in Day(spots()).show(20, [car((175, 595))]).told] == ["A1"]


def test_two_cars_take_a_spot_each_though_one_leans_over() -> None:
    day = Day(spots()).show(20, [car((180, 595), 1), car((262, 595), 2, label="van")])
    assert day.told == [("A1", OCCUPIED, "car"), ("A2", OCCUPIED, "van")]


def test_people_take_none_unless_they_are_asked_for() -> None:
    person = car(A1, label="person", size=(30, 80))
    assert Day(spots()).show(60, [person]).found == []
    assert Day(spots(classes=["car"])).show(60, [person, car(A2, 2)]).told == [("A2", OCCUPIED, "car")]
    assert Day(spots(classes=["person"])).show(60, [person]).told == [("A1", OCCUPIED, "person")]


def test_after_an_outage_the_first_seconds_decide() -> None:
    day = Day(spots()).show(20).show(60, [car(A1), car(A2, 2)])
    day.ts += 600
    day.show(60, [car(A1, 3)])
    assert day.told == [("A1", OCCUPIED, "car"), ("A2", OCCUPIED, "car"), ("A2", FREED, "car")]
    assert day.spots.states()["A1"].since == pytest.approx(20.2)


def test_the_time_of_an_outage_is_no_evidence() -> None:
    """At a frame a second the tracker needs three to have its cars back: of 3 s, 2 have passed without."""
    watched = spots(hold=3)
    kinds = [
        finding.kind
        for second in [*range(60), 660, 661, 662, *range(663, 720)]
        for finding in watched.update([] if 660 <= second < 663 else [car(A1)], float(second), SIZE)
    ]
    assert kinds == [OCCUPIED]


@pytest.mark.parametrize("step", [2, 10.04, 20, 60])
def test_at_a_frame_every_some_seconds_one_look_is_not_enough(step: float) -> None:
    """The last three are keyframes: every 250 pictures at 25 frames/s come 10 s apart, or a little more."""
    watched, found = spots(), []
    for number in range(200):
        here = [car(A1)] if 50 <= number < 150 else []
        found += [(number, each.kind) for each in watched.update(here, number * step, SIZE)]
    (came, kind), (left, other) = found
    assert (kind, other) == (OCCUPIED, FREED)
    assert 52 <= came <= 56
    assert 151 <= left <= 158


def test_blind_it_is_unknown_and_then_goes_on() -> None:
    day = Day(spots()).show(20).show(60, [car(A1)])
    day.found += day.spots.blind(day.ts)
    assert {state.state for state in day.spots.states().values()} == {"unknown"}
    assert day.spots.occupancy() == 0
    day.ts += 3600
    day.show(60, [car(A1, 2)])
    assert day.told[1:] == [
        ("A1", LOST, "car"), ("A2", LOST, "free"), ("A1", FOUND, "car"), ("A2", FOUND, "free"),
    ]  # fmt: skip
    assert day.found[3].value == pytest.approx(3604, abs=3)
    assert day.spots.states()["A1"] == PlaceState("occupied", day.found[0].at, "car")
    assert day.show(30).told[-1] == ("A1", FREED, "car")
    assert day.found[-1].value == pytest.approx(3660 + 60, abs=1)


def test_blind_twice_tells_once() -> None:
    day = Day(spots()).show(20)
    assert [each.name for each in day.spots.blind(20.0)] == ["A1", "A2"]
    assert day.spots.blind(21.0) == []


def test_what_changed_while_it_was_blind_is_told() -> None:
    day = Day(spots()).show(20).show(60, [car(A1)])
    day.spots.blind(day.ts)
    day.ts += 3600
    day.show(60, [car(A2)])
    assert day.told[1:] == [("A1", FREED, "car"), ("A2", OCCUPIED, "car")]
    assert day.found[1].value == pytest.approx(60, abs=1)


def test_after_a_restart_nothing_is_told_anew() -> None:
    before = Day(spots()).show(20).show(60, [car(A1)])
    kept = json.loads(json.dumps(before.spots.keep(before.ts)))
    after = Day(spots(), ts=5.0)
    after.spots.resume(kept, -95.0)  # 100 s ago on the new clock
    assert after.state("A1") == "unknown"
    after.show(30, [car(A1)])
    assert after.found == []
    now = after.spots.states()["A1"]
    assert (now.state, now.label) == ("occupied", "car")
    assert now.since == pytest.approx(-95 - 59.8)
    after.show(30)
    assert after.told == [("A1", FREED, "car")]
    assert after.found[0].value == pytest.approx(35 + 95 + 59.8, abs=1)


def test_after_a_restart_what_changed_is_told() -> None:
    before = Day(spots()).show(20).show(60, [car(A1, label="van")])
    after = Day(spots())
    after.spots.resume(before.spots.keep(before.ts), -100.0)
    after.show(30, [car(A2)])
    assert after.told == [("A2", OCCUPIED, "car"), ("A1", FREED, "van")]
    assert after.found[1].value == pytest.approx(59.8)


def test_what_is_kept_is_of_spots_that_are_still_there() -> None:
    kept = Day(spots()).show(20, [car(A1), car(A2, 2)]).spots.keep(20.0)
    other = Spots(Config.model_validate({"places": {"A2": PLACES["A2"], "B1": PLACES["A1"]}}))
    other.resume(kept, 0.0)
    assert Day(other).show(20, [car(A1), car(A2, 2)]).told == [("B1", OCCUPIED, "car")]


def test_the_picture_shows_each_in_the_colour_of_its_state() -> None:
    day = Day(spots())
    grey = {shape.color for shape in day.spots.shape(SIZE)}
    red, green = (shape.color for shape in day.show(20, [car(A1)]).spots.shape(SIZE))
    assert [shape.text for shape in day.spots.shape(SIZE)] == ["A1", "A2"]
    assert len({red, green, *grey}) == 3
    assert red is not None
    assert red[2] > red[1]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "expected 1 to 1000 spots, in `file:` or `places:`, got 0"),
        ({"places": PLACES, "hold": "500ms"}, "greater than or equal to 1"),
        ({"places": {f"A{n}": PLACES["A1"] for n in range(1001)}}, "at most 1000"),
        ({"places": {"A1": [[0, 0], [1, 1]]}}, "at least 3 points"),
    ],
)
def test_what_is_no_car_park_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Config.model_validate(settings)
