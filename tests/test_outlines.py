"""Masks as polygons and as run lengths, read back by OpenCV and by COCO's own code."""

import numpy as np
import pytest
from faster_coco_eval.core import mask as coco
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core.types import Mask, Size
from edgevision.opencv import cv2
from edgevision.outlines import MOST_POLYGONS, polygons, run_lengths


@st.composite
def placed_masks(draw: st.DrawFn) -> tuple[Mask, np.ndarray]:
    """A mask in a frame of up to 12x12, and the same pixels as the whole frame."""
    height, width = draw(st.integers(1, 12)), draw(st.integers(1, 12))
    top, left = draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))
    rows, columns = draw(st.integers(1, height - top)), draw(st.integers(1, width - left))
    bits = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    pixels = np.array(bits, bool).reshape(rows, columns)
    frame = np.zeros((height, width), bool)
    frame[top : top + rows, left : left + columns] = pixels
    return Mask(left, top, pixels), frame


@given(placed_masks())
def test_run_lengths_are_read_by_coco(example: tuple[Mask, np.ndarray]) -> None:
    mask, frame = example
    height, width = frame.shape
    lengths = run_lengths(mask, Size(width, height))
    assert sum(lengths["counts"]) == height * width
    assert (coco.decode(coco.frPyObjects(lengths, height, width)) == frame).all()
    assert lengths["counts"] == plain_run_lengths(frame)


def plain_run_lengths(frame: np.ndarray) -> list[int]:
    """By the definition: down the columns, runs of 0 and 1 in turn, beginning with 0."""
    counts, value = [0], False
    for pixel in frame.T.ravel():
        if pixel != value:
            counts.append(0)
            value = pixel
        counts[-1] += 1
    return counts


def test_a_small_object_in_a_huge_frame_costs_little() -> None:
    lengths = run_lengths(Mask(9000, 8000, np.ones((2, 2), bool)), Size(16000, 16000))
    first = 9000 * 16000 + 8000
    assert lengths["counts"] == [first, 2, 15998, 2, 16000 * 16000 - first - 16002]


def test_a_polygon_has_the_masks_area_and_place() -> None:
    y, x = np.mgrid[:60, :80]
    pixels = ((x - 40) / 35) ** 2 + ((y - 30) / 25) ** 2 < 1
    (outline,) = polygons(Mask(10, 5, pixels))
    points = np.array(outline, np.float32)
    assert cv2.contourArea(points) == pytest.approx(np.pi * 35 * 25, rel=0.03)
    assert points.mean(axis=0) == pytest.approx([50.5, 35.5], abs=1)
    assert len(outline) < 100


def test_parts_come_largest_first_and_crumbs_are_left_out() -> None:
    pixels = np.zeros((40, 100), bool)
    for number in range(MOST_POLYGONS + 3):
        pixels[: 2 * number + 1, number * 10 : number * 10 + 5] = True
    found = polygons(Mask(0, 0, pixels))
    heights = [max(y for _, y in outline) for outline in found]
    assert len(found) == MOST_POLYGONS
    assert heights == sorted(heights, reverse=True)
    assert heights[0] == pytest.approx(2 * (MOST_POLYGONS + 2) + 1, abs=0.3)


def test_one_pixel_is_a_square() -> None:
    (outline,) = polygons(Mask(3, 4, np.ones((1, 1), bool)))
    points = np.array(outline)
    assert points.min(axis=0).tolist() == [3.25, 4.25]
    assert points.max(axis=0).tolist() == [3.75, 4.75]
    assert len(outline) == 4


def test_nothing_has_no_outline() -> None:
    assert polygons(Mask(3, 4, np.zeros((5, 5), bool))) == []
