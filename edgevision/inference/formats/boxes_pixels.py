"""Our own networks that segment: finished corners, class scores, and what each pixel is.

A mask is what its box shows of the pixels of its class' group: people, or vehicles. Of two vehicles that
overlap, both have what lies in both boxes.
"""

import ast

import numpy as np

from edgevision.inference.formats import boxes_scores
from edgevision.inference.formats.base import Candidates, Decode, Signature
from edgevision.inference.masks import MaskMap

LAYOUT = "as boxes_scores, and (1, groups, h, w): the share of each group; the file says each class' group"
INPUT = boxes_scores.INPUT
NEEDS_NMS = True


def fits(signature: Signature) -> bool:
    shapes = signature.shapes
    if len(shapes) != 3 or len(shapes[2]) != 4 or not boxes_scores.are_boxes_scores(signature, shapes[:2]):
        return False
    return len(_groups(signature)) == shapes[1][2] and max(_groups(signature)) < shapes[2][1]


def classes(signature: Signature) -> int:
    return boxes_scores.classes(signature)


def decoder(signature: Signature) -> Decode:
    groups = _groups(signature)
    whole = (0.0, 0.0, float(signature.size.width), float(signature.size.height))

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        found, shares = boxes_scores.decode(outputs, least), outputs[2][0]

        def draw(index: int) -> MaskMap:
            group = groups[found.class_ids[index]]
            others = np.delete(shares, group, axis=0).max(axis=0)
            return MaskMap(shares[group] - others, whole, 0.0)

        return Candidates(found.boxes, found.scores, found.class_ids, draw)

    return decode


def _groups(signature: Signature) -> list[int]:
    """For each class the group that its pixels are of; empty where the file does not say."""
    try:
        groups = ast.literal_eval(signature.metadata.get("pixels", "[]"))
    except (ValueError, SyntaxError):
        return []
    return groups if isinstance(groups, list) and all(type(group) is int for group in groups) else []
