"""YOLOv5, YOLOv7 and their kin: three anchors per cell, rows of centre box, objectness, class scores."""

import numpy as np

from edgevision.inference.formats.base import (
    LETTERBOXED,
    Candidates,
    Decode,
    Index,
    Signature,
    corners,
    guesses,
    plain,
)

LAYOUT = "(1, 3 x cells, 5 + classes): cx cy w h, objectness, class scores"
INPUT = LETTERBOXED
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    """Exports before YOLOv5 6.1 also give the raw maps (1, 3, h, w, columns) that the rows come from."""
    shape = plain(signature.outputs[0]).shape
    raw = all(len(other) == 5 and other[-1] == shape[-1] for other in signature.shapes[1:])
    return len(shape) == 2 and shape[1] > 5 and raw and has_anchors(signature, shape[0])


def has_anchors(signature: Signature, rows: int) -> bool:
    """Whether there are so many rows as three for each cell."""
    return rows % 3 == 0 and signature.strides(rows // 3) is not None


def classes(signature: Signature) -> int:
    return int(signature.shapes[0][-1]) - 5


def decoder(signature: Signature) -> Decode:
    count = classes(signature)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        return read_rows(plain(outputs[0]), count, least)[0]

    return decode


def read_rows(rows: np.ndarray, count: int, least: float) -> tuple[Candidates, Index]:
    """Candidates of rows (N, 5 + count + more), and the row that each stands in.

    Score = objectness * class score, both already 0..1. Most rows fall at the objectness alone.
    """
    index = np.flatnonzero(rows[:, 4] >= least)
    found = rows[index, : 5 + count].astype(np.float32)
    guessed, class_ids, scores = guesses(found[:, 4:5] * found[:, 5:], least)
    return Candidates(corners(found[guessed, :4]), scores, class_ids), index[guessed]
