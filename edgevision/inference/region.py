"""A part of a camera's picture: all that its network is shown. What it sees there is told in pixels of the
whole picture, so that nothing behind it knows of the part."""

from dataclasses import replace
from typing import Annotated, Any, NamedTuple

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field

from edgevision.core.types import Detections, Image, Mask, Size
from edgevision.settings import Coordinate

LEAST = 0.01  # of the picture's width and height

Corners = tuple[Coordinate, Coordinate, Coordinate, Coordinate]


def _four(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise ValueError(f"expected [x1, y1, x2, y2], left, top, right and bottom, got {value!r}")
    return tuple(value)


def _in_order(value: Corners) -> Corners:
    x1, y1, x2, y2 = value
    if x2 - x1 < LEAST or y2 - y1 < LEAST:
        raise ValueError(
            f"expected [x1, y1, x2, y2] with x1 left of x2 and y1 above y2, by {LEAST:g} at least, "
            f"got {list(value)}"
        )
    return value


RegionSetting = Annotated[
    Corners,
    BeforeValidator(_four, json_schema_input_type=list[float]),
    AfterValidator(_in_order),
    Field(description="[x1, y1, x2, y2], each 0..1 of the frame, from its top left corner"),
]


class Window(NamedTuple):
    """In shares of the picture, 0..1."""

    x1: float
    y1: float
    x2: float
    y2: float

    def pixels(self, frame: Size) -> tuple[int, int, int, int]:
        """left, top, right, bottom; whole pixels, at least one each way."""
        left, right = (round(x * frame.width) for x in (self.x1, self.x2))
        top, bottom = (round(y * frame.height) for y in (self.y1, self.y2))
        left, top = min(left, frame.width - 1), min(top, frame.height - 1)
        return left, top, max(left + 1, right), max(top + 1, bottom)

    def size(self, frame: Size) -> Size:
        left, top, right, bottom = self.pixels(frame)
        return Size(right - left, bottom - top)

    def of(self, image: Image) -> Image:
        """The part of a picture (H, W, 3); no copy."""
        left, top, right, bottom = self.pixels(Size(image.shape[1], image.shape[0]))
        return image[top:bottom, left:right]

    def placed(self, found: Detections, frame: Size) -> Detections:
        """What was found in the part, in pixels of the frame."""
        left, top, _, _ = self.pixels(frame)
        masks = found.masks and tuple(Mask(m.left + left, m.top + top, m.pixels) for m in found.masks)
        return replace(found, boxes=found.boxes + np.array([left, top] * 2, np.float32), masks=masks)


WHOLE = Window(0, 0, 1, 1)
