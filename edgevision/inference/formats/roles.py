"""Finished detections come as arrays of boxes, scores and class numbers in any order: which is which."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgevision.core.types import Floats, Ints
from edgevision.inference.formats.base import (
    Candidates,
    Decode,
    Index,
    Signature,
    class_numbers,
    in_pixels,
    strongest,
)
from edgevision.inference.masks import MaskMap


class Roles(NamedTuple):
    """Positions among the outputs."""

    boxes: int
    scores: int
    classes: int
    total: int | None  # how many rows are detections, the rest is filling
    masks: int | None


def find_roles(signature: Signature) -> Roles | None:
    """None where the outputs are not boxes (N, 4), two vectors (N,), perhaps a count and masks (N, h, w).

    A batch dimension of 1 may stand before each.
    """
    outputs = signature.outputs
    boxes = [n for n, output in enumerate(outputs) if _is_boxes(output)]
    if len(boxes) != 1:
        return None
    form = outputs[boxes[0]].shape[:-1]
    vectors = [n for n, output in enumerate(outputs) if output.shape in (form, (*form, 1))]
    vectors = [n for n in vectors if n != boxes[0]]
    masks = [n for n, output in enumerate(outputs) if output.ndim == 4 and output.shape[: len(form)] == form]
    rest = [n for n in range(len(outputs)) if n not in (*boxes, *vectors, *masks)]
    if len(vectors) == 3 and form[-1] == 1:  # one row, so the count has the shape of a vector
        rest.append(next((n for n in vectors if "num" in _name(signature, n)), vectors[-1]))
        vectors.remove(rest[-1])
    counts = [n for n in rest if outputs[n].size == 1]
    if len(vectors) != 2 or len(rest) != len(counts) or len(counts) > 1 or len(masks) > 1:
        return None
    classes = _classes(signature, vectors)
    scores = vectors[1 - vectors.index(classes)]
    if outputs[scores].dtype.kind != "f":
        return None
    return Roles(boxes[0], scores, classes, counts[0] if counts else None, masks[0] if masks else None)


def read(roles: Roles, outputs: Sequence[np.ndarray], least: float) -> tuple[Floats, Floats, Ints, Index]:
    """Boxes (K, 4) as they are, scores (K,), class numbers (K,) of at least `least`, and their rows (K,)."""
    scores = outputs[roles.scores].reshape(-1)
    if roles.total is not None:
        count = class_numbers(outputs[roles.total].reshape(-1)[:1])
        scores = scores[: max(0, int(count[0]))]
    kept = strongest(scores, least)
    return (
        outputs[roles.boxes].reshape(-1, 4)[kept].astype(np.float32),
        scores[kept].astype(np.float32),
        class_numbers(outputs[roles.classes].reshape(-1)[kept]),
        kept,
    )


def finished_decoder(signature: Signature, *, pasted: bool = True) -> Decode:
    """How to read boxes x1 y1 x2 y2, and masks: `pasted` over the whole input, else stretched over the box.

    Masks are 0..1 (He et al., "Mask R-CNN", ICCV 2017: a pixel is the object's from 0.5 on).
    """
    roles, size = find_roles(signature), signature.size
    assert roles is not None  # it fits

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        boxes, scores, numbers, kept = read(roles, outputs, least)
        boxes = in_pixels(boxes, size)
        if roles.masks is None:
            return Candidates(boxes, scores, numbers)
        maps = outputs[roles.masks]
        maps = maps.reshape(-1, *maps.shape[-2:])

        def draw(index: int) -> MaskMap:
            x1, y1, x2, y2 = (0, 0, *size) if pasted else boxes[index]
            # A box without an inside has no mask either; a pixel keeps the map's scale finite.
            region = (x1, y1, max(x2, x1 + 1), max(y2, y1 + 1))
            return MaskMap(maps[kept[index]], region, 0.5)

        return Candidates(boxes, scores, numbers, draw)

    return decode


def _is_boxes(output: np.ndarray) -> bool:
    shape = output.shape
    batched = len(shape) == 3 and shape[0] == 1
    return shape[-1:] == (4,) and output.dtype.kind == "f" and (batched or len(shape) == 2)


def _classes(signature: Signature, vectors: list[int]) -> int:
    """Which of two vectors are class numbers: whole by type; else by name; else by value; else the first, as
    in the alphabet."""
    for n in vectors:
        if signature.outputs[n].dtype.kind in "iu":
            return n
    for n in vectors:
        if any(word in _name(signature, n) for word in ("class", "label")):
            return n
    for n in vectors:
        if signature.outputs[n].size and signature.outputs[n].max() > 1:
            return n
    return vectors[0]


def _name(signature: Signature, position: int) -> str:
    return signature.names[position].lower() if signature.names else ""
