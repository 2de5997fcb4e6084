import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.scene.camera import Camera

CAMERA = Camera((3.0, -20.0, 10.0), 0.1, 0.45, 600.0, (960, 540))


@given(st.floats(-15, 15), st.floats(-8, 40))
def test_a_ground_point_comes_back_from_its_pixel(x: float, y: float) -> None:
    pixels, _ = CAMERA.project(np.array([[x, y, 0.0]]))
    assert CAMERA.ground(pixels)[0] == pytest.approx((x, y), abs=1e-6)


@given(st.floats(-15, 15), st.floats(-8, 40))
def test_the_ground_matrix_agrees_with_the_projection(x: float, y: float) -> None:
    pixels, _ = CAMERA.project(np.array([[x, y, 0.0]]))
    u, v, w = CAMERA.ground_matrix() @ (x, y, 1.0)
    assert (u / w, v / w) == pytest.approx(tuple(pixels[0]))


def test_the_point_on_the_optical_axis_falls_on_the_centre() -> None:
    at = np.array(CAMERA.position) + 25.0 * CAMERA.axes()[2]
    pixels, depth = CAMERA.project(at[None])
    assert pixels[0] == pytest.approx((480, 270))
    assert depth[0] == pytest.approx(25.0)


def test_directions_right_is_right_and_up_is_up() -> None:
    points = np.array([[3.0, 0.0, 0.0], [4.0, 0.0, 0.0], [3.0, 0.0, 1.0], [3.0, 5.0, 0.0]])
    (x, y), right, above, beyond = CAMERA.project(points)[0]
    assert right[0] > x
    assert above[1] < y
    assert beyond[1] < y


def test_an_object_twice_as_far_looks_half_as_large() -> None:
    level = Camera((0.0, 0.0, 1.0), 0.0, 0.0, 500.0, (640, 480))
    pixels, _ = level.project(np.array([[-1, 10, 1], [1, 10, 1], [-1, 20, 1], [1, 20, 1]], dtype=float))
    assert np.diff(pixels[:, 0])[[0, 2]] == pytest.approx((100.0, 50.0))
