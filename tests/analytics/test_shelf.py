from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.analytics import Blindable, Compound, Gauged, Keeper
from edgevision.analytics.shelf import COLOURS, Config, Shelf
from edgevision.core import Finding, Size, Track
from edgevision.core.types import Verdict
from tests.analytics.drawn_shelf import Scene, play

SIZE = Size(1000, 1000)
SQUARE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
HOLD, STEP = 2.0, 0.1


def shelf(**settings: object) -> Shelf:
    defaults = {"polygon": SQUARE, "classes": ["cola", "water"], "hold": HOLD}
    built = Shelf(Config.model_validate({**defaults, **settings}))
    built.named("s")
    return built


def thing(x: float, label: str = "cola", y: float = 500.0, missed: float = 0.0) -> Track:
    """A product 80 px wide and 200 px high, its centre at (x, y)."""
    box = np.array([x - 40, y - 100, x + 40, y + 100], np.float32)
    return Track(1, box, 0, label, 0.9, 1.0, missed, np.array([[x, y + 100]], np.float32))


def shopper(x: float, missed: float = 0.0) -> Track:
    box = np.array([x - 100, 100, x + 100, 1000], np.float32)
    return Track(2, box, 1, "person", 0.9, 1.0, missed, np.array([[x, 1000]], np.float32))


class Day:
    """What a shelf tells, ten frames a second."""

    def __init__(self, shelf: Shelf, ts: float = 0.0) -> None:
        self.shelf = shelf
        self.ts = ts
        self.found: list[Finding] = []

    def go(self, seconds: float, *tracks: Track) -> list[tuple[str, str, float]]:
        """Kind, label and value of what is told in these seconds."""
        before = len(self.found)
        for _ in range(round(seconds / STEP)):
            self.ts = round(self.ts + STEP, 3)
            self.found += self.shelf.update(tracks, self.ts, SIZE)
        return [(f.kind, f.label, f.value) for f in self.found[before:]]


FOUR = [thing(x) for x in (100, 300, 500, 700)]


def test_low_out_and_back_each_told_once_with_the_time_it_happened() -> None:
    day = Day(shelf(low=3))
    assert day.go(10, *FOUR) == []
    assert day.shelf.occupancy() == 4
    assert day.go(10, *FOUR[:3]) == []
    taken = day.ts
    assert day.go(10, *FOUR[:2]) == [("low_stock", "all", 2)]
    assert day.go(10) == [("out_of_stock", "all", 0)]
    assert day.go(1, *FOUR) == []  # not yet
    assert day.go(10, *FOUR) == [("in_stock", "all", 4)]
    assert [(f.name, f.at) for f in day.found] == [
        ("s-1", taken), ("s-1", taken + 10), ("s-1", pytest.approx(taken + 20 + STEP)),
    ]  # fmt: skip


def test_an_empty_shelf_is_told_at_the_first_look_and_a_full_one_is_not() -> None:
    assert Day(shelf()).go(20) == [("out_of_stock", "all", 0)]
    assert Day(shelf(low=4)).go(20, *FOUR) == []


def test_while_somebody_is_in_front_all_stays_as_it_was() -> None:
    day = Day(shelf(low=3))
    day.go(10, *FOUR)
    assert day.go(30, FOUR[0], shopper(500)) == []
    assert day.shelf.occupancy() == 4
    assert day.shelf.gauges()["shelf_held_seconds"][("1",)] == pytest.approx(30, abs=2 * STEP)
    # Missed by the network for a moment he is still there.
    assert day.go(HOLD, FOUR[0], shopper(500, missed=1.0)) == []
    # The time he stood there is no time of sight.
    assert day.go(HOLD - 2 * STEP, FOUR[0]) == []
    assert day.shelf.gauges()["shelf_held_seconds"][("1",)] == 0
    assert day.go(5, FOUR[0]) == [("low_stock", "all", 1)]


def test_who_covers_next_to_nothing_of_a_row_does_not_hold_it() -> None:
    day = Day(shelf(low=3))
    day.go(10, *FOUR)
    assert day.go(10, FOUR[0], shopper(1080)) == [("low_stock", "all", 1)]  # 20 of 1000 px


