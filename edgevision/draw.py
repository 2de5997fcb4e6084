"""Draws what was found over a picture."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Detections, Floats, Image, Mask, Shape, Track
from edgevision.opencv import cv2

# BGR. Told apart also by people who see red and green alike (Okabe and Ito, 2008).
PALETTE = (
    (0, 159, 230),
    (233, 180, 86),
    (115, 158, 0),
    (66, 228, 240),
    (178, 114, 0),
    (0, 94, 213),
    (167, 121, 204),
)
SHAPE_COLOR = (255, 255, 255)
FONT = cv2.FONT_HERSHEY_SIMPLEX
SMALLEST_TEXT = 0.4  # of the font's own size of some 22 px; below it cannot be read
TINT = 0.45  # share of an object's colour in the pixels of its mask


def annotate(image: Image, tracks: Sequence[Track], shapes: Iterable[Shape], clock: str) -> Image:
    """A copy of the picture (H, W, 3) uint8 BGR with tracks and the analytics' shapes on it, and the time, if
    it is not empty."""
    canvas = image.copy()
    unit = _unit(canvas)
    seen = [track for track in tracks if track.missed == 0]
    for track in seen:
        if track.mask is not None:
            _draw_mask(canvas, track.mask, color_of(track.class_id), unit)
    for shape in shapes:
        _draw_shape(canvas, shape, unit)
    for track in seen:
        _draw_box(canvas, track.box, _caption(track), color_of(track.class_id), unit)
    if clock:
        _draw_text(canvas, clock, (unit * 4, canvas.shape[0] - unit * 4), SHAPE_COLOR, unit)
    return canvas


def annotate_detections(image: Image, detections: Detections, labels: Sequence[str]) -> Image:
    """A copy of the picture with masks, boxes, labels and scores on it."""
    canvas = image.copy()
    unit = _unit(canvas)
    for mask, class_id in zip(detections.masks or (), detections.class_ids, strict=False):
        _draw_mask(canvas, mask, color_of(int(class_id)), unit)
    for box, score, class_id in zip(detections.boxes, detections.scores, detections.class_ids, strict=True):
        _draw_box(canvas, box, f"{labels[class_id]} {score:.2f}", color_of(int(class_id)), unit)
    return canvas


def tint(image: Image, where: NDArray[np.bool_], color: Sequence[int]) -> None:
    """Mix a colour BGR into the pixels `where` (H, W). By a table, not in floats: pictures are large."""
    mixed = np.arange(256)[:, None] * (1 - TINT) + np.array(color) * TINT
    table = np.rint(mixed).astype(np.uint8)
    for channel in range(3):
        plane = image[:, :, channel]
        plane[where] = table[plane[where], channel]


def _caption(track: Track) -> str:
    """`car 7, taxi 83%`"""
    looks = (f"{verdict.label} {verdict.share:.0%}" for verdict in track.looks.values())
    return ", ".join([f"{track.label} {track.id}", *looks])


def color_of(class_id: int) -> tuple[int, int, int]:
    return PALETTE[class_id % len(PALETTE)]


def _unit(image: Image) -> int:
    """Width of a stroke: 2 px in a picture of 540 lines."""
    return max(1, round(int(image.shape[0]) / 270))


def _draw_box(image: Image, box: Floats, text: str, color: tuple[int, int, int], unit: int) -> None:
    x1, y1, x2, y2 = (round(float(v)) for v in box)
    cv2.rectangle(image, (x1, y1), (x2, y2), color, unit, cv2.LINE_AA)
    _draw_text(image, text, (x1, y1 - unit), color, unit)


def _draw_mask(image: Image, mask: Mask, color: tuple[int, int, int], unit: int) -> None:
    height, width = mask.pixels.shape
    part = image[mask.top : mask.top + height, mask.left : mask.left + width]
    tint(part, mask.pixels, color)
    outlines, _ = cv2.findContours(mask.pixels.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(image, outlines, -1, color, unit, cv2.LINE_AA, offset=(mask.left, mask.top))


def _draw_shape(image: Image, shape: Shape, unit: int) -> None:
    points = np.round(shape.points).astype(np.int32)
    color = shape.color or SHAPE_COLOR
    cv2.polylines(image, [points], shape.closed, (0, 0, 0), unit * 2, cv2.LINE_AA)
    cv2.polylines(image, [points], shape.closed, color, unit, cv2.LINE_AA)
    if not shape.closed:
        _draw_in_arrow(image, shape.points, unit)
    x, y = points[0] if not shape.closed else points.mean(axis=0).astype(int)
    _draw_text(image, shape.text, (int(x) + unit * 4, int(y) - unit * 3), color, unit)


def _draw_in_arrow(image: Image, ends: Floats, unit: int) -> None:
    """An arrow across the middle of a line, the way that counts as in: to the right of its direction."""
    middle = ends.mean(axis=0)
    along = (ends[1] - ends[0]) / np.hypot(*(ends[1] - ends[0]))
    right = np.array([-along[1], along[0]])
    tail, head = middle - right * unit * 6, middle + right * unit * 12
    cv2.arrowedLine(
        image,
        (round(float(tail[0])), round(float(tail[1]))),
        (round(float(head[0])), round(float(head[1]))),
        SHAPE_COLOR,
        unit,
        cv2.LINE_AA,
        tipLength=0.35,
    )


def _draw_text(image: Image, text: str, at: tuple[int, int], color: tuple[int, int, int], unit: int) -> None:
    """Text on a filled plate, its lower left corner at `at`, moved inside the picture where needed."""
    scale = max(SMALLEST_TEXT, image.shape[0] / 1080)
    (width, height), below = cv2.getTextSize(text, FONT, scale, 1)
    x = int(np.clip(at[0], 0, max(0, image.shape[1] - width)))
    y = int(np.clip(at[1], height + below, image.shape[0]))
    cv2.rectangle(image, (x, y - height - below), (x + width, y), color, cv2.FILLED)
    cv2.putText(image, text, (x, y - below // 2 - 1), FONT, scale, (0, 0, 0), max(1, unit // 2), cv2.LINE_AA)
