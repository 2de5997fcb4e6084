"""Scores of what finds objects, as boxes or as masks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats, Ints, Size
from edgevision.evaluate.coco_score import Code, as_coco, box_overlaps, mask_overlaps, precisions
from edgevision.evaluate.dataset import Objects
from edgevision.evaluate.matching import FREE, NONE, Curve, Point, assign, curve

MOST = 100  # boxes per picture that are judged, the best by score: COCO's rule


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a network found in a picture, best first, in the data set's classes."""

    boxes: Floats  # (D, 4) float32 xyxy px
    scores: Floats  # (D,)
    classes: Ints  # (D,)
    codes: tuple[Code, ...] | None = None  # D masks


class Judged(NamedTuple):
    """A picture's truth beside what was found in it."""

    size: Size
    truth: Objects  # of the classes that the network knows; outlines are run-length codes
    found: Found


class ClassScore(NamedTuple):
    name: str
    truths: int  # how many there are, crowds left out
    ap: float  # mean over overlaps .5 to .95
    ap50: float
    at: Point  # at the chosen confidence
    best: Point  # where this class's F1 is highest
    curve: Curve


class PictureScore(NamedTuple):
    """What went right and wrong in one picture, at the chosen confidence."""

    hits: int
    misses: int
    false_alarms: int

    @property
    def f1(self) -> float:
        total = 2 * self.hits + self.misses + self.false_alarms
        return 2 * self.hits / total if total else 1.0


@dataclass(frozen=True, slots=True, eq=False)
class ObjectScores:
    """Of boxes, or of masks. Means are over the classes of which there is one."""

    ap: float
    ap50: float
    classes: list[ClassScore]
    at: Point  # all classes together
    best: Point
    curve: Curve
    confusion: NDArray[np.int64]  # (classes + 1,) * 2: rows are true, columns found; the last: nothing
    pictures: list[PictureScore]


def score_objects(
    pictures: Sequence[Judged], names: Sequence[str], confidence: float, kind: Literal["bbox", "segm"]
) -> ObjectScores:
    """names: of the data set's classes. Overlaps beyond AP's own are judged at 0.5."""
    pictures = [each._replace(found=_best(each.found)) for each in pictures]
    precision = _average_precision(pictures, len(names), kind)
    overlaps = [_overlaps(each, kind) for each in pictures]
    taken = [_assign(each, each_overlaps) for each, each_overlaps in zip(pictures, overlaps, strict=True)]
    truths = _count(pictures, len(names))
    scores = np.concatenate([each.found.scores for each in pictures])
    classes = np.concatenate([each.found.classes for each in pictures])
    together = np.concatenate(taken)
    per_class = []
    for number in np.flatnonzero(truths).tolist():
        own = classes == number
        line = curve(scores[own], together[own], int(truths[number]))
        aps = precision[:, :, number].mean(axis=1)
        per_class.append(
            ClassScore(
                names[number], int(truths[number]), float(aps.mean()), float(aps[0]),
                line.at(confidence), line.best(), line,
            )
        )  # fmt: skip
    whole = curve(scores, together, int(truths.sum()))
    cut = [_above(*each, confidence) for each in zip(pictures, overlaps, taken, strict=True)]
    return ObjectScores(
        ap=float(np.mean([each.ap for each in per_class])),
        ap50=float(np.mean([each.ap50 for each in per_class])),
        classes=per_class,
        at=whole.at(confidence),
        best=whole.best(),
        curve=whole,
        confusion=sum((_confusion(*each, len(names)) for each in cut), np.zeros((len(names) + 1,) * 2, int)),
        pictures=[_picture(each, hits) for each, _, hits in cut],
    )


def believed(
    picture: Judged, confidence: float, kind: Literal["bbox", "segm"]
) -> tuple[Found, NDArray[np.int64]]:
    """What is found with at least that score, and for each the index of its true object, NONE or FREE."""
    picture = picture._replace(found=_best(picture.found))
    overlaps = _overlaps(picture, kind)
    kept, _, taken = _above(picture, overlaps, _assign(picture, overlaps), confidence)
    return kept.found, taken


