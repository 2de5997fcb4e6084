import numpy as np
import pytest

from edgevision.core.boxes import iou_matrix
from edgevision.inference.suppress import MANY, suppress


def by_hand(boxes: np.ndarray, scores: np.ndarray, class_ids: np.ndarray, overlap: float) -> set[int]:
    """Greedy non-maximum suppression as it is always described: the best first, one by one."""
    kept: list[int] = []
    iou = iou_matrix(boxes, boxes)
    for candidate in sorted(range(len(boxes)), key=lambda n: -scores[n]):
        rivals = [n for n in kept if class_ids[n] == class_ids[candidate]]
        if (iou[candidate, rivals] <= overlap).all():
            kept.append(candidate)
    return set(kept)


@pytest.mark.parametrize("count", [0, 1, 60, MANY, MANY + 1])
@pytest.mark.parametrize("classes", [1, 4])
@pytest.mark.parametrize("overlap", [0.3, 0.65, 1.0])
def test_the_same_boxes_stay_as_by_hand(count: int, classes: int, overlap: float) -> None:
    rng = np.random.default_rng(count)
    corner = rng.uniform(0, 60, (count, 2))
    boxes = np.hstack([corner, corner + rng.uniform(20, 40, (count, 2))]).astype(np.float32)
    scores = rng.permutation(np.linspace(0.1, 0.99, count)).astype(np.float32)
    class_ids = rng.integers(0, classes, count).astype(np.int32)
    kept = suppress(boxes, scores, class_ids, overlap)
    assert len(set(kept.tolist())) == len(kept)
    assert set(kept.tolist()) == by_hand(boxes, scores, class_ids, overlap)
