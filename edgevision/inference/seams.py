"""Puts together what a network saw in the views of one frame, so that every object comes out once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from edgevision.core.boxes import area, cover_matrix
from edgevision.core.types import Detections, Floats, Mask
from edgevision.inference.tiles import View

AGREE = 0.5  # IoU, where both views look, from which two boxes are one object
PART = 0.8  # share of a cut box inside a larger one of its class that makes it a part of that
CUT = 0.01  # of a tile's side: a box that ends this near to an inner edge is cut by it
MOST_BOXES = 1000  # per frame; the tracker follows no more


class _Sight(NamedTuple):
    """A box as one view gave it."""

    box: Floats  # (4,) px of the frame
    view: Floats  # (4,) px
    coarse: float  # px of the frame to a pixel of the view's input
    cut: bool


@dataclass(slots=True, eq=False)
class _Object:
    """What is believed of one object."""

    box: Floats  # (4,) px of the frame
    score: float
    class_id: int
    mask: Mask | None
    cut: np.ndarray  # (4,) bool: which sides lie on an edge that cuts it
    view: Floats  # (4,) px: that the box is from; round both of them if from two
    coarse: float  # of that view
    patched: bool  # put together of parts
    sights: list[_Sight]  # all of it


def merge(found: Iterable[tuple[View, Detections]]) -> Detections:
    """The objects of a frame, best first, of what was seen in its views, in pixels of each view."""
    objects: list[_Object] = []
    masked = False
    for view, detections in found:
        masked = masked or detections.masks is not None
        new = _placed(view, detections)
        pairs = _pairs(objects, new)
        for old, row in pairs:
            _unite(objects[old], new[row])
        joined = {row for _, row in pairs}
        objects += [each for row, each in enumerate(new) if row not in joined]
    objects = sorted(_without_parts(objects), key=lambda each: -each.score)[:MOST_BOXES]
    return Detections(
        np.array([each.box for each in objects], np.float32).reshape(-1, 4),
        np.array([each.score for each in objects], np.float32),
        np.array([each.class_id for each in objects], np.int32),
        tuple(each.mask or _nothing(each.box) for each in objects) if masked else None,
    )


def _placed(view: View, detections: Detections) -> list[_Object]:
    """What was seen in one view, in pixels of the frame."""
    corner = np.array([view.left, view.top] * 2, np.float32)
    edges = np.array(view[:4], np.float32)
    boxes = detections.boxes + corner
    cut = (np.abs(boxes - edges) <= _near(edges)) & view.inner
    masks: Sequence[Mask | None] = detections.masks or [None] * len(boxes)
    return [
        _Object(
            boxes[row],
            float(detections.scores[row]),
            int(detections.class_ids[row]),
            mask and Mask(mask.left + view.left, mask.top + view.top, mask.pixels),
            cut[row],
            edges,
            view.coarse,
            False,
            [_Sight(boxes[row], edges, view.coarse, bool(cut[row].any()))],
        )
        for row, mask in enumerate(masks)
    ]


def _pairs(objects: Sequence[_Object], new: Sequence[_Object]) -> list[tuple[int, int]]:
    """Which of the objects and which of those seen in one more view are the same: those that agree best
    first, and one to one, since one view shows an object once."""
    if not objects or not new:
        return []
    owner = np.repeat(np.arange(len(objects)), [len(each.sights) for each in objects])
    sights = [sight for each in objects for sight in each.sights]
    agreement = _agreement(sights, [each.sights[0] for each in new])
    same = np.array([each.class_id for each in objects])[owner, None] == [each.class_id for each in new]
    rows, columns = np.nonzero(same & (agreement >= AGREE))
    pairs: list[tuple[int, int]] = []
    free_old, free_new = set(range(len(objects))), set(range(len(new)))
    for index in np.argsort(-agreement[rows, columns], kind="stable"):
        old, row = int(owner[rows[index]]), int(columns[index])
        if old in free_old and row in free_new:
            pairs.append((old, row))
            free_old.discard(old)
            free_new.discard(row)
    return pairs


def _agreement(old: Sequence[_Sight], new: Sequence[_Sight]) -> Floats:
    """How well each of P sights agrees with each of N of one view: IoU of the boxes where both views look,
    (P, N), 0..1. A box is known to a pixel of its view's input, so both count as larger by the coarser one's.

    Of two parts of an object of odd shape one may say less than the other where both look: an arm of it and
    its corner. For two that are cut it is enough that most of the lesser one lies in the other.
    """
    boxes, views = (
        np.array([each.box for each in old])[:, None],
        np.array([each.view for each in old])[:, None],
    )
    new_boxes, view = np.array([each.box for each in new])[None], new[0].view
    low, high = np.maximum(views[..., :2], view[:2]), np.minimum(views[..., 2:], view[2:])  # what both see
    first, last = np.maximum(boxes[..., :2], low), np.minimum(boxes[..., 2:], high)
    new_first, new_last = np.maximum(new_boxes[..., :2], low), np.minimum(new_boxes[..., 2:], high)
    visible = (first < last).all(axis=2) & (new_first < new_last).all(axis=2)
    slack = np.maximum(np.array([each.coarse for each in old]), new[0].coarse)[:, None, None]
    low, high = np.maximum(first, new_first) - slack, np.minimum(last, new_last) + slack
    shared = _areas(low, high)
    areas, new_areas = _areas(first - slack, last + slack), _areas(new_first - slack, new_last + slack)
    iou = shared / np.maximum(areas + new_areas - shared, np.finfo(np.float32).tiny)
    both_cut = np.array([each.cut for each in old])[:, None] & np.array([each.cut for each in new])
    part = both_cut & (shared >= PART * np.minimum(areas, new_areas))
    agreement: Floats = np.where(visible, np.maximum(iou, AGREE * part), 0)
    return agreement


def _areas(low: Floats, high: Floats) -> Floats:
    sides = np.maximum(high - low, 0)
    areas: Floats = sides[..., 0] * sides[..., 1]
    return areas


def _unite(one: _Object, other: _Object) -> None:
    """Take in what one more view saw of an object. A box that no edge cuts is believed, the finer of two; of
    two that are cut, the object is both. A box is cut as well if the other one goes on beyond its view."""
    one.cut = one.cut | _beyond(other.box, one.view)
    other.cut = other.cut | _beyond(one.box, other.view)
    in_parts = one.cut.any() or one.patched
    if in_parts and other.cut.any():
        one.patched = True
        other_wins = np.concatenate([other.box[:2] < one.box[:2], other.box[2:] > one.box[2:]])
        one.box = np.where(other_wins, other.box, one.box)
        one.cut = np.where(other_wins, other.cut, one.cut)
        one.mask = _both(one.mask, other.mask)
        one.view = np.concatenate(
            [np.minimum(one.view[:2], other.view[:2]), np.maximum(one.view[2:], other.view[2:])]
        )
    elif in_parts or (other.coarse < one.coarse and not other.cut.any()):
        one.box, one.cut, one.mask, one.patched = other.box, other.cut, other.mask, False
        one.view, one.coarse = other.view, other.coarse
    one.score = max(one.score, other.score)
    one.sights += other.sights


def _near(view: Floats) -> Floats:
    """How near to the edges of a view (4,) px a side is on them: (4,) px."""
    near: Floats = CUT * np.tile(view[2:] - view[:2], 2)
    return near


def _beyond(box: Floats, view: Floats) -> np.ndarray:
    """At which of its edges a box leaves a view: (4,) bool."""
    outwards = np.array([-1, -1, 1, 1], np.float32)
    beyond: np.ndarray = (box - view) * outwards > _near(view)
    return beyond


def _without_parts(objects: list[_Object]) -> list[_Object]:
    """All but the cut boxes that lie in a larger one of their class: what a tile showed of a large object."""
    if not any(each.cut.any() for each in objects):
        return objects
    boxes = np.array([each.box for each in objects])
    class_ids = np.array([each.class_id for each in objects])
    whole = np.array([len(each.sights) > 1 or not each.cut.any() for each in objects])
    larger = area(boxes)[:, None] < area(boxes)
    inside = (cover_matrix(boxes, boxes) >= PART) & (class_ids[:, None] == class_ids) & larger & whole
    return [each for row, each in enumerate(objects) if not (each.cut.any() and inside[row].any())]


def _both(one: Mask | None, other: Mask | None) -> Mask | None:
    """The pixels of two masks as one."""
    if one is None or other is None:
        return one or other
    ends = [(m.left + m.pixels.shape[1], m.top + m.pixels.shape[0]) for m in (one, other)]
    left, top = min(one.left, other.left), min(one.top, other.top)
    pixels = np.zeros((max(y for _, y in ends) - top, max(x for x, _ in ends) - left), np.bool_)
    for mask in (one, other):
        height, width = mask.pixels.shape
        x, y = mask.left - left, mask.top - top
        pixels[y : y + height, x : x + width] |= mask.pixels
    return Mask(left, top, pixels)


def _nothing(box: Floats) -> Mask:
    return Mask(int(box[0]), int(box[1]), np.zeros((0, 0), np.bool_))
