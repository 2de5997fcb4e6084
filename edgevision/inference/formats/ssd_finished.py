"""SSD with its non-maximum suppression inside, as in the ONNX model zoo (ssd-10, ssd-12)."""

from collections.abc import Mapping

from edgevision.inference.formats import roles
from edgevision.inference.formats.base import (
    IMAGENET,
    Decode,
    Signature,
)

LAYOUT = "(1, N, 4), (1, N) integers and (1, N) in any order: x1 y1 x2 y2 in 0..1; class from 1; score"
INPUT: Mapping[str, object] = {**IMAGENET, "size": (1200, 1200)}
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    found = roles.find_roles(signature)
    if found is None or found.total is not None or found.masks is not None or signature.companions:
        return False
    whole = signature.outputs[found.classes].dtype.kind in "iu"
    return whole and signature.outputs[found.boxes].ndim == 3


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    return roles.finished_decoder(signature)
