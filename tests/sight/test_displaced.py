"""A view that is found elsewhere, against the move that was drawn."""

import numpy as np
import pytest

from edgevision.opencv import cv2
from edgevision.sight.displaced import best_pose
from edgevision.sight.glance import COLUMNS, ROWS, glance
from tests.sight.test_sight import HEIGHT, SCENE, WIDTH, moved

ALL = np.ones((ROWS, COLUMNS), bool)


@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (0.05, 0.0), (-0.1, 0.05), (0.0, -0.2)])
def test_a_shift_is_found(x: float, y: float) -> None:
    known = glance(SCENE).directions
    pose = best_pose(glance(moved(x, y)(SCENE, 0)).directions, known, ALL)
    assert pose.pixels == pytest.approx(np.hypot(x * 160, y * 90), abs=1)
    shown = (1 - abs(x)) * (1 - abs(y))  # of the blocks, that are still in the picture
    assert pose.agreement == pytest.approx(shown, abs=0.15)
    assert pose.unmoved < 0.3 or (x, y) == (0, 0)


@pytest.mark.parametrize(("turn", "zoom"), [(4.0, 1.0), (-6.0, 1.0), (0.0, 1.1), (2.0, 0.9)])
def test_a_turn_and_a_zoom_are_found(turn: float, zoom: float) -> None:
    """The blocks' centres are at most 64 and 33.75 px from the middle: that is where the move is largest."""
    known = glance(SCENE).directions
    pose = best_pose(glance(moved(turn=turn, zoom=zoom)(SCENE, 0)).directions, known, ALL)
    corner = np.array([[64.0, 33.75], [64.0, -33.75]])
    angle = np.deg2rad(turn)
    turned = zoom * corner @ np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    expected = np.linalg.norm(turned - corner, axis=1).max()
    assert pose.pixels == pytest.approx(expected, abs=2)
    assert pose.agreement > pose.unmoved + 0.2


def test_edges_have_their_direction_whatever_side_is_bright() -> None:
    """Twice the angle of a gradient along x is 0, along y is a half turn."""
    for dark, bright in ((50, 200), (200, 50)):
        image = np.full((HEIGHT, WIDTH, 3), dark, np.uint8)
        image[:, WIDTH // 2 :] = bright
        upright = glance(image).directions[:, 45, 79:81]
        assert upright[0].min() > 0.9
        assert np.abs(upright[1]).max() < 0.05
        level = glance(np.asarray(cv2.resize(image.transpose(1, 0, 2), (WIDTH, HEIGHT)), np.uint8))
        assert level.directions[0, 44:46, 80].max() < -0.9
        slope = np.where(np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)) < 250, dark, bright)
        falling = glance(np.repeat(slope[..., None], 3, axis=2).astype(np.uint8)).directions[:, 62, 62]
        assert falling[1] > 0.9


@pytest.mark.parametrize("size", [(1280, 720), (704, 576), (360, 640), (64, 64), (1000, 40), (33, 7)])
def test_pictures_of_any_size_have_whole_blocks(size: tuple[int, int]) -> None:
    now = glance(np.zeros((size[1], size[0], 3), np.uint8))
    assert now.directions.shape[1] % ROWS == now.directions.shape[2] % COLUMNS == 0
    assert now.strength.shape == (ROWS, COLUMNS)
    assert (now.brightest, now.sharpness) == (0, 0)
