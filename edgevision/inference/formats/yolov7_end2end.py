"""YOLOv7 exported with --end2end for ONNX Runtime: rows of the picture's number, corners, class, score."""

import numpy as np

from edgevision.inference.formats.base import (
    LETTERBOXED,
    Candidates,
    Decode,
    Signature,
    class_numbers,
    in_pixels,
    strongest,
)

LAYOUT = "(N, 7): picture, x1 y1 x2 y2, class, score"
INPUT = LETTERBOXED
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    shape = signature.shapes[0]
    return len(signature.outputs) == 1 and len(shape) == 2 and shape[1] == 7


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    size = signature.size

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        rows = outputs[0][strongest(outputs[0][:, 6], least)].astype(np.float32)
        return Candidates(in_pixels(rows[:, 1:5], size), rows[:, 6], class_numbers(rows[:, 5]))

    return decode
