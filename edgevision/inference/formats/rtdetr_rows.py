"""RT-DETR as Ultralytics exports it: a row for each query, its box in shares and its class scores."""

import numpy as np

from edgevision.inference.formats.base import (
    STRETCHED,
    Candidates,
    Decode,
    Signature,
    corners,
    guesses,
    in_shares,
    plain,
)
from edgevision.inference.formats.end2end import MOST_ROWS

LAYOUT = "(1, up to 1000, 4 + classes), with as many names: cx cy w h in 0..1, class scores"
INPUT = STRETCHED
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    shape = plain(signature.outputs[0]).shape
    return len(signature.outputs) == 1 and len(shape) == 2 and shape[0] <= MOST_ROWS and shape[1] > 4


def shows(signature: Signature) -> bool:
    """Many an array looks like this, so the number of names must agree as well. A query always has a box;
    what is nothing but zeros is the filling behind finished boxes."""
    rows = plain(signature.outputs[0])
    return signature.labels == classes(signature) and in_shares(rows) and bool((rows[:, 2:4] > 0).all())


def classes(signature: Signature) -> int:
    return int(signature.shapes[0][-1]) - 4


def decoder(signature: Signature) -> Decode:
    size = np.array([signature.size.width, signature.size.height] * 2, np.float32)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        rows = plain(outputs[0]).astype(np.float32)
        queries, class_ids, scores = guesses(rows[:, 4:], least)
        return Candidates(corners(rows[queries, :4]) * size, scores, class_ids)

    return decode
