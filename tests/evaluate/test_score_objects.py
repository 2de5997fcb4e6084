"""Expected figures are worked out by hand from COCO's rules, or by a plain count in the test."""

import numpy as np
import pytest

from edgevision.core.types import Mask, Size
from edgevision.evaluate.coco_score import encode
from edgevision.evaluate.dataset import Objects, objects
from edgevision.evaluate.matching import assign
from edgevision.evaluate.score_objects import Found, Judged, believed, score_objects

SIZE = Size(400, 200)
NAMES = ["cat", "dog"]
SQUARE = [0.0, 0.0, 100.0, 100.0]
OTHER = [200.0, 0.0, 300.0, 100.0]
SHORT = [200.0, 0.0, 300.0, 62.0]  # covers 0.62 of OTHER: enough at the overlaps .50, .55 and .60


def truth(*boxes: list[float], classes: list[int] | None = None, crowd: list[bool] | None = None) -> Objects:
    return objects(boxes, classes or [0] * len(boxes), crowd or [False] * len(boxes))


def found(*boxes: list[float], scores: list[float], classes: list[int] | None = None) -> Found:
    return Found(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(scores, np.float32),
        np.array(classes or [0] * len(boxes), np.int32),
    )


def test_average_precision_by_hand() -> None:
    """Both are found at three of the ten overlaps. At the others one of two is: of the 101 recalls that are
    asked, 0 to 0.50 are reached, all with precision 1, and the false alarm comes after."""
    judged = Judged(SIZE, truth(SQUARE, OTHER), found(SQUARE, SHORT, scores=[0.9, 0.8]))
    scores = score_objects([judged], NAMES, 0.85, "bbox")
    assert scores.ap50 == pytest.approx(1.0)
    assert scores.ap == pytest.approx((3 * 1.0 + 7 * 51 / 101) / 10)
    assert scores.at == pytest.approx((0.85, 1.0, 0.5, 2 / 3))
    assert scores.best == pytest.approx((0.8, 1.0, 1.0, 1.0))


def test_classes_are_scored_by_themselves_and_the_mean_is_over_those_that_are_there() -> None:
    """The cat is found after a false alarm (precision 1/2 at every recall), the dog is not."""
    judged = Judged(
        SIZE, truth(SQUARE, OTHER, classes=[0, 1]), found([0, 150, 50, 200], SQUARE, scores=[0.9, 0.5])
    )
    scores = score_objects([judged], [*NAMES, "cow"], 0.35, "bbox")
    assert {each.name: each.ap50 for each in scores.classes} == pytest.approx({"cat": 0.5, "dog": 0.0})
    assert scores.ap50 == pytest.approx(0.25)
    assert scores.at == pytest.approx((0.35, 0.5, 0.5, 0.5))


def test_a_crowd_is_neither_demanded_nor_held_against_what_lies_in_it() -> None:
    inside = [210.0, 10.0, 240.0, 60.0]
    judged = Judged(
        SIZE, truth(SQUARE, OTHER, crowd=[False, True]), found(inside, inside, SQUARE, scores=[0.9, 0.8, 0.7])
    )
    scores = score_objects([judged], NAMES, 0.35, "bbox")
    assert scores.ap50 == pytest.approx(1.0)
    assert scores.at == pytest.approx((0.35, 1.0, 1.0, 1.0))
    assert scores.pictures[0] == (1, 0, 0)


def test_what_was_taken_for_what() -> None:
    """A cat taken for a dog, a dog missed, a cat right, a dog where nothing is, and a doubtful one."""
    judged = Judged(
        SIZE,
        truth(SQUARE, OTHER, [100, 0, 200, 100], classes=[0, 1, 0]),
        found(
            SQUARE, [100, 0, 200, 100], [300, 150, 400, 200], OTHER,
            scores=[0.9, 0.8, 0.7, 0.2], classes=[1, 0, 1, 1],
        ),
    )  # fmt: skip
    scores = score_objects([judged], NAMES, 0.35, "bbox")
    assert scores.confusion.tolist() == [
        [1, 1, 0],  # true cats: one right, one taken for a dog
        [0, 0, 1],  # true dogs: missed
        [0, 1, 0],  # nothing: a dog was seen
    ]
    assert scores.pictures == [(1, 2, 2)]
    assert scores.pictures[0].f1 == pytest.approx(2 * 1 / (2 * 1 + 2 + 2))


def test_a_true_object_is_found_once_and_by_the_surest() -> None:
    overlaps = np.array([[0.6, 0.5], [0.9, 0.0], [0.55, 0.7]])
    assert assign(overlaps, np.array([False, False])).tolist() == [0, -1, 1]


@pytest.mark.parametrize("seed", range(6))
def test_precision_and_recall_agree_with_the_librarys_average_precision(seed: int) -> None:
    """AP50 from our own matching, by its definition: the best precision at or beyond each of 101 recalls."""
    rng = np.random.default_rng(seed)
    pictures = [_random_picture(rng) for _ in range(12)]
    for each in score_objects(pictures, NAMES, 0.5, "bbox").classes:
        recall, precision = each.curve.line()
        wanted = [max(precision[recall >= asked], default=0.0) for asked in np.linspace(0, 1, 101).tolist()]
        assert each.ap50 == pytest.approx(np.mean(wanted), abs=1e-6)


def _random_picture(rng: np.random.Generator) -> Judged:
    corners = rng.integers(0, 120, (6, 2)).astype(np.float32)
    boxes = np.hstack([corners, corners + rng.integers(40, 80, (6, 2))]).astype(np.float32)
    true = Objects(boxes, rng.integers(0, 2, 6).astype(np.int32), rng.random(6) < 0.2)
    moved = (boxes.repeat(2, 0) + rng.normal(0, 5, (12, 4))).astype(np.float32)
    classes = np.where(rng.random(12) < 0.8, true.classes.repeat(2), 1 - true.classes.repeat(2))
    scores = rng.permutation(12).astype(np.float32) / 12
    return Judged(SIZE, true, Found(moved, scores, classes.astype(np.int32)))


def test_masks_are_compared_by_their_pixels_not_by_their_boxes() -> None:
    """The found mask is the lower half of the true one, with the same box over it: an overlap of 0.5 of
    10 x 10, which AP counts at the first of its ten overlaps only."""
    whole, half = np.ones((10, 10), bool), np.ones((10, 10), bool)
    half[:5] = False
    box = [20.0, 30.0, 30.0, 40.0]
    true = Objects(*_one(box), outlines=(encode(Mask(20, 30, whole), SIZE),))
    seen = Found(*_seen(box), codes=(encode(Mask(20, 30, half), SIZE),))
    judged = Judged(SIZE, true, seen)
    assert score_objects([judged], NAMES, 0.35, "bbox").ap == pytest.approx(1.0)
    masks = score_objects([judged], NAMES, 0.35, "segm")
    assert (masks.ap50, masks.ap) == pytest.approx((1.0, 0.1))
    assert believed(judged, 0.35, "segm")[1].tolist() == [0]


def _one(box: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([box], np.float32), np.zeros(1, np.int32), np.zeros(1, bool)


def _seen(box: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.array([box], np.float32), np.full(1, 0.9, np.float32), np.zeros(1, np.int32)


def test_a_network_that_finds_nothing_scores_nothing() -> None:
    scores = score_objects([Judged(SIZE, truth(SQUARE), found(scores=[]))], NAMES, 0.35, "bbox")
    assert (scores.ap, scores.ap50, scores.at.f1, scores.best.f1) == (0, 0, 0, 0)
