"""Faster R-CNN, Mask R-CNN, RetinaNet, FCOS and SSD of torchvision: boxes, class numbers from 1, scores.

The graph subtracts the mean and resizes by itself; masks come pasted into the picture.
"""

from collections.abc import Mapping

from edgevision.inference.formats import roles
from edgevision.inference.formats.base import Decode, Signature

LAYOUT = (
    "(N, 4), (N) integers and (N) in any order, perhaps (N, 1, H, W): x1 y1 x2 y2; class from 1; score; "
    "masks of the picture's size"
)
INPUT: Mapping[str, object] = {
    "size": (800, 800),
    "color": "rgb",
    "resize": "letterbox_top_left",
    "pad": 0,
    "std": (255.0, 255.0, 255.0),
}
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    found = roles.find_roles(signature)
    if found is None or found.total is not None or signature.companions:
        return False
    whole = signature.outputs[found.classes].dtype.kind in "iu"
    return whole and signature.outputs[found.boxes].ndim == 2


def is_pasted(signature: Signature) -> bool | None:
    """Whether the masks are of the picture's size; None without masks."""
    found = roles.find_roles(signature)
    if found is None or found.masks is None:
        return None
    size = (signature.size.height, signature.size.width)
    return signature.shapes[found.masks][-2:] == size


def shows(signature: Signature) -> bool:
    """Detectron's older kin ends in the same arrays, but does not subtract the mean, and its masks are small.
    Exports of both may leave the outputs unnamed, which gives them numbers."""
    pasted = is_pasted(signature)
    if pasted is not None:
        return pasted
    unnamed = bool(signature.names) and all(name.isdigit() for name in signature.names)
    return signature.normalises or not unnamed


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    return roles.finished_decoder(signature, pasted=True)
