"""CenterNet: objects are peaks of a heat map for each class, with a map of sizes and one of offsets.

centre = (column + x, row + y) * stride, size = (w, h) * stride; a peak is no lower than its eight neighbours
(Zhou et al., "Objects as Points", arXiv 1904.07850). Maps like these may mean anything: a card must say it.
"""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats.base import (
    Candidates,
    Decode,
    Signature,
    corners,
    in_shares,
    sigmoid,
    strongest,
)
from edgevision.opencv import cv2

LAYOUT = "(1, classes, h, w), (1, 2, h, w) and (1, 2, h, w): heat of each class; width and height; offset"
INPUT: Mapping[str, object] = {
    "size": (512, 512),
    "color": "bgr",
    "resize": "letterbox",
    "pad": 0,
    "mean": (104.04, 113.985, 119.85),
    "std": (73.695, 69.87, 70.89),
}
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    shapes = signature.shapes
    return (
        len(shapes) == 3
        and all(len(shape) == 4 and shape[0] == 1 and shape[2:] == shapes[0][2:] for shape in shapes)
        and shapes[1][1] == shapes[2][1] == 2
    )


def classes(signature: Signature) -> int:
    return signature.shapes[0][1]


def decoder(signature: Signature) -> Decode:
    _, _, rows, columns = signature.shapes[0]
    stride = np.array([signature.size.width / columns, signature.size.height / rows], np.float32)
    raw = not in_shares(signature.outputs[0])

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        heat = sigmoid(outputs[0][0]) if raw else outputs[0][0].astype(np.float32)
        peaks = np.stack([cv2.dilate(plane, np.ones((3, 3), np.uint8)) for plane in heat])
        scores = np.where(heat == peaks, heat, 0).reshape(-1)
        kept = strongest(scores, least)
        class_ids, y, x = np.unravel_index(kept, heat.shape)
        sizes, offsets = (outputs[n][0][:, y, x].T.astype(np.float32) for n in (1, 2))
        centres = np.stack([x, y], axis=1) + offsets
        boxes = corners(np.hstack([centres * stride, sizes * stride]).astype(np.float32))
        return Candidates(boxes, scores[kept], class_ids.astype(np.int32))

    return decode
