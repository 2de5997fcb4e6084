"""Rows cut out of a section, against OpenCV's perspective transform."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core.geometry import is_convex, strips
from edgevision.opencv import cv2

NEAR = st.floats(-0.12, 0.12)
TURNED = [[0, 1, 2, 3], [1, 2, 3, 0], [2, 3, 0, 1], [3, 0, 1, 2], [3, 2, 1, 0], [1, 0, 3, 2]]


@given(st.lists(NEAR, min_size=8, max_size=8), st.integers(1, 6), st.sampled_from(TURNED))
def test_rows_follow_the_perspective_wherever_the_drawing_began(
    moves: list[float], count: int, order: list[int]
) -> None:
    corners = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]) + np.reshape(moves, (4, 2))
    square = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    way = cv2.getPerspectiveTransform(square, corners.astype(np.float32))
    found = strips(corners[order], count)
    assert len(found) == count
    for number, strip in enumerate(found):
        high, low = number / count, (number + 1) / count
        ends = np.array([[[0, high], [1, high], [1, low], [0, low]]], np.float32)
        assert strip == pytest.approx(cv2.perspectiveTransform(ends, way)[0], abs=1e-4)


def test_seen_from_the_side_the_farther_boards_are_nearer_to_each_other() -> None:
    """Looking up at a shelf whose top is half as wide as its bottom: the lower half takes two thirds."""
    upper, lower = strips(np.array([[0.25, 0.0], [0.75, 0.0], [1.0, 0.9], [0.0, 0.9]]), 2)
    assert upper[2, 1] == pytest.approx(0.3)
    assert lower[0, 1] == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("corners", "convex"),
    [
        ([[0, 0], [1, 0], [1, 1], [0, 1]], True),
        ([[0, 0], [0, 1], [1, 1], [1, 0]], True),
        ([[0, 0], [1, 1], [1, 0], [0, 1]], False),  # crossed
        ([[0, 0], [1, 0], [0.2, 0.2], [0, 1]], False),  # dented
        ([[0, 0], [0.5, 0], [1, 0], [0, 1]], False),  # three corners
    ],
)
def test_convex(corners: list[list[float]], convex: bool) -> None:
    assert is_convex(np.array(corners)) == convex
