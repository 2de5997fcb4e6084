import numpy as np
import pytest

from edgevision.core import Detections
from edgevision.core.types import Mask


def test_a_wrong_shape_is_told_with_the_right_one() -> None:
    with pytest.raises(
        ValueError, match=r"scores must be float32 of shape \(2,\), got float32 of shape \(3,\)"
    ):
        Detections(np.zeros((2, 4), np.float32), np.zeros(3, np.float32), np.zeros(2, np.int32))


def test_a_wrong_type_is_told_with_the_right_one() -> None:
    with pytest.raises(ValueError, match=r"boxes must be float32 of shape \(1, 4\), got float64"):
        Detections(np.zeros((1, 4)), np.zeros(1, np.float32), np.zeros(1, np.int32))


def test_a_mask_takes_rows_of_all_arrays() -> None:
    found = Detections(
        np.arange(8, dtype=np.float32).reshape(2, 4),
        np.array([0.5, 0.9], np.float32),
        np.array([3, 7], np.int32),
    )
    best = found[found.scores > 0.6]
    assert (len(best), best.boxes[0, 0], best.class_ids[0]) == (1, 4, 7)


def test_masks_stay_with_their_boxes() -> None:
    masks = tuple(Mask(left, 0, np.ones((2, 2), bool)) for left in range(3))
    three = Detections(
        np.zeros((3, 4), np.float32), np.zeros(3, np.float32), np.arange(3, dtype=np.int32), masks
    )
    assert [mask.left for mask in three[np.array([2, 0])].masks or ()] == [2, 0]
    with pytest.raises(ValueError, match="masks must be 3, one per box, got 2"):
        Detections(three.boxes, three.scores, three.class_ids, masks[:2])
