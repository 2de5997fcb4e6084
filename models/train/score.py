"""Average precision by COCO's rules, for pictures in which not every label is labelled."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.evaluate.coco_score import as_coco, precisions
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
            marks = {"iscrowd": int(free or label < 0)}
            of = range(len(LABELS)) if label < 0 else (int(label),)
            objects += [as_coco(number, each, box) | marks for each in of]
        for label, box, sure in zip(labels, boxes, scores, strict=True):
            if known.known[label]:
                found.append(as_coco(number, int(label), box) | {"score": float(sure)})
    precision = precisions(len(pictures), len(LABELS), objects, found)
    return {
        label: (float(precision[0, :, k].mean()), float(precision[:, :, k].mean()))
        for k, label in enumerate(LABELS)
        if precision[0, 0, k] >= 0
    }
