"""PicoDet without its post-processing (PaddleDetection): scores of four grids, then their distance bins.

Trained on RGB pictures with ImageNet's mean, stretched. Distances start in the middle of a cell.
"""

from collections.abc import Mapping

from edgevision.inference.formats import gfl
from edgevision.inference.formats.base import IMAGENET, Decode, Signature

LAYOUT = "4 x (1, cells of a grid, classes), then 4 x (1, cells of a grid, 32): class scores; distance bins"
INPUT: Mapping[str, object] = {**IMAGENET, "size": (416, 416)}
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    head = gfl.find_head(signature)
    return (
        head is not None
        and len(head.steps) == 4
        and not head.merged
        and head.scores != tuple(range(0, 8, 2))
        and signature.outputs[0].ndim > 2
    )


def classes(signature: Signature) -> int:
    head = gfl.find_head(signature)
    return head.classes if head else 0


def decoder(signature: Signature) -> Decode:
    head = gfl.find_head(signature)
    assert head is not None  # it fits
    return gfl.decoder(head, signature.size, centre=0.5)
