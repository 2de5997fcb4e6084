"""Masks of tracks, and where everything may be that a tracker remembers."""

import numpy as np
import pytest

from edgevision.core import Detections, Tracker
from edgevision.core.types import Mask
from tests.builders import detections

LABELS = ["car", "person"]


def seen(*boxes: tuple[int, int, int, int], score: float = 0.9) -> Detections:
    """Boxes, each with a mask that fills it."""
    plain = detections(*boxes, score=score)
    masks = tuple(Mask(x1, y1, np.ones((y2 - y1, x2 - x1), bool)) for x1, y1, x2, y2 in boxes)
    return Detections(plain.boxes, plain.scores, plain.class_ids, masks)


def test_a_track_has_the_mask_of_its_own_box_and_of_this_frame_only() -> None:
    tracker = Tracker(LABELS)
    for number in range(5):
        # The other way round in every frame: the masks must follow.
        boxes = [(100, 100, 140, 150), (300 + number, 100, 340 + number, 160)]
        tracks = tracker.update(seen(*boxes[:: 1 if number % 2 else -1]), number / 10)
    shapes = {t.mask.left: t.mask.pixels.shape for t in tracks if t.mask and abs(t.box[0] - t.mask.left) < 4}
    assert shapes == {100: (50, 40), 304: (60, 40)}
    doubtful = tracker.update(seen((100, 100, 140, 150), score=0.2), 0.5)
    assert [t.mask.left for t in doubtful if t.mask] == [100]
    assert [track.mask for track in tracker.update(seen(), 0.6)] == [None, None]


def test_a_network_without_masks_gives_none() -> None:
    tracker = Tracker(LABELS)
    for number in range(5):
        tracks = tracker.update(detections((100, 100, 140, 150)), number / 10)
    assert [track.mask for track in tracks] == [None]


def test_what_is_not_confirmed_is_remembered_too() -> None:
    tracker = Tracker(LABELS)
    assert tracker.update(seen((100, 100, 140, 150)), 0.0) == []
    (region,) = tracker.remembered()
    assert region.label == "car"
    assert region.box == pytest.approx([100, 100, 140, 150])
    assert region.mask is not None
    tracker.update(seen(), 0.1)
    (region,) = tracker.remembered()
    assert region.mask is None


def test_the_longer_it_is_unseen_the_larger_is_where_it_may_be_up_to_a_limit() -> None:
    tracker = Tracker(LABELS)
    for number in range(10):
        tracker.update(seen((100, 100, 140, 140)), number / 10)
    widths = []
    for number in range(10, 28):
        tracker.update(seen(), number / 10)
        (region,) = tracker.remembered()
        assert region.box[2] - 120 == pytest.approx(120 - region.box[0], abs=0.1)  # to all sides alike
        widths.append(float(region.box[2] - region.box[0]))
    assert widths == sorted(widths)
    assert widths[0] > 44
    assert widths[-1] == pytest.approx(40 + 2 * 0.5 * 40, abs=0.5)


def test_what_the_tracker_forgot_is_not_remembered() -> None:
    tracker = Tracker(LABELS, keep=0.5)
    for number in range(20):
        tracker.update(seen((100, 100, 140, 140)) if number < 5 else seen(), number / 10)
    assert tracker.remembered() == []
