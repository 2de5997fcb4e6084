"""YOLO26-seg and other exports of finished boxes with mask coefficients, and the prototypes they weigh."""

import numpy as np

from edgevision.inference.formats import end2end
from edgevision.inference.formats.base import Candidates, Decode, Signature, plain
from edgevision.inference.formats.yolov8_seg import coefficients
from edgevision.inference.masks import from_prototypes

LAYOUT = "(1, up to 1000, 6 + M) and (1, M, h, w): x1 y1 x2 y2, score, class, mask coefficients; prototypes"
INPUT = end2end.INPUT
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    if len(signature.outputs) != 2 or not coefficients(signature):
        return False
    return end2end.has_rows(signature, 6 + coefficients(signature))


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    size = signature.size

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        rows = plain(outputs[0])
        boxes, kept = end2end.read_finished(rows, least, size)
        masks = from_prototypes(rows[kept, 6:], boxes.boxes, outputs[1][0], size)
        return Candidates(boxes.boxes, boxes.scores, boxes.class_ids, masks)

    return decode
