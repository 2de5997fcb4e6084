"""Draws where objects have been over a picture."""

import numpy as np

from edgevision.core.durations import in_words
from edgevision.core.types import Floats, Image
from edgevision.draw import FONT, SMALLEST_TEXT
from edgevision.opencv import cv2

MOST = 0.85  # of the colour, where objects have been longest
DECADES = 3  # of times that colours tell apart: a car that passes, and one that stands in a jam
BLUR = 0.8  # cells, one deviation: what stands on a point is wider than that
FAINT = 0.6  # of the picture's light: less of it lets the colours speak


def draw_heat(image: Image, seconds: Floats) -> Image:
    """A new picture (H, W, 3) uint8 BGR: the given one in grey, coloured by a grid (rows, columns) float32 s.

    Times are smoothed a little, and the scale is logarithmic, from a thousandth of the hottest cell's up to
    that: beside one car that parks all day, who walks by would not be seen on an even one. Its key is at the
    lower right.
    """
    smooth = np.asarray(cv2.GaussianBlur(seconds, (0, 0), BLUR, borderType=cv2.BORDER_REFLECT))
    hottest = float(smooth.max(initial=0.0))
    heat = _scaled(smooth.astype(np.float32), hottest)
    height, width = image.shape[:2]
    heat = np.clip(cv2.resize(heat, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
    grey = cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR) * FAINT
    share = (MOST * np.minimum(1.0, 3 * heat))[:, :, None]
    canvas = np.asarray(np.rint(grey * (1 - share) + _colors(heat) * share), np.uint8)
    if hottest > 0:
        _draw_key(canvas, hottest)
    return canvas


def to_png(image: Image) -> bytes:
    """A picture (H, W, 3) uint8 BGR as the bytes of a PNG file."""
    return bytes(cv2.imencode(".png", image)[1])


def _scaled(seconds: Floats, hottest: float) -> np.ndarray:
    """(rows, columns) float32, 0..1: decades of time below the hottest."""
    if hottest <= 0:
        return np.zeros(seconds.shape, np.float32)
    share = np.maximum(seconds / hottest, 10.0**-DECADES)
    return np.asarray(1 + np.log10(share) / DECADES, np.float32)


def _colors(heat: np.ndarray) -> np.ndarray:
    """(..., 3) uint8 BGR of heat (H, W) 0..1: dark to light, told apart also without colours."""
    return np.asarray(cv2.applyColorMap(np.rint(heat * 255).astype(np.uint8), cv2.COLORMAP_INFERNO))


def _draw_key(canvas: Image, hottest: float) -> None:
    """What the colours mean: a bar with the times at its ends and middle, at the lower right."""
    height, width = canvas.shape[:2]
    scale = max(SMALLEST_TEXT, height / 1080)
    bar_width, bar_height = max(120, width // 4), max(8, height // 60)
    left, top = max(0, width - bar_width - bar_height), max(0, height - 2 * bar_height)
    part = canvas[top : top + bar_height, left : left + bar_width]
    part[:] = _colors(np.linspace(0, 1, bar_width, dtype=np.float32)[None])[:, : part.shape[1]]
    for place, share in ((0.0, 10.0**-DECADES), (0.5, 10.0 ** (-DECADES / 2)), (1.0, 1.0)):
        text = ("< " if place == 0 else "") + in_words(hottest * share)
        (text_width, _), _ = cv2.getTextSize(text, FONT, scale, 1)
        at = (int(left + place * (bar_width - text_width)), top - bar_height // 2)
        for color, stroke in (((0, 0, 0), 4), ((255, 255, 255), 1)):
            cv2.putText(canvas, text, at, FONT, scale, color, stroke, cv2.LINE_AA)
