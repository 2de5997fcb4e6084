"""Deformable DETR, Conditional DETR and DETA of Transformers: an RT-DETR fed ImageNet's mean."""

from collections.abc import Mapping

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import IMAGENET, Signature

LAYOUT = (
    "(1, Q, classes) then (1, Q, 4), with 91 classes or a second input pixel_mask: logits; cx cy w h in 0..1"
)
INPUT: Mapping[str, object] = {**IMAGENET, "size": (800, 800)}
NEEDS_NMS = False

fits = queries.fits
classes = queries.count
decoder = queries.sigmoid_decoder


def shows(signature: Signature) -> bool:
    return queries.shows_sigmoid(signature, boxes_first=False) and (
        "pixel_mask" in signature.companions or queries.count(signature) == 91
    )
