"""Which pixels of the frame are an object, from the small map that a network draws of it."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Floats, Mask, Size
from edgevision.opencv import cv2


class MaskMap(NamedTuple):
    """What a network drew of one object: its pixels are where the map, interpolated, is above `threshold`."""

    values: Floats  # (h, w)
    region: tuple[float, float, float, float]  # x1 y1 x2 y2: the part of the input that the map covers, px
    threshold: float


MaskSource = Callable[[int], MaskMap]
"""The map of the candidate with this index. Only asked for the boxes that are given out."""


def cut(drawn: MaskMap, box: Floats, placement: Placement) -> Mask:
    """The mask of one object, cut to the pixels of the frame that its box (4,) touches (frame px).

    A pixel's centre lies at + 0.5, in the frame as in the map.
    """
    left, top = math.floor(box[0]), math.floor(box[1])
    width, height = math.ceil(box[2]) - left, math.ceil(box[3]) - top
    if width <= 0 or height <= 0:
        return Mask(left, top, np.zeros((max(height, 0), max(width, 0)), np.bool_))
    x1, y1, x2, y2 = drawn.region
    rows, columns = drawn.values.shape
    across, down = columns / (x2 - x1), rows / (y2 - y1)  # map px per input px
    x = ((left + 0.5) * placement.scale_x + placement.offset_x - x1) * across - 0.5
    y = ((top + 0.5) * placement.scale_y + placement.offset_y - y1) * down - 0.5
    to_map = np.array([[placement.scale_x * across, 0, x], [0, placement.scale_y * down, y]], np.float64)
    values = cv2.warpAffine(
        np.ascontiguousarray(drawn.values, np.float32),
        to_map,
        (width, height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Mask(left, top, np.asarray(values) > drawn.threshold)


def from_prototypes(coefficients: Floats, boxes: Floats, prototypes: Floats, size: Size) -> MaskSource:
    """Masks that are sums of prototypes: sigmoid(coefficients @ prototypes) (Bolya et al., "YOLACT", 2019).

    coefficients: (K, M); boxes: (K, 4) input px; prototypes: (M, h, w) over the whole input of `size`. Only
    what is below a box is summed, and one cell more, for the interpolation at its border.
    """
    _, rows, columns = prototypes.shape
    across, down = size.width / columns, size.height / rows  # input px per prototype px

    def draw(index: int) -> MaskMap:
        x1, y1, x2, y2 = boxes[index]
        left = int(np.clip(x1 // across - 1, 0, columns - 1))
        top = int(np.clip(y1 // down - 1, 0, rows - 1))
        right = int(np.clip(-(-x2 // across) + 1, left + 1, columns))
        bottom = int(np.clip(-(-y2 // down) + 1, top + 1, rows))
        part = prototypes[:, top:bottom, left:right].astype(np.float32)
        values = np.tensordot(coefficients[index].astype(np.float32), part, axes=1)
        region = (left * across, top * down, right * across, bottom * down)
        return MaskMap(values, region, 0.0)  # sigmoid(v) > 0.5 where v > 0

    return draw
