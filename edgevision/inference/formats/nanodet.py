"""NanoDet and NanoDet-Plus (github.com/RangiLyu/nanodet): scores and distance bins of each cell.

Trained on BGR pictures, stretched. A cell's distances start in its middle; NanoDet-Plus, known by its fourth
grid, has them start in the cell's corner (nanodet_plus_head.py, get_single_level_center_priors).
"""

from collections.abc import Mapping

from edgevision.inference.formats import gfl
from edgevision.inference.formats.base import IMAGENET_MEAN, IMAGENET_STD, Decode, Signature, in_shares

LAYOUT = (
    "(1, cells, classes + 32), or scores and 32 distance bins for each of 3 grids, or for each of 4 in turn"
)
INPUT: Mapping[str, object] = {
    "size": (416, 416),
    "color": "bgr",
    "resize": "stretch",
    "mean": IMAGENET_MEAN[::-1],
    "std": IMAGENET_STD[::-1],
}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    head = gfl.find_head(signature)
    if head is None:
        return False
    in_turn = head.scores == tuple(range(0, 8, 2))
    return head.merged or len(head.steps) == 3 or in_turn or signature.outputs[0].ndim == 2


def shows(signature: Signature) -> bool:
    """In one output, its first columns are scores and its last are not."""
    head = gfl.find_head(signature)
    if head is None or not head.merged:
        return head is not None
    rows = gfl.as_rows(signature.outputs[0], sum(map(signature.level, head.steps)))
    return rows is not None and in_shares(rows[:, : head.classes]) and not in_shares(rows[:, -gfl.BINS :])


def classes(signature: Signature) -> int:
    head = gfl.find_head(signature)
    return head.classes if head else 0


def decoder(signature: Signature) -> Decode:
    head = gfl.find_head(signature)
    assert head is not None  # it fits
    return gfl.decoder(head, signature.size, centre=0.5 if len(head.steps) == 3 else 0.0)
