"""Scores of pixels and of whole pictures, worked out by hand."""

import numpy as np
import pytest

from edgevision.evaluate.matching import Curve
from edgevision.evaluate.score_classes import Labelled, average_precision, score_classes
from edgevision.evaluate.score_maps import OTHER, UNJUDGED, MapScorer

NAMES = ["road", "car", "tree"]


def test_intersection_over_union_by_hand() -> None:
    """Road: 2 found of 3, and 1 taken for it: 2 / 4. Car: 1 of 2, none taken for it: 1 / 2. No tree is true,
    so the one that is seen lowers no mean but the road's."""
    truth = np.array([[0, 0, 0, 1, 1, UNJUDGED, OTHER]], np.int16)
    found = np.array([[0, 0, 2, 1, 0, 1, OTHER]], np.int16)
    scorer = MapScorer(NAMES)
    scorer.add(truth, found)
    scores = scorer.scores()
    assert scores.classes == pytest.approx({"road": 2 / 4, "car": 1 / 2})
    assert scores.miou == pytest.approx(0.5)
    assert scores.accuracy == pytest.approx(4 / 6)
    assert scores.pictures == pytest.approx([0.5])


def test_pixels_of_all_pictures_count_together() -> None:
    """Not the mean of the pictures' own figures: 3 of 3 and 0 of 1 are 3 of 4."""
    scorer = MapScorer(NAMES)
    scorer.add(np.zeros((1, 3), np.int16), np.zeros((1, 3), np.int16))
    scorer.add(np.zeros((1, 1), np.int16), np.full((1, 1), OTHER, np.int16))
    assert scorer.scores().miou == pytest.approx(0.75)


def test_a_class_the_data_does_not_have_is_a_wrong_answer() -> None:
    """Six labels, of which the data has three; what the network says of the others is wrong all the same."""
    theirs = np.array([2, -1, 0, 1, -1, -1], np.int32)  # labels: tree, ?, road, car, ?, ?
    pictures = [
        labelled(0, [0.1, 0.0, 0.7, 0.2, 0, 0]),  # road, right
        labelled(1, [0.5, 0.0, 0.1, 0.4, 0, 0]),  # car, second after tree
        labelled(1, [0.15, 0.5, 0.14, 0.1, 0.2, 0.13]),  # car, the sixth: among another's five best it is not
    ]
    scores = score_classes(pictures, NAMES, theirs, 0.35)
    assert (scores.top1, scores.top5) == pytest.approx((1 / 3, 2 / 3))
    rates = {each.name: (each.at.precision, each.at.recall, each.at.f1) for each in scores.classes}
    assert rates == {"road": (1.0, 1.0, 1.0), "car": (0.0, 0.0, 0.0)}
    assert scores.confusion is not None
    assert scores.confusion.tolist() == [[1, 0, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert scores.pictures == pytest.approx([0.7 - 0.2, 0.4 - 0.5, 0.1 - 0.5])


def test_several_labels_at_once() -> None:
    """Roads rank 1st and 3rd: (1/1 + 2/3) / 2. The car ranks 2nd: 1/2. At 0.5 there are 2 roads, one true."""
    theirs = np.array([0, 1, 2], np.int32)
    pictures = [
        Labelled((0, 1), np.array([0.9, 0.4, 0.0]), exclusive=False),
        Labelled((), np.array([0.8, 0.5, 0.0]), exclusive=False),
        Labelled((0,), np.array([0.3, 0.1, 0.2]), exclusive=False),
    ]
    scores = score_classes(pictures, NAMES, theirs, 0.5)
    assert {each.name: each.ap for each in scores.classes} == pytest.approx({"road": 5 / 6, "car": 1 / 2})
    assert scores.map == pytest.approx((5 / 6 + 1 / 2) / 2)
    assert scores.classes[0].at == pytest.approx((0.5, 1 / 2, 1 / 2, 1 / 2))
    assert scores.confusion is None
    assert scores.top1 == pytest.approx(1.0)  # of the two pictures that have a label


def test_average_precision_of_a_ranking() -> None:
    hits = np.array([True, False, False, True])
    assert average_precision(Curve(np.array([0.9, 0.8, 0.7, 0.6]), hits, 2)) == pytest.approx((1 + 2 / 4) / 2)


def labelled(of: int, scores: list[float]) -> Labelled:
    return Labelled((of,), np.array(scores), exclusive=True)
