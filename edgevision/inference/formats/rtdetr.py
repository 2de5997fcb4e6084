"""RT-DETR, D-FINE and DEIM as deployed: finished boxes, in pixels of the size that a second input names."""

from edgevision.inference.formats import roles
from edgevision.inference.formats.base import STRETCHED, Decode, Signature

LAYOUT = (
    "(1, N, 4), (1, N) integers and (1, N) in any order, with a second input orig_target_sizes: "
    "x1 y1 x2 y2; class from 0; score"
)
INPUT = STRETCHED
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    found = roles.find_roles(signature)
    if found is None or found.total is not None or found.masks is not None:
        return False
    whole = signature.outputs[found.classes].dtype.kind in "iu"
    return whole and signature.outputs[found.boxes].ndim == 3


def shows(signature: Signature) -> bool:
    return bool(signature.companions)


def classes(signature: Signature) -> int:
    return 0


def decoder(signature: Signature) -> Decode:
    return roles.finished_decoder(signature)
