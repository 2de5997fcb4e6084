"""Arithmetic on boxes. A box is x1 y1 x2 y2 in pixels, x to the right, y down."""

from dataclasses import dataclass

import numpy as np

from edgevision.core.types import Detections, Floats, Size


def area(boxes: Floats) -> Floats:
    """Area of each box: (N, 4) px -> (N,) px^2, 0 for a box with no inside."""
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    areas: Floats = np.maximum(width, 0) * np.maximum(height, 0)
    return areas


def iou_matrix(a: Floats, b: Floats) -> Floats:
    """Intersection over union of every box of `a` (N, 4) with every box of `b` (M, 4): (N, M), 0..1."""
    shared = _intersection(a, b)
    union = area(a)[:, None] + area(b) - shared
    iou: Floats = shared / np.maximum(union, np.finfo(np.float32).tiny)  # 0 / tiny for boxes with no inside
    return iou


def cover_matrix(a: Floats, b: Floats) -> Floats:
    """Which share of every box of `a` (N, 4) lies in every box of `b` (M, 4): (N, M), 0..1."""
    share: Floats = _intersection(a, b) / np.maximum(area(a)[:, None], np.finfo(np.float32).tiny)
    return share


def _intersection(a: Floats, b: Floats) -> Floats:
    """Shared area of every box of `a` with every box of `b`: (N, M) px^2."""
    # Column by column: a reduction over a last axis of two costs 10 times the arithmetic.
    width = np.minimum(a[:, 2, None], b[:, 2]) - np.maximum(a[:, 0, None], b[:, 0])
    height = np.minimum(a[:, 3, None], b[:, 3]) - np.maximum(a[:, 1, None], b[:, 1])
    shared: Floats = np.maximum(width, 0) * np.maximum(height, 0)
    return shared


def clip(boxes: Floats, size: Size) -> Floats:
    """Boxes (N, 4) cut at the borders of a picture of `size`."""
    limits = np.array([size.width, size.height, size.width, size.height], np.float32)
    return np.clip(boxes, 0, limits)


def bottom_centers(boxes: Floats) -> Floats:
    """(N, 4) boxes -> (N, 2) px: where upright objects stand on the ground."""
    return np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)


def without_duplicates(detections: Detections, overlap: float) -> Detections:
    """Of boxes that overlap more (IoU), of whatever class, keep the best scored: a network's classes are not
    exclusive, objects are."""
    order = np.argsort(-detections.scores, kind="stable")
    ranked = detections[order]
    same = np.triu(iou_matrix(ranked.boxes, ranked.boxes) > overlap, k=1)
    kept = np.ones(len(ranked), bool)
    for row in np.flatnonzero(same.any(axis=1)):
        if kept[row]:
            kept &= ~same[row]
    return ranked[kept]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a frame lies in the network's input: input = frame * scale + offset, each axis on its own.

    A letterbox has the same scale on both axes, a stretch has no offset, a crop's offsets are 0 or less.
    """

    frame: Size
    scale_x: float  # input px per frame px
    scale_y: float
    offset_x: float  # input px
    offset_y: float

    def to_frame(self, boxes: Floats) -> Floats:
        """Boxes (N, 4) in input pixels -> the same boxes in frame pixels, clipped to the frame."""
        offset = np.array([self.offset_x, self.offset_y] * 2, np.float32)
        scale = np.array([self.scale_x, self.scale_y] * 2, np.float32)
        return clip((boxes - offset) / scale, self.frame)
