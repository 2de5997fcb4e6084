import pytest
from pydantic import ValidationError

from edgevision.analytics.trips import Config, Trips
from edgevision.core import Finding, Size
from tests.builders import track

SIZE = Size(1000, 1000)


def trips(*places: str) -> Trips:
    return Trips(Config.model_validate({"places": list(places)}))


def walk(matrix: Trips, *visits: tuple[float, str, str], id: int = 1) -> list[tuple[str, float]]:
    """One object that is found by analytics: when, by which, what."""
    found = []
    for ts, name, kind in visits:
        matrix.hear(name, Finding(kind, "car", id, 1, 0.9), ts)
        found += [(each.kind, each.value) for each in matrix.update([track(0, 0, id=id)], ts, SIZE)]
    return found


def test_from_line_to_line_to_zone() -> None:
    matrix = trips("north", "east", "yard")
    found = walk(matrix, (1, "north", "crossed_in"), (3, "east", "crossed_out"), (9, "yard", "entered"))
    assert found == [("north>east", 1), ("east>yard", 1)]


def test_a_turn_is_a_trip_as_well_and_each_pair_has_its_count() -> None:
    """opendatacam #297 asks for W>E, N>S, N>W and turnarounds like W>W."""
    matrix = trips("n", "e", "s", "w")
    for id, way in enumerate(["we", "ns", "nw", "ww", "we", "ew"], 1):
        walk(matrix, (id, way[0], "crossed_in"), (id + 0.5, way[1], "crossed_out"), id=id)
    assert matrix.counts == {"w>e": 2, "n>s": 1, "n>w": 1, "w>w": 1, "e>w": 1}
    assert set(matrix.counts) <= set(matrix.kinds)
    assert len(set(matrix.kinds)) == 16


def test_leaving_a_zone_and_places_that_are_not_asked_for_are_no_arrival() -> None:
    matrix = trips("north", "yard")
    visits = ((1, "yard", "entered"), (2, "yard", "left"), (3, "south", "crossed_in"))
    assert walk(matrix, *visits, (4, "north", "crossed_out")) == [("yard>north", 1)]


def test_what_is_heard_in_one_frame_is_put_in_order_of_its_time() -> None:
    matrix = trips("first", "second")
    matrix.hear("second", Finding("crossed_in", "car", 1, 1, 0.9, at=4.8), 5.0)
    matrix.hear("first", Finding("crossed_in", "car", 1, 1, 0.9, at=4.7), 5.0)
    found = matrix.update([track(0, 0)], 5.0, SIZE)
    assert [(each.kind, each.at, each.label, each.track_id) for each in found] == [
        ("first>second", 4.8, "car", 1)
    ]


def test_objects_are_told_apart_and_forgotten_when_they_are_gone() -> None:
    matrix = trips("a", "b")
    for id in range(1, 1000):
        assert walk(matrix, (id, "a", "crossed_in"), id=id) == []
    assert len(matrix._last) == 1
    assert matrix.counts == {}


@pytest.mark.parametrize(
    ("places", "message"),
    [(["a"], "at least 2"), (["a", "b", "a"], "a stands twice"), ([f"p{n}" for n in range(9)], "at most 8")],
)
def test_bad_settings(places: list[str], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        trips(*places)
