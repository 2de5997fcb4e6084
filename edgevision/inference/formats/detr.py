"""DETR, YOLOS and Table Transformer (Transformers): logits with a last "no object", boxes in shares."""

from collections.abc import Mapping

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import IMAGENET, Signature

LAYOUT = (
    "(1, Q, classes + 1) and (1, Q, 4), perhaps (1, Q, h, w): logits, the last for no object; "
    "cx cy w h in 0..1; masks"
)
INPUT: Mapping[str, object] = {**IMAGENET, "size": (800, 800)}
NEEDS_NMS = False

fits = queries.fits
decoder = queries.softmax_decoder


def shows(signature: Signature) -> bool:
    return queries.shows_queries(signature) and queries.has_no_object(signature)


def classes(signature: Signature) -> int:
    return queries.count(signature) - 1
