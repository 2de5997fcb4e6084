"""Shares of places, against the same thing counted point by point."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.core.geometry import inside_polygon
from edgevision.core.plots import Plots
from edgevision.core.types import Floats

SQUARE = np.array([[100, 100], [200, 100], [200, 200], [100, 200]], np.float32)
ALL = np.ones(1, bool)
SLANT = np.array([[100, 200], [200, 200], [300, 100], [200, 100]], np.float32)  # a stripe that leans right


def boxes(*each: tuple[float, float, float, float]) -> Floats:
    return np.array(each, np.float32).reshape(-1, 4)


def test_a_box_as_large_as_the_place_takes_all_of_it() -> None:
    assert Plots([SQUARE]).shares(boxes((100, 100, 200, 200)))[0][0, 0] == pytest.approx(1)


def test_of_a_high_box_only_the_lowest_part_is_ground() -> None:
    """A van of three times the place's height, whose centre is far above the place it stands in."""
    above = SQUARE - np.array([0, 100], np.float32)
    shares, _ = Plots([SQUARE, above]).shares(boxes((100, -100, 200, 200)))
    assert shares[:, 0] == pytest.approx([1, 0], abs=0.01)


def test_a_motorcycle_takes_all_of_the_place_it_stands_in() -> None:
    assert Plots([SQUARE]).shares(boxes((140, 150, 160, 190)))[0][0, 0] == pytest.approx(1, abs=0.01)


def test_of_slanting_places_side_by_side_a_car_takes_its_own() -> None:
    """Its box reaches over half of each neighbour."""
    row = [SLANT + np.array([x, 0], np.float32) for x in (-100, 0, 100)]
    box = boxes((100, 100, 300, 200))
    assert Plots(row).shares(box)[0][:, 0] == pytest.approx([0, 1, 0], abs=0.01)
    assert Plots(row).covered(box, np.ones(3, bool))[0, 0] > 0.2
    assert (Plots(row).covered(box, np.zeros(3, bool)) == 0).all()


def test_what_goes_on_behind_a_nearer_box_stands_lower_than_it_ends() -> None:
    """The lower half of the car is hidden by a truck; what is seen of it ends in the middle of the place."""
    seen, truck = (100, 80, 200, 150), (80, 150, 400, 300)
    plots = Plots([SQUARE])
    assert plots.shares(boxes(seen))[0][0, 0] == pytest.approx(
        50 / 70, abs=0.1
    )  # of the 70 px seen, 50 in it
    # 140 px high if it stands there, it goes on to 220: of the lowest 100, the upper 80 lie in the place
    assert plots.shares(boxes(seen, (80, 140, 400, 300)))[0][0, 0] == pytest.approx(0.8, abs=0.1)
    assert plots.shares(boxes(seen, truck))[0][0, 1] < 0.7


def test_little_of_what_stands_in_front_is_in_the_place() -> None:
    """A truck along two places, its near side 60 px before them, of their 100 px depth."""
    two = Plots([SQUARE, SQUARE + np.array([100, 0], np.float32)])
    shares, inside = two.shares(boxes((50, 40, 350, 260)))
    assert shares[:, 0] == pytest.approx([0.4, 0.4], abs=0.05)
    assert inside[:, 0] == pytest.approx([0.4 / 3, 0.4 / 3], abs=0.02)


def test_half_of_what_is_hidden_is_what_stands_above_the_ground() -> None:
    plots = Plots([SQUARE])
    assert plots.covered(boxes((100, 60, 200, 200)), ALL)[0, 0] == pytest.approx(1)
    assert plots.covered(boxes((100, 60, 150, 200)), ALL)[0, 0] == pytest.approx(0.5)
    assert plots.covered(boxes((300, 60, 350, 200)), ALL)[0, 0] == 0
    # The upper 40 px of what rises 40 px over it: all of the lifted place but its lowest 60 px
    assert plots.covered(boxes((100, 60, 200, 100)), ALL)[0, 0] == pytest.approx(0.4 / 2, abs=0.05)


def test_what_two_places_have_in_common() -> None:
    quarter = SQUARE + np.array([50, 50], np.float32)
    common = Plots([SQUARE, quarter, SQUARE + np.float32(500)]).common()
    assert common == pytest.approx(np.array([[1, 0.25, 0], [0.25, 1, 0], [0, 0, 1]]), abs=0.01)


def test_without_boxes_nothing_is_taken() -> None:
    assert Plots([SQUARE]).shares(boxes())[0].shape == (1, 0)


x, y = st.integers(0, 300), st.integers(0, 300)
side = st.integers(20, 200)


@settings(max_examples=30)
@given(st.tuples(x, y, side, side), side, st.integers(-80, 80))
def test_shares_are_those_of_points_in_a_stretched_polygon(
    place: tuple[int, int, int, int], wide: int, lean: int
) -> None:
    """Of any stripe that leans, and a box no higher than it: its share by 40000 points is the same."""
    left, top, width, height = place
    stripe = np.array([[0, height], [wide, height], [wide + lean, 0], [lean, 0]], np.float32) + 100
    box = boxes((left, top, left + width, top + min(height, 200)))
    low, high = stripe.min(axis=0), stripe.max(axis=0)
    ground = box[0, :2] + (stripe - low) / (high - low) * (box[0, 2:] - box[0, :2])
    if box[0, 3] - box[0, 1] > high[1] - low[1]:
        return
    steps = (np.arange(200) + 0.5) / 200
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2).astype(np.float32)
    points = np.minimum(low, ground.min(axis=0)) + grid * (
        np.maximum(high, ground.max(axis=0)) - np.minimum(low, ground.min(axis=0))
    )
    one, two = inside_polygon(stripe, points), inside_polygon(ground.astype(np.float32), points)
    expected = (one & two).sum() / max(1, min(one.sum(), two.sum()))
    assert Plots([stripe]).shares(box)[0][0, 0] == pytest.approx(expected, abs=0.13)
