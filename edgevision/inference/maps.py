"""Maps of classes: which outputs are some, and how they are brought to a picture's size."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Floats, Image, Size
from edgevision.opencv import cv2

SMALLEST = 4  # rows and columns; fewer are a row of scores or the like
MOST_CLASSES = 256  # that 8 bits can number
STRIP = 1 << 17  # pixels worked on at once: they stay in the cache, and memory is bounded for any picture

Axis = Literal["first", "last", "none"]


@dataclass(frozen=True, slots=True)
class Layout:
    """How one output holds a map."""

    axis: Axis  # where the classes are: (C, h, w), (h, w, C), or nowhere: one value for each place
    classes: int  # 1 where there is one value for each place

    def planes(self, output: np.ndarray) -> np.ndarray:
        """The output (1, ...) as (C, h, w)."""
        dims = _without_batch(output)
        if self.axis == "none":
            return dims.reshape(1, *dims.shape)
        return np.moveaxis(dims, -1, 0) if self.axis == "last" else dims


def layouts(output: np.ndarray, size: Size) -> list[Layout]:
    """The ways in which an output can be a map of an input of `size`: its height and width are in the
    input's proportion, to a whole pixel."""
    shape = _without_batch(output).shape
    found = []
    if len(shape) == 2 and _is_map(shape[0], shape[1], size):
        found.append(Layout("none", 1))
    if len(shape) == 3 and _is_map(shape[1], shape[2], size):
        found.append(Layout("first", shape[0]))
    if len(shape) == 3 and _is_map(shape[0], shape[1], size):
        found.append(Layout("last", shape[2]))
    return found


def best_classes(planes: Floats, size: Size, placement: Placement) -> Image:
    """The class with the highest value at each pixel of the frame: (C, h, w) float32 -> (H, W) uint8.

    size: of the input that the planes lie over. Values are interpolated linearly between the places of the
    map, as in networks' own training, and only then compared.
    """
    seen = _visible(planes, size, placement)
    frame = placement.frame
    answer = np.zeros((frame.height, frame.width), np.uint8)
    for rows in _strips(frame):
        best = _enlarged(seen[0], frame, rows)
        ids = answer[rows]
        for class_id in range(1, len(seen)):
            values = _enlarged(seen[class_id], frame, rows)
            np.copyto(ids, class_id, where=values > best)
            np.maximum(best, values, out=best)
    return answer


def nearest_classes(ids: Image, size: Size, placement: Placement) -> Image:
    """Class ids (h, w) uint8 -> (H, W) uint8 of the frame, each pixel that of the place it lies in."""
    frame = placement.frame
    height, width = ids.shape
    y = (np.arange(frame.height) + 0.5) * placement.scale_y + placement.offset_y
    x = (np.arange(frame.width) + 0.5) * placement.scale_x + placement.offset_x
    rows = np.clip((y * height / size.height).astype(np.intp), 0, height - 1)
    columns = np.clip((x * width / size.width).astype(np.intp), 0, width - 1)
    answer: Image = ids[:, columns][rows]
    return answer


def _without_batch(output: np.ndarray) -> np.ndarray:
    return output[0] if output.ndim > 2 and output.shape[0] == 1 else output


def _is_map(height: int, width: int, size: Size) -> bool:
    if min(height, width) < SMALLEST or height > 2 * size.height:
        return False
    return abs(width - size.width * height / size.height) <= max(1.0, size.width / size.height)


def _visible(planes: Floats, size: Size, placement: Placement) -> Floats:
    """The part of the planes over which the frame lies, without the letterbox's bars."""
    edges = np.array(
        [
            placement.offset_x,
            placement.offset_y,
            placement.offset_x + placement.frame.width * placement.scale_x,
            placement.offset_y + placement.frame.height * placement.scale_y,
        ]
    )
    height, width = planes.shape[1:]
    if not _whole(edges * ([width / size.width, height / size.height] * 2)):
        # The bars end between two places of the map; in the input they end between two pixels.
        planes = np.stack([np.asarray(cv2.resize(plane, size), np.float32) for plane in planes])
        height, width = planes.shape[1:]
    left, top, right, bottom = np.rint(edges * ([width / size.width, height / size.height] * 2)).astype(int)
    return planes[:, top:bottom, left:right]


def _whole(numbers: np.ndarray) -> bool:
    return bool((np.abs(numbers - np.rint(numbers)) < 1e-6).all())


def _strips(frame: Size) -> Iterator[slice]:
    rows = max(1, STRIP // frame.width)
    for start in range(0, frame.height, rows):
        yield slice(start, min(start + rows, frame.height))


def _enlarged(plane: Floats, frame: Size, rows: slice) -> Floats:
    """Some rows of a plane (h, w) brought to the frame's size: (rows, W) float32.

    Linear interpolation with pixel centres at .5, first down, then across; cv2.resize of the whole plane
    gives the same, but has no way to make a part.
    """
    height = len(plane)
    y = np.clip((np.arange(rows.start, rows.stop) + 0.5) * (height / frame.height) - 0.5, 0, height - 1)
    above = y.astype(np.intp)
    below = np.minimum(above + 1, height - 1)
    share = (y - above).astype(np.float32)[:, None]
    lines = np.ascontiguousarray(plane[above] * (1 - share) + plane[below] * share)
    enlarged = np.asarray(cv2.resize(lines, (frame.width, len(lines))), np.float32)
    return enlarged.reshape(len(lines), frame.width)
