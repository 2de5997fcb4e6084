import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edgevision.core.geometry import crossing_position, inside_polygon, signed_distance


def point(x: float, y: float) -> np.ndarray:
    return np.array([x, y], np.float32)


def test_right_of_a_line_drawn_left_to_right_is_below_it() -> None:
    distance = signed_distance(point(0, 50), point(100, 50), np.array([[50, 60], [50, 20]], np.float32))
    assert distance.tolist() == [10, -30]


def test_turning_the_line_round_swaps_its_sides() -> None:
    points = np.array([[3, 9], [70, 20]], np.float32)
    there = signed_distance(point(10, 10), point(90, 40), points)
    back = signed_distance(point(90, 40), point(10, 10), points)
    assert there == pytest.approx(-back, abs=1e-4)


@pytest.mark.parametrize(
    ("x", "position"),
    [(0, 0.0), (50, 0.5), (100, 1.0), (150, 1.5), (-50, -0.5)],
)
def test_where_a_step_meets_the_line(x: float, position: float) -> None:
    found = crossing_position(point(0, 50), point(100, 50), point(x, 40), point(x, 60))
    assert found == pytest.approx(position)


coordinate = st.floats(-500, 500, width=32)


@given(coordinate, coordinate, st.floats(0.01, 0.99), st.floats(1, 100))
def test_a_step_across_a_segment_meets_it_where_it_was_built_to(
    x: float, y: float, along: float, reach: float
) -> None:
    start, end = point(0, 0), point(x, y)
    assume(np.hypot(x, y) > 1)
    meeting = start + along * (end - start)
    normal = np.array([-y, x]) / np.hypot(x, y)
    found = crossing_position(start, end, meeting - reach * normal, meeting + reach * normal)
    assert found == pytest.approx(along, abs=1e-3)


def test_inside_a_concave_polygon() -> None:
    arrow = np.array([[0, 0], [100, 0], [100, 100], [50, 20], [0, 100]], np.float32)
    points = np.array([[50, 10], [50, 60], [10, 60], [90, 60], [150, 10], [-1, 5]], np.float32)
    assert inside_polygon(arrow, points).tolist() == [True, False, True, True, False, False]


def test_no_points_are_inside_nothing() -> None:
    square = np.array([[0, 0], [1, 0], [1, 1]], np.float32)
    assert inside_polygon(square, np.zeros((0, 2), np.float32)).shape == (0,)


@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=3), coordinate, coordinate)
def test_a_triangle_agrees_with_its_three_sides(
    corners: list[tuple[float, float]], x: float, y: float
) -> None:
    """A point is in a triangle if it lies on the same side of all three edges: another definition."""
    a, b, c = (np.array(corner, np.float32) for corner in corners)
    probe = np.array([[x, y]], np.float32)
    edges = [(a, b), (b, c), (c, a)]
    assume(all(np.hypot(*(q - p)) > 1e-2 for p, q in edges))
    distances = np.array([signed_distance(p, q, probe)[0] for p, q in edges])
    assume((np.abs(distances) > 1e-2).all())  # on an edge either answer will do
    expected = bool((distances > 0).all() or (distances < 0).all())
    assert inside_polygon(np.stack([a, b, c]), probe)[0] == expected
