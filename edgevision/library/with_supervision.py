"""Detections and tracks as those of Roboflow's supervision, and back. It is imported only when it is used."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from edgevision.core.types import Detections, Floats, Mask, Size, Track
from edgevision.errors import EdgevisionError

if TYPE_CHECKING:
    import supervision

NAMES = "class_name"  # where supervision looks for the names of classes


def to_supervision(found: Detections | Sequence[Track], size: Size | None = None) -> "supervision.Detections":
    """size: of the picture, needed for masks: they become (N, height, width) bool, the whole picture each.

    Of tracks, `tracker_id` is their id, and `data["missed"]` the seconds since it was seen, 0 in this frame.
    """
    try:
        import supervision
    except ImportError as error:
        raise EdgevisionError(
            f"supervision cannot be imported ({error}): pip install 'edgevision[supervision]'"
        ) from None
    if isinstance(found, Detections):
        masks: Sequence[Mask | None] = found.masks or ()
        names = found.names()
        return supervision.Detections(
            xyxy=found.boxes.copy(),
            mask=_whole(masks, size),
            confidence=found.scores.copy(),
            class_id=found.class_ids.astype(int),
            data={NAMES: np.array([names[number] for number in found.class_ids], str)},
        )
    return supervision.Detections(
        xyxy=np.array([track.box for track in found], np.float32).reshape(-1, 4),
        mask=_whole([track.mask for track in found], size) if any(track.mask for track in found) else None,
        confidence=np.array([track.score for track in found], np.float32),
        class_id=np.array([track.class_id for track in found], int),
        tracker_id=np.array([track.id for track in found], int),
        data={
            NAMES: np.array([track.label for track in found], str),
            "missed": np.array([track.missed for track in found], float),
        },
    )


def from_supervision(detections: "supervision.Detections") -> Detections:
    """For our tracker. Raises ValueError if there are no scores or classes, which it needs."""
    given: Any = detections
    if given.confidence is None or given.class_id is None:
        lacking = "confidence" if given.confidence is None else "class_id"
        raise ValueError(f"these detections have no {lacking}: a tracker needs it for each box")
    boxes = np.array(given.xyxy, np.float32).reshape(-1, 4)
    masks = None
    if given.mask is not None:
        masks = tuple(_cut(np.asarray(given.mask[row], bool), box) for row, box in enumerate(boxes))
    class_ids = np.array(given.class_id, np.int32)
    return Detections(boxes, np.array(given.confidence, np.float32), class_ids, masks, _labels(given))


def _whole(masks: Sequence[Mask | None], size: Size | None) -> np.ndarray | None:
    """(N, H, W) bool; None where there are none at all."""
    if not masks:
        return None
    if size is None:
        raise ValueError("these have masks: say how large the picture is, to_supervision(found, frame.size)")
    whole = np.zeros((len(masks), size.height, size.width), bool)
    for row, mask in enumerate(masks):
        if mask is not None:
            height, width = mask.pixels.shape
            whole[row, mask.top : mask.top + height, mask.left : mask.left + width] = mask.pixels
    return whole


def _cut(whole: np.ndarray, box: Floats) -> Mask:
    """The part of a mask (H, W) bool that a box (4,) px touches."""
    height, width = whole.shape
    left, top = np.clip(np.floor(box[:2]).astype(int), 0, (width, height)).tolist()
    right, bottom = np.clip(np.ceil(box[2:]).astype(int), 0, (width, height)).tolist()
    return Mask(left, top, whole[top:bottom, left:right].copy())


def _labels(given: Any) -> tuple[str, ...] | None:
    """The names that are among them, by class id; what is not among them is called by its number."""
    if NAMES not in given.data or not len(given.class_id):
        return None
    named = dict(zip(map(int, given.class_id), map(str, given.data[NAMES]), strict=True))
    return tuple(named.get(number, str(number)) for number in range(max(named) + 1))
