"""SSD whose priors are decoded in the graph: corners in shares of the picture, class scores with background.

As exported by pytorch-ssd and Ultra-Light-Fast-Generic-Face-Detector (ONNX model zoo).
"""

from collections.abc import Mapping

import numpy as np

from edgevision.inference.formats.base import (
    Candidates,
    Decode,
    Signature,
    guesses,
    in_shares,
    row_maxima,
    strongest,
)

LAYOUT = (
    "(1, N, 4) and (1, N, 1 + classes): x1 y1 x2 y2 in 0..1; scores, of which the first is the background's"
)
INPUT: Mapping[str, object] = {
    "size": (300, 300),
    "color": "rgb",
    "resize": "stretch",
    "mean": (127.0, 127.0, 127.0),
    "std": (128.0, 128.0, 128.0),
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    return find(signature) is not None


def find(signature: Signature) -> tuple[int, int] | None:
    """Positions of boxes and scores. Scores of three classes have four columns too; their rows add to 1."""
    shapes = signature.shapes
    if len(shapes) != 2 or any(len(shape) != 3 or shape[0] != 1 for shape in shapes):
        return None
    for boxes, scores in ((0, 1), (1, 0)):
        other = shapes[scores]
        if shapes[boxes][2] == 4 and other[1] == shapes[boxes][1] and other[2] > 1:
            if other[2] == 4 and not _adds_up(signature.outputs[scores]):
                continue
            return boxes, scores
    return None


def shows(signature: Signature) -> bool:
    found = find(signature)
    if found is None:
        return False
    boxes, scores = signature.outputs[found[0]], signature.outputs[found[1]]
    # Sigmoids do not add up; then the background is known by the number of names.
    named = signature.labels == classes(signature) and in_shares(scores)
    return (named or _adds_up(scores)) and bool(np.median(np.abs(boxes)) < 1.5)


def _adds_up(scores: np.ndarray) -> bool:
    return bool((np.abs(scores.astype(np.float32).sum(axis=2) - 1) < 0.02).all())


def classes(signature: Signature) -> int:
    found = find(signature)
    return signature.shapes[found[1]][2] - 1 if found else 0


def decoder(signature: Signature) -> Decode:
    found = find(signature)
    assert found is not None  # it fits
    boxes_at, scores_at = found
    size = np.array([signature.size.width, signature.size.height] * 2, np.float32)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        scores = outputs[scores_at][0, :, 1:]
        kept = strongest(row_maxima(scores), least)
        guessed, class_ids, found = guesses(scores[kept], least)
        boxes = outputs[boxes_at][0, kept[guessed]].astype(np.float32) * size
        return Candidates(boxes, found, class_ids)

    return decode
