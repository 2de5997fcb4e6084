"""Whether a network that was made smaller is still as good: beside the one it was made from."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgevision.core.types import Floats
from edgevision.errors import DataError
from edgevision.evaluate.dataset import Dataset, Example, objects, read_picture
from edgevision.evaluate.measure import Candidate, ObjectMeasure
from edgevision.evaluate.networks import Finder
from edgevision.evaluate.score_objects import ObjectScores

SURE = 0.5  # score from which an object of the float network must be found by the other
DOUBTFUL = 0.1  # and from which finding it too is no mistake
FEWEST = 10  # objects; fewer say nothing


class Verdict(NamedTuple):
    kind: str  # which figure was compared
    full: float  # of the float network, 0..1
    small: float  # of the other
    confidence: float  # for the other, instead of the one that was given
    objects: int  # that were judged

    @property
    def loss(self) -> float:
        return self.full - self.small


def own_truth(network: Finder, pictures: Sequence[Path]) -> Dataset:
    """Pictures labelled by the network itself, for want of labels. What it is sure of is demanded; what it
    doubts is neither demanded nor held against another. Raises DataError if it is sure of next to nothing."""
    examples, sure = [], 0
    for path in pictures:
        found = network.detect(read_picture(path), DOUBTFUL)
        doubted = found.scores < SURE
        sure += int((~doubted).sum())
        truth = objects(found.boxes.tolist(), found.class_ids.tolist(), doubted.tolist())
        examples.append(Example(path, truth))
    if sure < FEWEST:
        raise DataError(
            f"{network.path.name} is sure of {sure} objects in the {len(pictures)} pictures to judge by; "
            f"at least {FEWEST} are needed: give --data of what it will look at, or labels with --labels"
        )
    return Dataset(f"what {network.path.name} itself is sure of", list(network.labels), examples)


def judge(full: Candidate, small: Candidate, confidence: float, *, labelled: bool) -> Verdict:
    """Both have seen the same pictures. Boxes of one's own are compared at an overlap of 0.5: moving one by a
    pixel is no loss there, while AP with its overlaps of up to 0.95 would count it as one."""
    one, other = full.measure.scores().boxes, small.measure.scores().boxes
    if one is None or other is None or one.curve.truths < FEWEST:
        raise DataError(f"fewer than {FEWEST} labelled objects of the network's classes say nothing of it")
    if labelled:
        new = _of_equal_precision(one, other, confidence)
        return Verdict("AP", one.ap, other.ap, new, one.curve.truths)
    new = _of_equal_number(_all_scores(full), _all_scores(small), confidence)
    return Verdict("AP50 by its own boxes", one.ap50, other.ap50, new, one.curve.truths)


def f1_loss(full: Candidate, other: Candidate) -> float:
    """Both have seen the same pictures: what is lost of F1 at the confidence that both are used with. AP does
    not tell of scores that all moved, and of objects that are now below it."""
    one, another = full.measure.scores().boxes, other.measure.scores().boxes
    return one.at.f1 - another.at.f1 if one and another else 0.0


def _of_equal_precision(one: ObjectScores, other: ObjectScores, confidence: float) -> float:
    """The lowest confidence at which the other is as precise as the one is at the given confidence."""
    _, precision = other.curve.line()
    good = np.flatnonzero(precision >= one.curve.at(confidence).precision)
    return float(other.curve.scores[good[-1]]) if len(good) else other.best.confidence


def _of_equal_number(one: Floats, other: Floats, confidence: float) -> float:
    """The confidence at which both find equally many: without labels nobody knows which are right."""
    number = int((one >= confidence).sum())
    return float(other[min(number, len(other)) - 1]) if number and len(other) else confidence


def _all_scores(candidate: Candidate) -> Floats:
    """(D,) of every object that it found in any picture, falling."""
    assert isinstance(candidate.measure, ObjectMeasure)
    scores: Floats = np.concatenate([each.found.scores for each in candidate.measure.judged])
    return np.sort(scores)[::-1]