def _best(found: Found) -> Found:
    order = np.argsort(-found.scores, kind="stable")[:MOST]
    codes = found.codes and tuple(found.codes[i] for i in order)
    return replace(
        found, boxes=found.boxes[order], scores=found.scores[order], classes=found.classes[order], codes=codes
    )


def _count(pictures: Sequence[Judged], labels: int) -> NDArray[np.int64]:
    """(labels,): true objects of each class, crowds left out."""
    return sum(
        (np.bincount(each.truth.classes[~each.truth.crowd], minlength=labels) for each in pictures),
        np.zeros(labels, np.int64),
    )


def _average_precision(pictures: Sequence[Judged], labels: int, kind: Literal["bbox", "segm"]) -> Floats:
    truths, found = [], []
    for number, (_, truth, seen) in enumerate(pictures, start=1):
        for n, box in enumerate(truth.boxes):
            each = as_coco(number, int(truth.classes[n]), box) | {"iscrowd": int(truth.crowd[n])}
            truths.append(each | ({"segmentation": truth.outlines[n]} if truth.outlines else {}))
        for n, box in enumerate(seen.boxes):
            each = as_coco(number, int(seen.classes[n]), box) | {"score": float(seen.scores[n])}
            if kind == "segm":
                # With a box beside it the library would take the box's area for the mask's.
                each = {key: value for key, value in each.items() if key not in ("bbox", "area")}
            found.append(each | ({"segmentation": seen.codes[n]} if seen.codes else {}))
    sizes = [each.size for each in pictures] if kind == "segm" else None
    return precisions(len(pictures), labels, truths, found, sizes)


def _overlaps(picture: Judged, kind: Literal["bbox", "segm"]) -> Floats:
    """(D, T) of all found with all true ones, whatever their classes."""
    _, truth, found = picture
    if kind == "segm":
        return mask_overlaps(found.codes or (), truth.outlines or (), truth.crowd)
    return box_overlaps(found.boxes, truth.boxes, truth.crowd)


def _assign(picture: Judged, overlaps: Floats) -> NDArray[np.int64]:
    """(D,) which true object of its own class each found one is, NONE or FREE."""
    same = picture.found.classes[:, None] == picture.truth.classes
    return assign(np.where(same, overlaps, -1.0), picture.truth.crowd)


def _above(
    picture: Judged, overlaps: Floats, taken: NDArray[np.int64], confidence: float
) -> tuple[Judged, Floats, NDArray[np.int64]]:
    """The same with only what is believed."""
    number = int(np.searchsorted(-picture.found.scores, -confidence, side="right"))
    found = picture.found
    kept = replace(
        found, boxes=found.boxes[:number], scores=found.scores[:number], classes=found.classes[:number],
        codes=found.codes and found.codes[:number],
    )  # fmt: skip
    return picture._replace(found=kept), overlaps[:number], taken[:number]


def _confusion(picture: Judged, overlaps: Floats, taken: NDArray[np.int64], labels: int) -> NDArray[np.int64]:
    """What was taken for what: what found no object of its own class may be one of another."""
    truth, found = picture.truth, picture.found
    counts = np.zeros((labels + 1, labels + 1), int)
    free = ~truth.crowd
    free[taken[taken >= 0]] = False
    lost = np.flatnonzero(taken == NONE)
    other = assign(np.where(free, overlaps[lost], -1.0), np.zeros(len(free), bool))
    actual = np.full(len(taken), labels)  # nothing is there
    actual[taken >= 0] = truth.classes[taken[taken >= 0]]
    actual[lost[other >= 0]] = truth.classes[other[other >= 0]]
    free[other[other >= 0]] = False
    judged = taken != FREE
    np.add.at(counts, (actual[judged], found.classes[judged]), 1)
    np.add.at(counts, (truth.classes[free], np.full(int(free.sum()), labels)), 1)
    return counts


def _picture(picture: Judged, taken: NDArray[np.int64]) -> PictureScore:
    hits, truths = int((taken >= 0).sum()), int((~picture.truth.crowd).sum())
    return PictureScore(hits, truths - hits, int((taken == NONE).sum()))
