"""Scores of what says of a picture as a whole what it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats
from edgevision.evaluate.matching import Curve, Point, curve


class Labelled(NamedTuple):
    """A picture's true classes beside the network's scores."""

    classes: tuple[int, ...]  # index into the data set's names, of those that the network knows
    scores: Floats  # (labels,) of the network's labels
    exclusive: bool  # the network means one label of all


class ClassScore(NamedTuple):
    name: str
    truths: int  # pictures that are it
    ap: float
    at: Point


@dataclass(frozen=True, slots=True, eq=False)
class ClassificationScores:
    """Means are over the classes that a picture has."""

    top1: float  # share of the pictures with a class of which the best score is a true one
    top5: float  # share of those of which one of the five best is
    map: float  # mean average precision over classes, each a yes or no of its own
    classes: list[ClassScore]
    confusion: NDArray[np.int64] | None  # (classes + 1,) * 2 rows true, columns found; None: several are true
    pictures: list[float]  # score of the best true label less that of the best false one


def score_classes(
    pictures: Sequence[Labelled], names: Sequence[str], theirs: NDArray[np.int32], confidence: float
) -> ClassificationScores:
    """theirs: (labels,) the data set's class of each of the network's labels, -1: none.

    A label that the data set has not is a wrong answer all the same: it was asked among all of them.
    """
    several = any(len(each.classes) != 1 for each in pictures)
    ranked = [np.argsort(-each.scores, kind="stable") for each in pictures]
    hits = [
        (_is_hit(each, theirs[order[:1]]), _is_hit(each, theirs[order[:5]]))
        for each, order in zip(pictures, ranked, strict=True)
        if each.classes
    ]
    top1, top5 = np.mean(hits, axis=0).tolist()
    decided = several or not pictures[0].exclusive
    table = np.stack([_by_class(each.scores, theirs, len(names)) for each in pictures])  # (P, classes)
    truth = np.array([[number in each.classes for number in range(len(names))] for each in pictures])
    winners = np.array([int(theirs[order[0]]) for order in ranked])
    classes = []
    for number in np.flatnonzero(truth.any(axis=0)).tolist():
        line = curve(table[:, number], np.where(truth[:, number], 0, -1), int(truth[:, number].sum()))
        at = line.at(confidence) if decided else _of_winners(winners == number, truth[:, number])
        classes.append(ClassScore(names[number], line.truths, average_precision(line), at))
    return ClassificationScores(
        top1=top1,
        top5=top5,
        map=float(np.mean([each.ap for each in classes])),
        classes=classes,
        confusion=None if several else _confusion(pictures, winners, len(names)),
        pictures=[_margin(each.scores, np.isin(theirs, each.classes)) for each in pictures],
    )


def average_precision(line: Curve) -> float:
    """Mean of the precision at each true picture's rank, of all true ones
    (Manning et al., "Introduction to Information Retrieval", section 8.4)."""
    _, precision = line.line()
    return float(precision[line.hits].sum() / max(1, line.truths))


def _is_hit(picture: Labelled, answers: NDArray[np.int32]) -> bool:
    return bool(np.isin(answers, picture.classes).any())


def _by_class(scores: Floats, theirs: NDArray[np.int32], classes: int) -> Floats:
    """(classes,): the best score among the labels that are each of the data set's classes, else 0."""
    best = np.zeros(classes)
    kept = theirs >= 0
    np.maximum.at(best, theirs[kept], scores[kept])
    return best


def _of_winners(answered: NDArray[np.bool_], truth: NDArray[np.bool_]) -> Point:
    """One label wins, so there is no confidence to choose."""
    order = np.argsort(~answered, kind="stable")
    return (
        Curve(answered[order].astype(float), truth[order], int(truth.sum())).at(1.0)._replace(confidence=0.0)
    )


def _confusion(pictures: Sequence[Labelled], winners: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    counts = np.zeros((classes + 1, classes + 1), int)
    true = np.array([each.classes[0] for each in pictures])
    np.add.at(counts, (true, np.where(winners < 0, classes, winners)), 1)
    return counts


def _margin(scores: Floats, truth: NDArray[np.bool_]) -> float:
    right, wrong = scores[truth], scores[~truth]
    return float((right.max() if len(right) else 0.0) - (wrong.max() if len(wrong) else 0.0))
