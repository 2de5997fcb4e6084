"""Average precision by COCO's rules, for pictures in which not every label is labelled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from models.train.labels import LABELS


class Known(NamedTuple):
    """What is true in a picture."""

    labels: NDArray[np.int64]  # (N,), -1: a region in which no label is judged
    boxes: NDArray[np.float32]  # (N, 4) xyxy px
    free: NDArray[np.bool_]  # (N,) neither demanded nor held against a network
    known: NDArray[np.bool_]  # (labels,) which labels are labelled in the picture


class Judged(NamedTuple):
    """A picture's truth beside what was found in it."""

    known: Known
    labels: NDArray[np.int64]  # (M,)
    boxes: NDArray[np.float32]  # (M, 4) xyxy px
    scores: NDArray[np.float32]  # (M,) 0..1


def score(pictures: list[Judged]) -> dict[str, tuple[float, float]]:
    """AP50 and AP (mean over overlaps .5 to .95), 0..1, of each label that any picture demands."""
    objects: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for number, (known, labels, boxes, scores) in enumerate(pictures, start=1):
        for label, box, free in zip(known.labels, known.boxes, known.free, strict=True):
            for each in range(len(LABELS)) if label < 0 else (int(label),):
                marks = {"id": len(objects) + 1, "iscrowd": int(free or label < 0)}
                objects.append(_coco(number, each, box) | marks)
        for label, box, sure in zip(labels, boxes, scores, strict=True):
            if known.known[label]:
                found.append(_coco(number, int(label), box) | {"score": float(sure)})
    truths = COCO(
        {
            "images": [{"id": number} for number in range(1, len(pictures) + 1)],
            "annotations": objects,
            "categories": [{"id": number, "name": label} for number, label in enumerate(LABELS)],
        }
    )
    judge = COCOeval_faster(truths, truths.loadRes(found), "bbox")
    judge.evaluate()
    judge.accumulate()
    precision = judge.eval["precision"][:, :, :, 0, -1]  # (overlaps, recalls, labels), -1: not demanded
    return {
        label: (float(precision[0, :, k].mean()), float(precision[:, :, k].mean()))
        for k, label in enumerate(LABELS)
        if precision[0, 0, k] >= 0
    }


def _coco(picture: int, label: int, box: NDArray[np.float32]) -> dict[str, Any]:
    """A box (4,) xyxy px as COCO writes it: left, top, width, height."""
    x1, y1, x2, y2 = (float(side) for side in box)
    size = (x2 - x1, y2 - y1)
    return {"image_id": picture, "category_id": label, "bbox": [x1, y1, *size], "area": size[0] * size[1]}
