"""Faster and Mask R-CNN of the ONNX model zoo (maskrcnn-benchmark): boxes, class numbers from 1, scores.

Pictures are BGR without their mean; a mask is a small map stretched over its box.
"""

from collections.abc import Mapping

from edgevision.inference.formats import roles, torchvision
from edgevision.inference.formats.base import Decode, Signature

LAYOUT = (
    "(N, 4), (N) integers and (N) in any order, perhaps (N, 1, 28, 28): x1 y1 x2 y2; class from 1; score; "
    "masks of the box"
)
INPUT: Mapping[str, object] = {
    "size": (800, 800),
    "color": "bgr",
    "resize": "letterbox_top_left",
    "pad": 114,  # near the mean, which the padding of its training is
    "mean": (102.9801, 115.9465, 122.7717),
    "std": (1.0, 1.0, 1.0),
}
NEEDS_NMS = False

fits = torchvision.fits


def shows(signature: Signature) -> bool:
    return not torchvision.shows(signature)


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    return roles.finished_decoder(signature, pasted=False)
