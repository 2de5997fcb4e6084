"""YOLOv6 since 2.0: the rows of a YOLOX with its decoder, but its objectness is a column of ones."""

import numpy as np

from edgevision.inference.formats import yolox
from edgevision.inference.formats.base import LETTERBOXED, Candidates, Decode, Signature, plain
from edgevision.inference.formats.yolov5 import read_rows

LAYOUT = "(1, cells, 5 + classes): cx cy w h, 1, class scores"
INPUT = LETTERBOXED
NEEDS_NMS = True

fits = yolox.fits
classes = yolox.classes


def shows(signature: Signature) -> bool:
    return bool((plain(signature.outputs[0])[:, 4] > 0.999).all())


def decoder(signature: Signature) -> Decode:
    count = classes(signature)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        return read_rows(plain(outputs[0]), count, least)[0]

    return decode
