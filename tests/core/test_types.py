import numpy as np
import pytest

from edgevision.core import Detections


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
