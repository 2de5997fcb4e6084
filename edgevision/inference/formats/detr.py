"""DETR, YOLOS and Table Transformer (Transformers): logits with a last "no object", boxes in shares."""

from collections.abc import Mapping

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import IMAGENET_MEAN, IMAGENET_STD, Decode, Signature

LAYOUT = (
    "(1, Q, classes + 1) and (1, Q, 4), perhaps (1, Q, h, w): logits, the last for no object; "
    "cx cy w h in 0..1; masks"
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
    return queries.shows_queries(signature) and queries.has_no_object(signature)


def classes(signature: Signature) -> int:
    return queries.count(signature) - 1


def decoder(signature: Signature) -> Decode:
    return queries.softmax_decoder(signature)
