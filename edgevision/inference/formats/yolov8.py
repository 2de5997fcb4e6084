"""YOLOv8, v9, 11 and 12: no anchors, no objectness, one column per cell."""

import numpy as np

from edgevision.inference.formats.base import (
    LETTERBOXED,
    SECOND_GUESSES,
    Candidates,
    Decode,
    Index,
    Signature,
    corners,
    guesses,
    in_shares,
    plain,
    strongest,
)

LAYOUT = "(1, 4 + classes, cells), or with its axes exchanged: cx cy w h, class scores"
INPUT = LETTERBOXED
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    return len(signature.outputs) == 1 and columns(signature) is not None


def columns(signature: Signature) -> np.ndarray | None:
    """The first output as (rows, cells), whichever way round it comes."""
    output = plain(signature.outputs[0])
    if output.ndim != 2:
        return None
    for turned in (output, output.T):
        if len(turned) > 4 and signature.strides(turned.shape[1]):
            return turned
    return None


def shows(signature: Signature) -> bool:
    """Scores are 0..1. Rows may as well be a YOLOX's, one class fewer and an objectness: names must tell."""
    found = columns(signature)
    if found is None or not in_shares(found[4:]):
        return False
    return found.shape == plain(signature.outputs[0]).shape or signature.labels == len(found) - 4


def classes(signature: Signature) -> int:
    found = columns(signature)
    return 0 if found is None else len(found) - 4


def decoder(signature: Signature) -> Decode:
    count = classes(signature)
    found = columns(signature)
    turned = found is not None and found.shape != plain(signature.outputs[0]).shape

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        output = plain(outputs[0])
        return read_columns(output.T if turned else output, count, least)[0]

    return decode


def read_columns(columns: np.ndarray, count: int, least: float) -> tuple[Candidates, Index]:
    """Candidates of columns (4 + count + more, N), and the column that each stands in.

    The best score of each column, in the order the network wrote it: transposing first costs 50 times that.
    """
    best = columns[4 : 4 + count].max(axis=0)
    kept = strongest(best, least)
    classes = columns[4 : 4 + count, kept]
    if least < SECOND_GUESSES:
        guessed, class_ids, scores = guesses(classes.T, least)
        kept = kept[guessed]
    else:
        class_ids, scores = classes.argmax(axis=0).astype(np.int32), best[kept].astype(np.float32)
    return Candidates(corners(columns[:4, kept].T), scores, class_ids), kept
