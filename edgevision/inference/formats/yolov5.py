"""YOLOv5, v6 and v7: three anchors per cell, rows of centre box, objectness, class scores."""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats.base import Candidates, Decode, Signature, corners

LAYOUT = "(1, 3 x cells, 5 + classes): cx cy w h, objectness, class scores"
INPUT: Mapping[str, object] = {
    "color": "rgb",
    "resize": "letterbox",
    "pad": 114,
    "std": (255.0, 255.0, 255.0),
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    shape = signature.shapes[0]
    return len(signature.shapes) == 1 and len(shape) == 3 and shape[1] == 3 * signature.cells and shape[2] > 5


def classes(signature: Signature) -> int:
    return signature.shapes[0][2] - 5


def decoder(signature: Signature) -> Decode:
    return decode


def decode(outputs: list[np.ndarray], least: float) -> Candidates:
    """Score = objectness * class score, both already 0..1. Most rows fall at the objectness alone."""
    rows = outputs[0][0]
    rows = rows[rows[:, 4] >= least].astype(np.float32)
    class_ids = rows[:, 5:].argmax(axis=1).astype(np.int32) if len(rows) else np.zeros(0, np.int32)
    scores = rows[:, 4] * rows[np.arange(len(rows)), 5 + class_ids]
    kept = scores >= least
    return Candidates(corners(rows[kept, :4]), scores[kept], class_ids[kept])
