"""Two outputs: finished corners and class scores, a row for each cell. The format of our own networks."""

from collections.abc import Mapping, Sequence

import numpy as np

from edgevision.inference.formats.base import Candidates, Decode, Signature, guesses, row_maxima, strongest

LAYOUT = "(1, cells, 4) and (1, cells, classes): x1 y1 x2 y2; class scores"
INPUT: Mapping[str, object] = {
    "color": "bgr",
    "resize": "letterbox",
    "pad": 114,
    "std": (255.0, 255.0, 255.0),
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    return len(signature.shapes) == 2 and are_boxes_scores(signature, signature.shapes)


def are_boxes_scores(signature: Signature, shapes: Sequence[tuple[int, ...]]) -> bool:
    """Whether two outputs can be boxes and scores."""
    return all(len(shape) == 3 and shape[1] == signature.cells for shape in shapes) and shapes[0][2] == 4


def classes(signature: Signature) -> int:
    return signature.shapes[1][2]


def decoder(signature: Signature) -> Decode:
    return decode


def decode(outputs: list[np.ndarray], least: float) -> Candidates:
    boxes, scores = outputs[0][0], outputs[1][0]
    kept = strongest(row_maxima(scores), least)
    rows, class_ids, found = guesses(scores[kept], least)
    return Candidates(boxes[kept[rows]].astype(np.float32), found, class_ids)
