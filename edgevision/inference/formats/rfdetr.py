"""RF-DETR and LW-DETR: boxes in shares first, then logits of each class for itself, perhaps masks."""

from collections.abc import Mapping

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import IMAGENET, Signature

LAYOUT = "(1, Q, 4) then (1, Q, classes), perhaps (1, Q, h, w): cx cy w h in 0..1; logits; masks"
INPUT: Mapping[str, object] = {**IMAGENET, "size": (560, 560)}
NEEDS_NMS = False

fits = queries.fits
classes = queries.count
decoder = queries.sigmoid_decoder


def shows(signature: Signature) -> bool:
    return queries.shows_sigmoid(signature, boxes_first=True)
