"""A detector whose answers are known: it finds bright spots on black, once in what it is shown."""

from typing import cast

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Detections, Image, Mask, Size
from edgevision.inference.detector import Detector
from edgevision.inference.preprocess import InputSpec, Preprocessor
from edgevision.opencv import cv2

Box = tuple[int, int, int, int]


class Blobs:
    """Has what the pipeline uses of a Detector. Connected bright pixels of its input are one object."""

    labels = ("blob",)

    def __init__(self, side: int) -> None:
        self.input = InputSpec(Size(side, side), resize="letterbox_top_left", pad=0)

    def preprocessor(self, into: np.ndarray | None = None) -> Preprocessor:
        return Preprocessor(self.input, into)

    def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
        return [tensor.copy()]

    def decode(self, outputs: list[np.ndarray], placement: Placement, least: float = 0.1) -> Detections:
        found = connected(outputs[0][0, 0] > 0.5)
        return Detections(placement.to_frame(found.boxes), found.scores, found.class_ids)

    def as_detector(self) -> Detector:
        return cast(Detector, self)


def connected(bright: np.ndarray) -> Detections:
    """Every connected part of the bright pixels (H, W) bool, with its box and its mask."""
    count, names, stats, _ = cv2.connectedComponentsWithStats(bright.astype(np.uint8), connectivity=8)
    left, top, width, height = np.asarray(stats, np.float32)[1:, :4].T
    boxes = np.stack([left, top, left + width, top + height], axis=1)
    masks = tuple(
        Mask(x1, y1, np.asarray(names)[y1:y2, x1:x2] == number)
        for number, (x1, y1, x2, y2) in enumerate(boxes.astype(int).tolist(), start=1)
    )
    scores = np.full(count - 1, 0.9, np.float32)
    return Detections(boxes, scores, np.zeros(count - 1, np.int32), masks)


def drawn(size: Size, boxes: list[Box]) -> Image:
    """Bright rectangles on black."""
    image = np.zeros((size.height, size.width, 3), np.uint8)
    for x1, y1, x2, y2 in boxes:
        image[y1:y2, x1:x2] = 255
    return image


def scattered(size: Size, count: int, rng: np.random.Generator, fixed: list[Box], sides: Box) -> list[Box]:
    """`fixed` and more boxes up to `count`, none nearer than 3 px to another. sides: least and most width and
    height as (w1, w2, h1, h2)."""
    taken = np.zeros((size.height, size.width), bool)
    boxes: list[Box] = []
    while len(boxes) < count:
        if fixed:
            x1, y1, x2, y2 = fixed.pop()
        else:
            width, height = rng.integers(sides[0], sides[1] + 1), rng.integers(sides[2], sides[3] + 1)
            x1 = int(rng.integers(0, size.width - width + 1))
            y1 = int(rng.integers(0, size.height - height + 1))
            x2, y2 = x1 + int(width), y1 + int(height)
        around = taken[max(0, y1 - 3) : y2 + 3, max(0, x1 - 3) : x2 + 3]
        if not around.any():
            taken[y1:y2, x1:x2] = True
            boxes.append((x1, y1, x2, y2))
    return boxes
