"""RT-DETR and D-FINE of Transformers: logits of each class for itself, boxes in shares."""

from edgevision.inference.formats import queries
from edgevision.inference.formats.base import STRETCHED, Signature

LAYOUT = "(1, Q, classes) then (1, Q, 4): logits; cx cy w h in 0..1"
INPUT = STRETCHED
NEEDS_NMS = False

fits = queries.fits
classes = queries.count
decoder = queries.sigmoid_decoder


def shows(signature: Signature) -> bool:
    """A second input, a mask of padding, is Deformable DETR's; so are 91 columns, those of COCO's numbers."""
    return (
        queries.shows_sigmoid(signature, boxes_first=False)
        and "pixel_mask" not in signature.companions
        and queries.count(signature) != 91
    )
