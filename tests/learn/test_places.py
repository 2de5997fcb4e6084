"""Who stands still, where, and what is one place."""

import numpy as np

from edgevision.core.types import Track
from edgevision.learn import Place, Places, Stay, Stays
from edgevision.learn.places import MOST_PLACES, MOST_STAYS


def car(x: float, y: float = 100.0, id: int = 1, missed: float = 0.0, side: float = 40.0) -> Track:
    box = np.array([x, y, x + side, y + side], np.float32)
    trail = np.array([[x + side / 2, y + side]], np.float32)
    return Track(id, box, 0, "car", 0.9, 1.0, missed, trail)


def stay(begin: float, end: float, x: float = 0.0, side: float = 40.0) -> Stay:
    return Stay(begin, end, np.array([x, 100 - side, x + side, 100.0]))


def of(*stays: Stay) -> list[Place]:
    places = Places()
    for each in stays:
        places.add(each)
    return places.merged()


def test_who_stands_is_told_from_who_drives_by() -> None:
    places = Places()
    stays = Stays(places)
    rng = np.random.default_rng(1)
    for ts in range(60):
        trembling = car(200 + rng.normal(0, 1), id=2)
        stays.update([car(10.0 * ts), trembling], float(ts))
    stays.finish()
    (place,) = places.merged()
    assert place.seconds == 59
    np.testing.assert_allclose(place.box, [200, 100, 240, 140], atol=1)


def test_one_that_comes_stays_and_leaves_stayed_where_it_stood() -> None:
    places = Places()
    stays = Stays(places)
    way = [0.0, 20.0, 40.0, *[60.0] * 30, 90.0, 120.0]
    for ts, x in enumerate(way):
        stays.update([car(x)], float(ts))
    stays.finish()
    (place,) = places.merged()
    assert (place.stays[0].begin, place.stays[0].end) == (3, 32)


def test_what_is_only_remembered_was_not_seen() -> None:
    places = Places()
    stays = Stays(places)
    for ts in range(30):
        stays.update([car(0, missed=max(0.0, ts - 9.0))], float(ts))
    assert places.found[0].seconds == 9


def test_a_lorry_stood_in_the_same_place_and_does_not_make_it_larger() -> None:
    (place,) = of(stay(0, 100), stay(200, 300), stay(400, 450, x=-8, side=56), stay(500, 600, x=2))
    assert len(place.stays) == 4
    assert place.box[2] - place.box[0] == 40


def test_neighbours_that_overlap_stay_two() -> None:
    assert len(of(stay(0, 100), stay(0, 100, x=20))) == 2  # a third of them is shared


def test_one_that_was_hidden_stayed_once_and_two_at_a_barrier_twice() -> None:
    assert [len(place.stays) for place in of(stay(0, 100), stay(120, 300))] == [1]
    assert [len(place.stays) for place in of(stay(0, 5), stay(20, 25))] == [2]
    assert [len(place.stays) for place in of(stay(0, 100), stay(200, 300))] == [2]


def test_it_remembers_no_more_than_it_says() -> None:
    places = Places()
    for number in range(MOST_PLACES + 5):
        places.add(stay(0, 10 + number, x=100.0 * number))
    assert len(places.found) == MOST_PLACES
    assert min(place.seconds for place in places.found) == 15
    for number in range(MOST_STAYS + 5):
        places.add(stay(1000 * number, 1000 * number + 100 + number, x=100.0 * MOST_PLACES))
    assert max(len(place.stays) for place in places.found) == MOST_STAYS
