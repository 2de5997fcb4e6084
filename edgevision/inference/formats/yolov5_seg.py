"""YOLOv5-seg and YOLOv7-seg: a YOLOv5 whose rows end in mask coefficients, and the prototypes they weigh."""

import numpy as np

from edgevision.inference.formats import yolov5
from edgevision.inference.formats.base import Candidates, Decode, Signature, in_shares, plain
from edgevision.inference.formats.yolov8_seg import coefficients
from edgevision.inference.masks import from_prototypes

LAYOUT = (
    "(1, 3 x cells, 5 + classes + M) and (1, M, h, w): cx cy w h, objectness, class scores, mask "
    "coefficients; prototypes"
)
INPUT = yolov5.INPUT
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    shape = plain(signature.outputs[0]).shape
    return (
        len(signature.outputs) == 2
        and len(shape) == 2
        and yolov5.has_anchors(signature, shape[0])
        and shape[1] > 5 + coefficients(signature) > 5
    )


def shows(signature: Signature) -> bool:
    return in_shares(plain(signature.outputs[0])[:, 4 : 5 + classes(signature)])


def classes(signature: Signature) -> int:
    return yolov5.classes(signature) - coefficients(signature)


def decoder(signature: Signature) -> Decode:
    size, count = signature.size, classes(signature)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        rows = plain(outputs[0])
        boxes, kept = yolov5.read_rows(rows, count, least)
        masks = from_prototypes(rows[kept, 5 + count :], boxes.boxes, outputs[1][0], size)
        return Candidates(boxes.boxes, boxes.scores, boxes.class_ids, masks)

    return decode
