"""Short ways to make what tests need."""

from collections.abc import Sequence

import numpy as np

from edgevision.core import Detections, Track


def detections(*boxes: Sequence[float], score: float = 0.9, class_id: int = 0) -> Detections:
    """Boxes x1 y1 x2 y2, all with one score and one class."""
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(len(boxes), score, np.float32),
        np.full(len(boxes), class_id, np.int32),
    )


def track(
    x: float, y: float, *, id: int = 1, label: str = "car", side: float = 40.0, missed: float = 0.0,
    before: Sequence[tuple[float, float]] = (),
) -> Track:  # fmt: skip
    """A confirmed square object whose bottom centre is at (x, y); `before` are its anchors before that."""
    box = np.array([x - side / 2, y - side, x + side / 2, y], np.float32)
    trail = np.array([*before, (x, y)], np.float32)
    return Track(id, box, 0, label, score=0.9, age=1.0, missed=missed, trail=trail)
