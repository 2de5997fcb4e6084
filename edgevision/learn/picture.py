"""What was learnt, drawn over a picture, for a person to judge."""

from collections.abc import Sequence

import numpy as np

from edgevision.core.types import Image
from edgevision.draw import FONT, PALETTE, SMALLEST_TEXT, tint
from edgevision.learn.propose import SURE, Proposal
from edgevision.opencv import cv2

SURE_COLOR, DOUBTFUL_COLOR = PALETTE[2], PALETTE[0]  # green and orange, told apart by all eyes


def drawn(image: Image, found: Sequence[Proposal]) -> Image:
    """A copy of the picture (H, W, 3) uint8 BGR with each spot, its name and its confidence on it."""
    canvas = image.copy()
    height, width = canvas.shape[:2]
    unit = max(1, round(height / 270))
    outlines = [np.round(np.array(each.polygon) * (width, height)).astype(np.int32) for each in found]
    for each, outline in zip(found, outlines, strict=True):
        inside = np.zeros((height, width), np.uint8)
        cv2.fillPoly(inside, [outline], 1)
        tint(canvas, inside.astype(bool), _color(each))
        cv2.polylines(canvas, [outline], True, (255, 255, 255), unit * 2, cv2.LINE_AA)
        cv2.polylines(canvas, [outline], True, _color(each), unit, cv2.LINE_AA)
    for each, outline in zip(found, outlines, strict=True):
        x, y = outline.mean(axis=0).astype(int).tolist()
        _write(canvas, each, x, y, unit)
    return canvas


def _color(each: Proposal) -> tuple[int, int, int]:
    return SURE_COLOR if each.confidence >= SURE else DOUBTFUL_COLOR


def _write(canvas: Image, each: Proposal, x: int, y: int, unit: int) -> None:
    """`A1 0.93` on a plate around x, y px."""
    scale = max(SMALLEST_TEXT, canvas.shape[0] / 1400)
    text = f"{each.name} {each.confidence:.2f}"
    (width, height), below = cv2.getTextSize(text, FONT, scale, 1)
    left, bottom = x - width // 2, y + height // 2
    corners = (left - unit, bottom - height - unit), (left + width + unit, bottom + below)
    cv2.rectangle(canvas, *corners, _color(each), cv2.FILLED)
    cv2.putText(canvas, text, (left, bottom), FONT, scale, (0, 0, 0), max(1, unit // 2), cv2.LINE_AA)
