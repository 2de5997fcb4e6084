"""YOLOv10, YOLO26 and other exports that end in finished boxes: rows of corners, score, class."""

import numpy as np

from edgevision.core.types import Size
from edgevision.inference.formats.base import (
    LETTERBOXED,
    Candidates,
    Decode,
    Index,
    Signature,
    class_numbers,
    in_pixels,
    plain,
    strongest,
)

LAYOUT = "(1, up to 1000, 6): x1 y1 x2 y2, score, class"
INPUT = LETTERBOXED
NEEDS_NMS = False
MOST_ROWS = 1000  # one-class heads have 6 columns too, but a row for each cell


def fits(signature: Signature) -> bool:
    return len(signature.outputs) == 1 and has_rows(signature, 6)


def shows(signature: Signature) -> bool:
    """Classes are whole numbers, or as good as that."""
    classes = plain(signature.outputs[0])[:, 5]
    classes = classes[np.isfinite(classes)]
    return bool((np.abs(classes - np.rint(classes)) < 0.01).all())


def has_rows(signature: Signature, columns: int) -> bool:
    """Whether the first output is finished rows of so many columns."""
    shape = signature.shapes[0]
    return (
        len(shape) == 3
        and shape[0] == 1
        and shape[2] == columns
        and shape[1] <= MOST_ROWS
        and shape[1] not in (signature.cells, 3 * signature.cells)
    )


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    size = signature.size

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        return read_finished(plain(outputs[0]), least, size)[0]

    return decode


def read_finished(rows: np.ndarray, least: float, size: Size) -> tuple[Candidates, Index]:
    """Candidates of rows (N, 6 + more), and the row that each stands in."""
    kept = strongest(rows[:, 4], least)
    found = rows[kept, :6].astype(np.float32)
    return Candidates(in_pixels(found[:, :4], size), found[:, 4], class_numbers(found[:, 5])), kept
