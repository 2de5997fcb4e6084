"""Deformable DETR, Conditional DETR and DETA of Transformers: an RT-DETR fed ImageNet's mean."""

from collections.abc import Mapping

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import IMAGENET_MEAN, IMAGENET_STD, Decode, Signature

LAYOUT = (
    "(1, Q, classes) then (1, Q, 4), with 91 classes or a second input pixel_mask: logits; cx cy w h in 0..1"
)
INPUT: Mapping[str, object] = {
    "size": (800, 800),
    "color": "rgb",
    "resize": "stretch",
    "mean": IMAGENET_MEAN,
    "std": IMAGENET_STD,
}
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    return queries.find_queries(signature) is not None


def shows(signature: Signature) -> bool:
    found = queries.find_queries(signature)
    return (
        found is not None
        and queries.shows_queries(signature)
        and not queries.has_no_object(signature)
        and found.logits < found.boxes
        and ("pixel_mask" in signature.companions or queries.count(signature) == 91)
    )


def classes(signature: Signature) -> int:
    return queries.count(signature)


def decoder(signature: Signature) -> Decode:
    return queries.sigmoid_decoder(signature)
