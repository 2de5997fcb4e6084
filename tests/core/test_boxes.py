import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from edgevision.core.boxes import Placement, bottom_centers, clip, cover_matrix, iou_matrix, overlapping_pairs
from edgevision.core.types import Floats, Size

coordinates = st.floats(-1000, 1000, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Floats:
    corners = draw(arrays(np.float32, (draw(st.integers(1, 5)), 4), elements=coordinates))
    return np.hstack([np.minimum(corners[:, :2], corners[:, 2:]), np.maximum(corners[:, :2], corners[:, 2:])])


def test_iou_of_a_shifted_square() -> None:
    a = np.array([[0, 0, 10, 10]], np.float32)
    b = np.array([[5, 0, 15, 10], [0, 0, 10, 10], [20, 20, 30, 30]], np.float32)
    assert iou_matrix(a, b)[0] == pytest.approx([50 / 150, 1.0, 0.0])


def test_iou_of_boxes_without_inside_is_zero() -> None:
    empty = np.array([[5, 5, 5, 9]], np.float32)
    assert iou_matrix(empty, empty)[0, 0] == 0


def test_cover_is_the_share_of_the_first_that_lies_in_the_second() -> None:
    cab, lorry = np.array([[0, 0, 4, 10]], np.float32), np.array([[2, 0, 22, 10]], np.float32)
    assert cover_matrix(cab, lorry)[0, 0] == pytest.approx(20 / 40)
    assert cover_matrix(lorry, cab)[0, 0] == pytest.approx(20 / 200)
    assert cover_matrix(np.array([[3, 3, 3, 3]], np.float32), lorry)[0, 0] == 0


@settings(max_examples=50)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 0.5, 0.75]))
def test_overlapping_pairs_are_those_of_the_matrix(seed: int, least: float) -> None:
    rng = np.random.default_rng(seed)
    corners = rng.integers(0, 30, (40, 2))
    crowd = np.hstack([corners, corners + rng.integers(0, 40, (40, 2))]).astype(np.float32)
    matrix = np.triu(iou_matrix(crowd, crowd), k=1)
    surely = set(zip(*(axis.tolist() for axis in np.nonzero(matrix > least + 1e-6)), strict=True))
    perhaps = set(zip(*(axis.tolist() for axis in np.nonzero(matrix > least - 1e-6)), strict=True))
    found = {(min(pair), max(pair)) for pair in np.transpose(overlapping_pairs(crowd, least)).tolist()}
    assert surely <= found <= perhaps


@given(boxes(), boxes())
def test_iou_is_symmetric_and_a_share(a: Floats, b: Floats) -> None:
    overlap = iou_matrix(a, b)
    assert ((overlap >= 0) & (overlap <= 1 + 1e-5)).all()
    assert overlap == pytest.approx(iou_matrix(b, a).T)


def test_bottom_center() -> None:
    assert bottom_centers(np.array([[10, 20, 30, 60]], np.float32)).tolist() == [[20, 60]]


def test_clip_cuts_at_the_borders() -> None:
    outside = np.array([[-5, -5, 700, 500]], np.float32)
    assert clip(outside, Size(640, 480)).tolist() == [[0, 0, 640, 480]]


@given(st.integers(1, 4000), st.integers(1, 4000), st.floats(0.1, 4), st.integers(0, 300))
def test_placement_is_undone(width: int, height: int, scale: float, offset: int) -> None:
    placement = Placement(Size(width, height), scale, scale, offset, 2 * offset)
    frame = np.array([[0, 0, width, height]], np.float32)
    shift = np.array([offset, 2 * offset] * 2, np.float32)
    assert placement.to_frame(frame * np.float32(scale) + shift) == pytest.approx(frame, abs=0.05, rel=1e-4)
