"""What the DETR family shares: a box and class scores for each of some hundred queries, and perhaps a mask.

Boxes are cx cy w h in shares of the picture (Carion et al., "End-to-End Object Detection with Transformers",
ECCV 2020). The scores are logits: some take the softmax over the classes and a last "no object", some the
sigmoid of each.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgevision.core.types import Floats, Ints
from edgevision.inference.formats.base import (
    Candidates,
    Decode,
    Index,
    Signature,
    best_classes,
    corners,
    in_shares,
    sigmoid,
    strongest,
)
from edgevision.inference.masks import MaskMap, MaskSource


class Queries(NamedTuple):
    """Positions among the outputs."""

    boxes: int
    logits: int
    masks: int | None


def find_queries(signature: Signature) -> Queries | None:
    """Of boxes (1, Q, 4), logits (1, Q, C) and perhaps masks (1, Q, h, w). Exports with everything else that
    Transformers computes are known by the names."""
    shapes = signature.shapes
    names = list(signature.names)
    if {"logits", "pred_boxes"} <= set(names):
        masks_at = names.index("pred_masks") if "pred_masks" in names else None
        named = Queries(names.index("pred_boxes"), names.index("logits"), masks_at)
        rows = (shapes[named.boxes][:2], shapes[named.logits][:2])
        if rows[0] == rows[1] and shapes[named.boxes][2:] == (4,) and len(shapes[named.logits]) == 3:
            return named
    flat = [n for n, shape in enumerate(shapes) if len(shape) == 3 and shape[0] == 1]
    masks = [n for n, shape in enumerate(shapes) if len(shape) == 4 and shape[0] == 1]
    if len(flat) != 2 or len(masks) > 1 or len(flat) + len(masks) != len(shapes):
        return None
    fours = [n for n in flat if shapes[n][2] == 4]
    if len(fours) == 2:  # four classes: the boxes are the ones within 0..1
        fours = [n for n in fours if in_shares(signature.outputs[n])]
    if len(fours) != 1 or any(shapes[n][1] != shapes[flat[0]][1] for n in (*flat, *masks)):
        return None
    return Queries(fours[0], flat[1 - flat.index(fours[0])], masks[0] if masks else None)


def fits(signature: Signature) -> bool:
    return find_queries(signature) is not None


def shows_sigmoid(signature: Signature, *, boxes_first: bool) -> bool:
    """Whether the values are shares and logits of each class for itself, in that order or the other."""
    found = find_queries(signature)
    ordered = found is not None and (found.boxes < found.logits) == boxes_first
    return ordered and shows_queries(signature) and not has_no_object(signature)


def shows_queries(signature: Signature) -> bool:
    """Whether the boxes are shares, and the scores are not: a sure "no" is far below 0."""
    found = find_queries(signature)
    if found is None:
        return False
    boxes = signature.outputs[found.boxes]
    # Not every head ends in a sigmoid: a few sides may be somewhat longer than the picture.
    near = bool(boxes.size) and 0 < np.median(boxes) <= 1 and np.abs(boxes).max() < 4
    return near and bool(signature.outputs[found.logits].min() < -0.5)


def has_no_object(signature: Signature) -> bool:
    """Whether the last class is the "no object" of a softmax: on a blank picture it is what most queries say,
    and by far. A sigmoid's classes are all about equally unlikely there."""
    found = find_queries(signature)
    if found is None or signature.shapes[found.logits][2] < 2:
        return False
    logits = signature.outputs[found.logits][0].astype(np.float32)
    return bool(np.median(logits[:, -1] - logits[:, :-1].max(axis=1)) > 1)


def count(signature: Signature) -> int:
    """Columns of the logits."""
    found = find_queries(signature)
    return signature.shapes[found.logits][2] if found else 0


def softmax_decoder(signature: Signature) -> Decode:
    """The best class of each query, by the softmax over all classes and no object."""
    found = find_queries(signature)
    assert found is not None  # it fits
    read = _reader(signature, found)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        logits = outputs[found.logits][0].astype(np.float32)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        scores = weights[:, :-1] / weights.sum(axis=1, keepdims=True)
        best = scores.max(axis=1)
        kept = strongest(best, least)
        return read(outputs, kept, best[kept], best_classes(scores[kept]))

    return decode


def sigmoid_decoder(signature: Signature) -> Decode:
    """All classes of a query that are likely enough: its best and second best are candidates both, as in
    Deformable DETR and all after it."""
    found = find_queries(signature)
    assert found is not None  # it fits
    read = _reader(signature, found)
    columns = count(signature)

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        scores = sigmoid(outputs[found.logits][0].reshape(-1))
        kept = strongest(scores, least)
        return read(outputs, kept // columns, scores[kept], (kept % columns).astype(np.int32))

    return decode


def _reader(
    signature: Signature, found: Queries
) -> Callable[[list[np.ndarray], Index, Floats, Ints], Candidates]:
    """How to take boxes and masks of the queries that were chosen (K,)."""
    size = np.array([signature.size.width, signature.size.height] * 2, np.float32)

    def read(outputs: list[np.ndarray], queries: Index, scores: Floats, numbers: Ints) -> Candidates:
        boxes = corners(outputs[found.boxes][0, queries]) * size
        return Candidates(boxes, scores, numbers, masks(outputs, queries))

    def masks(outputs: list[np.ndarray], queries: Index) -> MaskSource | None:
        if found.masks is None:
            return None
        maps = outputs[found.masks][0]
        return lambda index: MaskMap(maps[queries[index]], (0, 0, *signature.size), 0.0)  # logits

    return read
