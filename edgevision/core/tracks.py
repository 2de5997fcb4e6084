"""What a tracker remembers of its objects."""

from dataclasses import dataclass

import numpy as np

from edgevision.core import kalman, places
from edgevision.core.boxes import bottom_centers
from edgevision.core.kalman import Motion
from edgevision.core.places import Places
from edgevision.core.types import Detections, Floats, Ints


@dataclass(slots=True, eq=False)
class Tracks:
    """All tracks as parallel arrays of N rows."""

    motion: Motion
    places: Places
    id: Ints  # 0 until confirmed
    born: np.ndarray  # (N,) float64 s
    seen: np.ndarray  # (N,) float64 s: when last matched
    hits: Ints  # number of matches
    score: Floats  # of the last match
    votes: Floats  # (N, classes): sum of scores per class, fading with time
    trail: np.ndarray  # (N,) object: list of its anchors until it is confirmed, each (2,); then None
    mask: np.ndarray  # (N,) object: Mask of this frame, or None

    def __len__(self) -> int:
        return len(self.id)


def start(seen: Detections, classes: int, ts: float) -> Tracks:
    """A track for every box."""
    count = len(seen)
    trail = np.empty(count, object)
    for row, anchor in enumerate(bottom_centers(seen.boxes)):
        trail[row] = [anchor]
    masks = np.empty(count, object)
    for row, mask in enumerate(seen.masks or ()):
        masks[row] = mask
    votes = np.zeros((count, classes), np.float32)
    votes[np.arange(count), seen.class_ids] = seen.scores
    return Tracks(
        motion=kalman.start(seen.boxes),
        places=places.start(seen.boxes, ts),
        id=np.zeros(count, np.int32),
        born=np.full(count, ts),
        seen=np.full(count, ts),
        hits=np.ones(count, np.int32),
        score=seen.scores,
        votes=votes,
        trail=trail,
        mask=masks,
    )
