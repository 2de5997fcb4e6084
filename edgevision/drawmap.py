"""Draws what a picture as a whole is, and what each of its pixels is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgevision.core.types import Image, Segmentation
from edgevision.draw import FONT, PALETTE, SMALLEST_TEXT, tint
from edgevision.opencv import cv2

READABLE = 240  # px: a picture with a shorter side is enlarged, for text to be read in it
LONGEST = 4096  # px that no picture is enlarged beyond
MARGIN = 4  # px round a line of text, at the smallest size
WHITE = (255, 255, 255)
UNCOLOURED = ("background", "unlabeled", "void")  # what is nothing else keeps its own look


class Line(NamedTuple):
    """A line of text, and the colour of its plate."""

    text: str
    color: tuple[int, int, int] = WHITE


def annotate_lines(image: Image, lines: Sequence[Line]) -> Image:
    """A copy of the picture with lines of text at its top left, enlarged if it is small."""
    canvas = enlarged(image)
    _draw_lines(canvas, lines)
    return canvas


def annotate_map(image: Image, found: Segmentation, labels: Sequence[str], lines: Sequence[str]) -> Image:
    """A copy of the picture with each class in its colour, enlarged if it is small. `lines` begin with
    classes' names, which they get the colours of."""
    canvas = enlarged(image)
    ids = cv2.resize(found.class_ids, (canvas.shape[1], canvas.shape[0]), interpolation=cv2.INTER_NEAREST)
    by_name = tint_map(canvas, np.asarray(ids, np.uint8), labels)
    _draw_lines(canvas, [Line(text, by_name.get(text.rsplit(" ", 1)[0], WHITE)) for text in lines])
    return canvas


def tint_map(canvas: Image, ids: Image, labels: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Give the pixels of each class (H, W) its colour, in place; the colours of the classes seen, by name."""
    colors = class_colors()
    seen = [int(n) for n in np.flatnonzero(np.bincount(ids.ravel(), minlength=256))]
    coloured = {n: colors[n].tolist() for n in seen if labels[n] not in UNCOLOURED}
    for class_id, color in coloured.items():
        tint(canvas, ids == class_id, color)
    _draw_borders(canvas, ids)
    return {labels[class_id]: (b, g, r) for class_id, (b, g, r) in coloured.items()}


def class_colors() -> Image:
    """A colour for each class number, (256, 3) uint8 BGR: first those that everybody tells apart, then
    hues a golden angle apart. Those come near again after 8 numbers, so light and dark change by eights."""
    number = np.arange(256)
    # 0.88 as the first hue keeps VOC's 21 classes 67 of 441 apart in BGR, the most of 50 tried.
    hue = ((0.88 + number * 0.618034) % 1 * 180).astype(np.uint8)
    saturation = np.where(number % 2, 255, 130).astype(np.uint8)
    value = np.where(number // 8 % 2, 255, 140).astype(np.uint8)
    colors = cv2.cvtColor(np.stack([hue, saturation, value], axis=-1)[None], cv2.COLOR_HSV2BGR)[0]
    colors[: len(PALETTE)] = PALETTE
    return np.asarray(colors, np.uint8)


def enlarged(image: Image) -> Image:
    """A copy whose shorter side is at least READABLE, or whose longer one is as long as LONGEST allows. The
    factor is a whole number, so that pixels stay what they are."""
    height, width = image.shape[:2]
    factor = min(-(-READABLE // min(height, width)), LONGEST // max(height, width))
    if factor <= 1:
        return image.copy()
    return np.asarray(np.repeat(np.repeat(image, factor, axis=0), factor, axis=1), np.uint8)


def _draw_borders(canvas: Image, ids: Image) -> None:
    """A light line where two classes meet."""
    size = max(2, round(min(ids.shape) / 300) + 1)
    square = np.ones((size, size), np.uint8)
    canvas[cv2.dilate(ids, square) != cv2.erode(ids, square)] = WHITE


def _draw_lines(canvas: Image, lines: Sequence[Line]) -> None:
    """Lines of text below each other on plates of one width; what does not fit is cut off."""
    if not lines:
        return
    height, width = canvas.shape[:2]
    scale = max(SMALLEST_TEXT, min(height, width) / 900)
    margin = round(MARGIN * scale / SMALLEST_TEXT)
    stroke = max(1, round(scale * 1.3))
    room = width - 2 * margin
    widest = max(cv2.getTextSize(line.text, FONT, scale, stroke)[0][0] for line in lines)
    if widest > room > 0:
        scale = max(SMALLEST_TEXT, scale * room / widest)
        widest = max(cv2.getTextSize(line.text, FONT, scale, stroke)[0][0] for line in lines)
    (_, high), below = cv2.getTextSize("Ag", FONT, scale, stroke)
    step = high + below + margin
    for number, line in enumerate(lines):
        top = margin + number * step
        corner = (margin + widest + 2 * margin, top + step - 1)
        cv2.rectangle(canvas, (margin, top), corner, line.color, cv2.FILLED)
        ink = (0, 0, 0) if np.dot(line.color, (0.114, 0.587, 0.299)) > 110 else WHITE
        at = (2 * margin, top + high + margin // 2)
        cv2.putText(canvas, line.text, at, FONT, scale, ink, stroke, cv2.LINE_AA)