def test_only_rows_that_somebody_hides_are_held() -> None:
    high, low = [thing(x, y=250) for x in (100, 300, 500)], [thing(x, y=750) for x in (100, 300, 500)]
    crouching = replace(shopper(500), box=np.array([400, 600, 600, 1000], np.float32))
    watched = shelf(rows=[{"name": "top"}, {"name": "bottom"}])
    day = Day(watched)
    day.go(10, *high, *low)
    assert day.go(10, crouching) == [("out_of_stock", "all", 0)]
    assert day.found[-1].name == "s-top"
    top, bottom = watched.shape(SIZE)
    assert (top.text, top.color) == ("top 0 OUT", COLOURS["out_of_stock"])
    assert (bottom.text, bottom.color) == ("bottom 3 held 10 s", COLOURS["in_stock"])
    assert top.points.tolist() == [[0, 0], [1000, 0], [1000, 500], [0, 500]]


def test_a_product_of_the_plan_is_judged_by_itself() -> None:
    plan = [{"name": "top", "expect": ["cola", "cola", "cola", "water"], "low": 2}]
    day = Day(shelf(rows=plan))
    full = [*FOUR[:3], thing(700, "water")]
    assert day.go(10, *full) == []
    # One of one expected is not low, though fewer than 2.
    assert day.go(10, *full[:3]) == [("out_of_stock", "water", 0), ("compliance", "all", 0.75)]
    assert day.go(10, full[1]) == [("low_stock", "cola", 1), ("compliance", "all", 0.25)]
    assert day.go(10, *full) == [
        ("in_stock", "cola", 3), ("in_stock", "water", 1), ("compliance", "all", 1)
    ]  # fmt: skip


def test_what_stands_in_the_wrong_place_is_told_with_its_place() -> None:
    day = Day(shelf(rows=[{"name": "top", "expect": ["cola", "cola", "water", "water"]}]))
    right = [*FOUR[:2], thing(500, "water"), thing(700, "water")]
    day.go(10, *right)
    wrong = [FOUR[0], thing(300, "juice"), *right[2:]]
    assert day.go(15, *wrong) == [("compliance", "all", 0.75)]  # juice is no product of this section
    assert day.shelf.gauges()["shelf_compliance"][("top",)] == 0.75
    day = Day(shelf(classes=[], rows=[{"name": "top", "expect": ["cola", "cola", "water", "water"]}]))
    day.go(10, *right)
    assert day.go(25, *wrong) == [("misplaced", "juice", 2), ("compliance", "all", 0.75)]
    assert day.found[-2].before == "cola"
    assert day.go(25, *right) == [("compliance", "all", 1)]


def test_which_of_three_equal_ones_is_missing_is_told_by_the_space() -> None:
    for missing in range(3):
        watched = shelf(polygon=[[0.05, 0], [0.35, 0], [0.35, 1], [0.05, 1]], rows=[
            {"name": "top", "expect": ["cola"] * 3}
        ])  # fmt: skip
        products = [thing(x) for x in (100, 200, 300)]
        day = Day(watched)
        day.go(10, *products)
        day.go(10, *products[:missing], *products[missing + 1 :])
        slots = watched.keep(day.ts)["top"]["slots"]
        assert slots == ["" if i == missing else "cola" for i in range(3)]


def test_a_second_look_says_which_product_it_is() -> None:
    def bottle(x: float, kind: str) -> Track:
        return replace(thing(x, "bottle"), looks={"kind": Verdict(kind, 0.9, 5)})

    day = Day(shelf(classes=["bottle"], rows=[{"name": "top", "expect": ["cola", "water"]}]))
    assert day.go(10, bottle(200, "cola"), bottle(400, "water")) == []
    assert day.go(10, bottle(200, "cola")) == [("out_of_stock", "water", 0), ("compliance", "all", 0.5)]


def test_blind_it_knows_nothing_and_then_tells_what_it_sees() -> None:
    watched = shelf(low=3)
    assert isinstance(watched, Blindable)
    day = Day(watched)
    assert watched.blind(0.0) == []  # nothing was known
    day.go(10, *FOUR)
    found = watched.blind(day.ts)
    assert [(f.kind, f.name, f.value) for f in found] == [("unknown", "s-1", 4)]
    assert watched.blind(day.ts + 1) == []
    assert watched.gauges()["shelf_state"]["1", "unknown"] == 1
    day.ts += 600
    assert day.go(2 * HOLD - STEP, *FOUR) == []
    assert day.go(2, *FOUR) == [("in_stock", "all", 4)]
    watched.blind(day.ts)
    assert day.go(6) == [("out_of_stock", "all", 0)]


def test_what_the_tracker_only_remembers_is_not_seen() -> None:
    day = Day(shelf())
    day.go(10, *FOUR)
    assert day.go(5, *(replace(each, missed=0.5) for each in FOUR)) == [("out_of_stock", "all", 0)]


