"""YOLOv8, v9, 11 and 12: no anchors, no objectness, one column per cell."""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats.base import Candidates, Decode, Signature, corners

LAYOUT = "(1, 4 + classes, cells): cx cy w h, class scores"
INPUT: Mapping[str, object] = {
    "color": "rgb",
    "resize": "letterbox",
    "pad": 114,
    "std": (255.0, 255.0, 255.0),
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    shape = signature.shapes[0]
    return len(signature.shapes) == 1 and len(shape) == 3 and shape[2] == signature.cells and shape[1] > 4


def classes(signature: Signature) -> int:
    return signature.shapes[0][1] - 4


def decoder(signature: Signature) -> Decode:
    return decode


def decode(outputs: list[np.ndarray], least: float) -> Candidates:
    """The best class of each column, in the order the network wrote it: transposing first costs 50 times
    as much as this."""
    columns = outputs[0][0]
    best = columns[4:].max(axis=0)
    kept = np.flatnonzero(best >= least)
    scores = columns[4:, kept]
    class_ids = scores.argmax(axis=0).astype(np.int32)
    return Candidates(corners(columns[:4, kept].T), best[kept].astype(np.float32), class_ids)
