"""YOLOv8-seg and 11-seg: a YOLOv8 whose columns end in mask coefficients, and the prototypes they weigh."""

import numpy as np

from edgevision.inference.formats import yolov8
from edgevision.inference.formats.base import Candidates, Decode, Signature, in_shares, plain
from edgevision.inference.masks import from_prototypes

LAYOUT = (
    "(1, 4 + classes + M, cells) and (1, M, h, w): cx cy w h, class scores, mask coefficients; prototypes"
)
INPUT = yolov8.INPUT
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    found = yolov8.columns(signature) if len(signature.outputs) == 2 else None
    return found is not None and len(found) > 4 + coefficients(signature) > 4


def coefficients(signature: Signature) -> int:
    """How many prototypes there are; 0 where the second output is none."""
    shape = signature.shapes[1]
    return shape[1] if len(shape) == 4 and shape[0] == 1 else 0


def shows(signature: Signature) -> bool:
    found = yolov8.columns(signature)
    return found is not None and in_shares(found[4 : 4 + classes(signature)])


def classes(signature: Signature) -> int:
    return yolov8.classes(signature) - coefficients(signature)


def decoder(signature: Signature) -> Decode:
    size, count = signature.size, classes(signature)
    found = yolov8.columns(signature)
    turned = found is not None and found.shape != plain(signature.outputs[0]).shape

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        columns = plain(outputs[0]).T if turned else plain(outputs[0])
        boxes, kept = yolov8.read_columns(columns, count, least)
        masks = from_prototypes(columns[4 + count :, kept].T, boxes.boxes, outputs[1][0], size)
        return Candidates(boxes.boxes, boxes.scores, boxes.class_ids, masks)

    return decode
