"""Masks as other programs read them: polygons, and the run lengths of COCO."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from edgevision.core.types import Mask, Size
from edgevision.opencv import cv2

MOST_POLYGONS = 5  # of one object, which something in front of it may cut into parts; the largest
TOLERANCE = 0.5  # px by which a polygon may leave the mask's border to need fewer points


def outlines_of(mask: Mask, frame: Size, kinds: Sequence[str]) -> dict[str, Any]:
    """A mask as JSON, in one or both ways: polygons, rle."""
    made: dict[str, Any] = {}
    if "polygons" in kinds:
        made["polygons"] = polygons(mask)
    if "rle" in kinds:
        made["rle"] = run_lengths(mask, frame)
    return made


def polygons(mask: Mask) -> list[list[list[float]]]:
    """The outlines of a mask's parts as points [x, y] in pixels of the frame, largest first.

    They run a quarter of a pixel inside the border. Holes are not told: the run lengths have them.
    """
    # OpenCV's contours go through the centres of the outermost pixels, so that an object one pixel wide has
    # no inside. At twice the size every object has one, and the border is a quarter of a pixel away.
    doubled = np.repeat(np.repeat(mask.pixels.astype(np.uint8), 2, axis=0), 2, axis=1)
    contours, _ = cv2.findContours(doubled, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    largest = sorted(contours, key=cv2.contourArea, reverse=True)[:MOST_POLYGONS]
    found = []
    for contour in largest:
        points = cv2.approxPolyDP(contour, 2 * TOLERANCE, True)
        points = points if len(points) > 2 else contour
        placed = (points.reshape(-1, 2) + 0.5) / 2 + (mask.left, mask.top)
        found.append([[round(float(x), 2), round(float(y), 2)] for x, y in placed])
    return found


def run_lengths(mask: Mask, frame: Size) -> dict[str, list[int]]:
    """COCO's run-length encoding, not compressed: lengths of runs, beginning with those outside, down the
    columns from left to right, as `counts`, with `size` as [height, width].

    Made of the cut alone, so a small object in a large frame costs little.
    Source: cocodataset/cocoapi, common/maskApi.h.
    """
    columns = np.pad(mask.pixels.T.astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(columns, axis=1)
    starts, ends = (_positions(steps == way, mask, frame) for way in (1, -1))
    # A run that reaches the bottom goes on at the top of the next column.
    joined = ends[:-1] == starts[1:]
    starts, ends = starts[np.r_[True, ~joined][: len(starts)]], ends[np.r_[~joined, True][: len(ends)]]
    borders = np.stack([starts, ends], axis=1).ravel()
    counts = np.diff(np.r_[0, borders, frame.width * frame.height])
    if len(counts) > 1 and counts[-1] == 0:
        counts = counts[:-1]
    return {"size": [frame.height, frame.width], "counts": counts.tolist()}


def _positions(at: np.ndarray, mask: Mask, frame: Size) -> np.ndarray:
    """Where in the frame's columns, laid end to end, the marked places (w, h + 1) of the cut are."""
    x, y = np.nonzero(at)
    return (mask.left + x) * frame.height + mask.top + y
