"""PaddleDetection with its post-processing (PP-YOLOE, PicoDet, RT-DETR): rows of class, score, corners.

Boxes are in pixels of the input, since its scale_factor input is fed ones. PP-YOLOE+ and RT-DETR want 0..1;
PicoDet and the first PP-YOLOE also want ImageNet's mean and std, which a card must say.
"""

import numpy as np

from edgevision.inference.formats.base import (
    STRETCHED,
    Candidates,
    Decode,
    Signature,
    class_numbers,
    strongest,
)

LAYOUT = "(N, 6) and (1) count: class, score, x1 y1 x2 y2"
INPUT = STRETCHED
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    if len(signature.outputs) != 2:
        return False
    rows, count = signature.outputs
    return rows.ndim == 2 and rows.shape[1] == 6 and count.shape == (1,) and count.dtype.kind in "iu"


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        rows = outputs[0][strongest(outputs[0][:, 1], least)].astype(np.float32)
        return Candidates(rows[:, 2:6], rows[:, 1], class_numbers(rows[:, 0]))

    return decode