def test_a_few_pictures_are_no_first_look() -> None:
    """One a second: `hold` is over before a product can be believed."""
    watched = shelf(low=3)
    assert [found for ts in range(120) for found in watched.update(FOUR, float(ts), SIZE)] == []
    assert watched.gauges()["shelf_state"]["1", "in_stock"] == 1


def test_after_a_restart_nothing_is_told_again_that_is_still_so() -> None:
    plan = {"rows": [{"name": "top", "expect": ["cola"] * 4, "low": 3}]}
    first = shelf(**plan)
    assert isinstance(first, Keeper)
    day = Day(first)
    day.go(10, *FOUR)
    assert day.go(10, *FOUR[:2]) == [("low_stock", "cola", 2), ("compliance", "all", 0.5)]
    kept = first.keep(day.ts)
    same, emptied = shelf(**plan), shelf(**plan)
    for each in (same, emptied):
        each.resume(kept, -60.0)
        assert each.gauges()["shelf_state"]["top", "low_stock"] == 1
        assert each.occupancy() == 2
    assert Day(same).go(20, *FOUR[:2]) == []
    later = Day(emptied)
    assert later.go(20) == [("out_of_stock", "cola", 0), ("compliance", "all", 0)]
    assert later.found[0].at == pytest.approx(-60.0)  # since then nobody saw them


def test_what_was_kept_of_another_plan_does_no_harm() -> None:
    day = Day(shelf(rows=[{"name": "top", "expect": ["cola"] * 4}]))
    day.go(10, *FOUR)
    other = shelf(rows=[{"name": "top", "expect": ["water"]}, {"name": "new"}], classes=[])
    other.resume(day.shelf.keep(day.ts), 0.0)
    assert ("out_of_stock", "water", 0) in Day(other).go(20, *FOUR)


def test_gauges_and_names() -> None:
    watched = shelf(rows=2, low=2)
    assert isinstance(watched, Gauged)
    assert isinstance(watched, Compound)
    assert watched.named("cold") == ["cold-1", "cold-2"]
    assert watched.kinds == ("out_of_stock", "low_stock", "in_stock", "unknown")
    Day(watched).go(10, thing(100, y=250), thing(300, "water", y=250), thing(500, "water", y=250))
    gauges = watched.gauges()
    assert gauges["facings"] == {
        ("1", "cola"): 1, ("1", "water"): 2, ("2", "cola"): 0, ("2", "water"): 0,
    }  # fmt: skip
    states = {labels: value for labels, value in gauges["shelf_state"].items() if value}
    assert states == {("1", "in_stock"): 1, ("2", "out_of_stock"): 1}
    assert "shelf_compliance" not in gauges


def test_a_camera_with_another_picture_size_sees_the_same() -> None:
    watched = shelf()
    day = Day(watched)
    day.go(10, *FOUR)
    half = [replace(each, box=each.box / 2) for each in FOUR]
    for number in range(100):
        assert watched.update(half, day.ts + (number + 1) * STEP, Size(500, 500)) == []
    assert watched.occupancy() == 4


@pytest.mark.parametrize("miss", [0.3, 0.5])
def test_a_drawn_shelf_with_shoppers_and_misses(miss: float) -> None:
    """Three minutes: no count is off while nobody is there, all changes of state are told and no other."""
    scores = play(Scene(seed=4, miss=miss, fps=4, minutes=3, visits=25, stay=8), hold=3)
    truth = scores["truth"]
    assert sum(len(states) - 1 for states in truth.states) >= 2
    assert scores["ours"].against(truth) == (0, 0)
    assert scores["ours"].error < 0.02
    assert scores["frame"].error > 10 * miss - 1
    assert scores["frame"].against(truth)[0] > 20


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"polygon": None}, "say where it is"),
        ({"rows": 0}, "expected 1 to 20 rows, got 0"),
        ({"rows": [{"name": "a"}, {"name": "a"}]}, "two rows are named 'a'"),
        ({"rows": [{"name": "a", "polygon": SQUARE}]}, "every row has its own `polygon`"),
        ({"rows": [{"name": "a", "polygon": SQUARE}, {"name": "b"}]}, "row 'b' has no `polygon`"),
        ({"polygon": SQUARE[:3], "rows": 2}, "only an area of 4 corners can be cut into rows, this has 3"),
        ({"polygon": ((0, 0), (1, 1), (1, 0), (0, 0.9)), "rows": 2}, "must go round the area in order"),
        ({"blockers": ["cola"]}, "'cola' cannot be a product and a blocker"),
        ({"low": 0}, "greater than or equal to 1"),
        ({"hold": 0}, "greater than 0"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        shelf(**wrong)
