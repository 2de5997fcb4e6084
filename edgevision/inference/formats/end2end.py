"""YOLOv10, YOLO26 and other exports that end in finished boxes: rows of corners, score, class."""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats.base import Candidates, Decode, Signature

LAYOUT = "(1, up to 1000, 6): x1 y1 x2 y2, score, class"
INPUT: Mapping[str, object] = {
    "color": "rgb",
    "resize": "letterbox",
    "pad": 114,
    "std": (255.0, 255.0, 255.0),
}
NEEDS_NMS = False
MOST_ROWS = 1000  # one-class heads have 6 columns too, but a row for each cell


def fits(signature: Signature) -> bool:
    shape = signature.shapes[0]
    return (
        len(signature.shapes) == 1
        and len(shape) == 3
        and shape[2] == 6
        and shape[1] <= MOST_ROWS
        and shape[1] not in (signature.cells, 3 * signature.cells)
    )


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    return decode


def decode(outputs: list[np.ndarray], least: float) -> Candidates:
    rows = outputs[0][0]
    rows = rows[rows[:, 4] >= least].astype(np.float32)
    return Candidates(rows[:, :4], rows[:, 4], rows[:, 5].astype(np.int32))
