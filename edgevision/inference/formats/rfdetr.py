"""RF-DETR and LW-DETR: boxes in shares first, then logits of each class for itself, perhaps masks."""

from collections.abc import Mapping

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import IMAGENET_MEAN, IMAGENET_STD, Decode, Signature

LAYOUT = "(1, Q, 4) then (1, Q, classes), perhaps (1, Q, h, w): cx cy w h in 0..1; logits; masks"
INPUT: Mapping[str, object] = {
    "size": (560, 560),
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
        and found.boxes < found.logits
    )


def classes(signature: Signature) -> int:
    return queries.count(signature)


def decoder(signature: Signature) -> Decode:
    return queries.sigmoid_decoder(signature)
