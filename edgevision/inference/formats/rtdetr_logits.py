"""RT-DETR and D-FINE of Transformers: logits of each class for itself, boxes in shares."""

from collections.abc import Mapping

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import Decode, Signature

LAYOUT = "(1, Q, classes) then (1, Q, 4): logits; cx cy w h in 0..1"
INPUT: Mapping[str, object] = {
    "color": "rgb",
    "resize": "stretch",
    "std": (255.0, 255.0, 255.0),
}
NEEDS_NMS = False


def fits(signature: Signature) -> bool:
    return queries.find_queries(signature) is not None


def shows(signature: Signature) -> bool:
    """A second input, a mask of padding, is Deformable DETR's; so are 91 columns, those of COCO's numbers."""
    found = queries.find_queries(signature)
    return (
        found is not None
        and queries.shows_queries(signature)
        and not queries.has_no_object(signature)
        and found.logits < found.boxes
        and "pixel_mask" not in signature.companions
        and queries.count(signature) != 91
    )


def classes(signature: Signature) -> int:
    return queries.count(signature)


def decoder(signature: Signature) -> Decode:
    return queries.sigmoid_decoder(signature)
