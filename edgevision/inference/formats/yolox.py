"""YOLOX: one row per cell, boxes relative to their cell, objectness, class scores.

The box of cell (gx, gy) with stride s:  centre = (offset + (gx, gy)) * s,  size = exp(raw) * s
(Ge et al., "YOLOX: Exceeding YOLO Series in 2021", arXiv 2107.08430). An export made with
--decode_in_inference has done this itself; the values tell.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from edgevision.core.types import Floats, Size
from edgevision.inference.formats.base import (
    STRIDES,
    Candidates,
    Decode,
    Signature,
    corners,
    guesses,
    in_shares,
    plain,
)

LAYOUT = "(1, cells, 5 + classes): centre and size (relative to the cell or not), objectness, class scores"
# Not 0..1 and not RGB: the wrong order costs 5 AP points of 34 without any other sign.
INPUT: Mapping[str, object] = {
    "color": "bgr",
    "resize": "letterbox_top_left",
    "pad": 114,
    "std": (1.0, 1.0, 1.0),
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    shape = plain(signature.outputs[0]).shape
    return (
        len(signature.outputs) == 1
        and len(shape) == 2
        and signature.strides(shape[0]) is not None
        and shape[1] > 5
    )


def shows(signature: Signature) -> bool:
    """Objectness and scores are 0..1; an objectness of ones is YOLOv6's."""
    rows = plain(signature.outputs[0])
    return in_shares(rows[:, 4:]) and not (rows[:, 4] > 0.999).all()


def classes(signature: Signature) -> int:
    return int(signature.shapes[0][-1]) - 5


def decoder(signature: Signature) -> Decode:
    rows = plain(signature.outputs[0])
    cells, strides = grid(signature.size, signature.strides(len(rows)) or STRIDES)
    finished = is_finished(rows)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        rows = plain(outputs[0])
        index = np.flatnonzero(rows[:, 4] >= least)
        found = rows[index].astype(np.float32)
        guessed, class_ids, scores = guesses(found[:, 4:5] * found[:, 5:], least)
        found, index = found[guessed], index[guessed]
        if not finished:
            stride = strides[index, None]
            found[:, :2] = (found[:, :2] + cells[index]) * stride
            # e^20 cells is wider than any picture; what is more would be infinite.
            found[:, 2:4] = np.exp(np.minimum(found[:, 2:4], 20)) * stride
        return Candidates(corners(found[:, :4]), scores, class_ids)

    return decode


def is_finished(rows: np.ndarray) -> bool:
    """Whether the boxes are in pixels already. An offset from a cell is a few cells at most; a centre in
    pixels is half the picture away from 0 for the median cell."""
    return bool(np.median(np.abs(rows[:, :2])) > STRIDES[0])


def grid(size: Size, steps: Sequence[int]) -> tuple[Floats, Floats]:
    """The cell (A, 2) as column and row, and the stride (A,) px, of each of the network's rows."""
    cells, strides = [], []
    for stride in steps:
        columns, rows = -(-size.width // stride), -(-size.height // stride)
        y, x = np.mgrid[:rows, :columns]
        cells.append(np.stack([x.ravel(), y.ravel()], axis=1))
        strides.append(np.full(rows * columns, stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)
