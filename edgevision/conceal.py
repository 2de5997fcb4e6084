"""Makes parts of a picture unrecognisable, for good: what is written over them holds too little to tell who
it was."""

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgevision.core.types import Floats, Image, Region, Segmentation, Track
from edgevision.opencv import cv2
from edgevision.settings import Settings

# Along the longer side of an object. What is shown of it depends on nothing but the means of these cells, at
# most 16 colours, so nothing finer can be won back, by whatever means. It is few, since networks recognise
# faces in mosaics that people cannot (McPherson, Shokri, Shmatikov, "Defeating Image Obfuscation with Deep
# Learning", 2016); of a person standing upright the face is a part of one cell.
CELLS = 4
LEAST_CELL = 8  # px: of a small object, 4 cells would be its very pixels
COLORS = 16  # levels of a cell's colour that are told apart
# Of an object's longer side, beyond its box or mask on all sides. Of 170 people in COCO val2017, YOLOX-Nano's
# boxes with it cover 99.5 % of a person's pixels in the mean, without it 96 %; masks of a small YOLOv8n-seg
# 98.6 % and 88 %.
MARGIN = 0.15
MAP_MARGIN = 0.01  # of the picture's longer side, beyond what a map says
FEW = 0.1  # of its box: a mask that is less is none, and the box counts; people's fill 16 % and more
GREY = 114

How = Literal["fill", "pixelate", "blur"]
Where = NDArray[np.bool_]


class Redaction(Settings):
    """What must not be recognised in the pictures that leave the process."""

    classes: list[str] = Field(min_length=1, description="hide objects of these; or with keep, all but them")
    keep: bool = Field(False, description="hide all but the objects: the background, and what is not known")
    how: How = Field("fill", description="fill: with grey; pixelate: large squares; blur: the same, softened")


def conceal(
    image: Image,
    redaction: Redaction,
    tracks: Sequence[Track],
    regions: Sequence[Region],
    segmentation: Segmentation | None = None,
    labels: Sequence[str] = (),
) -> Image:
    """A copy of the picture (H, W, 3) uint8 BGR without what must not be seen. When in doubt it is hidden.

    To hide objects, all regions count, be they doubtful or remembered only. To keep them, only objects count
    that are followed and were seen in this frame.
    """
    wanted = redaction.classes
    on_map = _on_map(segmentation, labels, wanted)
    if redaction.keep:
        seen = [Region(track.label, track.box, track.mask) for track in tracks if track.missed == 0]
        return _kept(image, redaction.how, [each for each in seen if each.label in wanted], on_map)
    return _hidden(image, redaction.how, [each for each in regions if each.label in wanted], on_map)


def _hidden(image: Image, how: How, regions: Iterable[Region], on_map: Where | None) -> Image:
    canvas = image.copy()
    parts = [_around(region, image) for region in regions]
    # The smallest first, so that what was made of a large object lies over what was made of a part of it.
    for window, where in sorted(parts, key=lambda part: part[1].size):
        _put(_veil(image[window], how), where, canvas[window])
    if on_map is not None and on_map.any():
        where = _grown(on_map, MAP_MARGIN * max(on_map.shape))
        _put(_veil(image, how), where, canvas)
    return canvas


def _kept(image: Image, how: How, regions: Iterable[Region], on_map: Where | None) -> Image:
    shown = np.zeros(image.shape[:2], np.bool_) if on_map is None else on_map
    for region in regions:
        if region.mask is not None:
            height, width = region.mask.pixels.shape
            top, left = region.mask.top, region.mask.left
            shown[top : top + height, left : left + width] |= region.mask.pixels
        else:
            shown[_window(region.box, 0, image)] = True
    canvas = _veil(image, how)
    _put(image, shown, canvas)
    return canvas


def _put(source: Image, where: Where, target: Image) -> None:
    """Copy the pixels `where` (h, w), in region. By OpenCV, in a tenth of the time of numpy's index."""
    if where.any():
        cv2.copyTo(source, where.astype(np.uint8), target)


def _around(region: Region, image: Image) -> tuple[tuple[slice, slice], Where]:
    """What to hide of an object: a window of the picture, and which of its pixels (h, w)."""
    width, height = np.maximum(region.box[2:] - region.box[:2], 1)
    margin = MARGIN * float(max(width, height))
    mask = region.mask
    if mask is None or np.count_nonzero(mask.pixels) < FEW * width * height:
        window = _window(region.box, margin, image)
        return window, np.ones(image[window].shape[:2], np.bool_)
    rows, columns = mask.pixels.shape
    cut = np.array([mask.left, mask.top, mask.left + columns, mask.top + rows], np.float32)
    window = _window(cut, margin, image)
    where = np.zeros(image[window].shape[:2], np.bool_)
    y, x = mask.top - window[0].start, mask.left - window[1].start
    where[y : y + rows, x : x + columns] = mask.pixels
    return window, _grown(where, margin)


def _window(box: Floats, margin: float, image: Image) -> tuple[slice, slice]:
    """The rows and columns of the picture that a box (4,) px and a margin round it touch."""
    height, width = image.shape[:2]
    left, top = np.clip(np.floor(box[:2] - margin), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.ceil(box[2:] + margin), 0, (width, height)).astype(int)
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def _grown(where: Where, margin: float) -> Where:
    """The pixels (h, w) and all that are as near to them as `margin` px."""
    if not where.any():
        return where
    distance = cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    return np.asarray(distance) <= margin


def _veil(part: Image, how: How) -> Image:
    """What is shown instead of a part of a picture (h, w, 3)."""
    height, width = part.shape[:2]
    if how == "fill" or not part.size:
        return np.full_like(part, GREY)
    cell = max(LEAST_CELL, max(height, width) / CELLS)
    cells = (max(1, round(width / cell)), max(1, round(height / cell)))
    means = np.asarray(cv2.resize(part, cells, interpolation=cv2.INTER_AREA), np.uint8)
    step = 256 // COLORS
    means = np.asarray(means // step * step + step // 2, np.uint8).reshape(cells[1], cells[0], 3)
    way = cv2.INTER_NEAREST if how == "pixelate" else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(means, (width, height), interpolation=way), np.uint8)


def _on_map(segmentation: Segmentation | None, labels: Sequence[str], wanted: Sequence[str]) -> Where | None:
    if segmentation is None:
        return None
    table = np.zeros(256, np.bool_)
    table[[number for number, label in enumerate(labels) if label in wanted]] = True
    return np.asarray(table[segmentation.class_ids], np.bool_)
