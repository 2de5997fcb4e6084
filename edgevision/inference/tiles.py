"""Small objects: a frame is cut into tiles that overlap, the network looks at each as at a picture of its
own, and what it saw is put together.

Two views of a frame agree on an object if their boxes are the same where both views look: the boxes, cut to
what the views share, overlap. That holds for an object that both see whole, for one that an edge cuts in one
of them or in both, and for a lorry of which a tile shows the cab. So every object comes out once, and two
that stand close to each other stay two, which they would not if a box inside another were simply dropped.
"""

from collections.abc import Sequence
from typing import Annotated, Any, NamedTuple, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from edgevision.core.types import Image, Size
from edgevision.settings import Settings

MOST_SHRUNK = 2.0  # auto: frame pixels to a pixel of the input in a tile, at most
MOST_ALONG = 16  # tiles along a side


class Tiles(Settings):
    """How a frame is cut; without columns and rows by itself, so that no tile is shrunk to less than half."""

    columns: int | None = Field(None, ge=1, le=MOST_ALONG)
    rows: int | None = Field(None, ge=1, le=MOST_ALONG)
    overlap: float = Field(
        0.2,
        ge=0.05,
        le=0.5,
        description="share of a tile that its neighbour sees too; more than a small object",
    )
    whole: bool = Field(
        True,
        description="look at the whole frame as well; without it objects must be smaller than the overlap",
    )

    @property
    def views(self) -> int:
        """Pictures that a frame is cut into; the most there can be where its size will decide."""
        if self.columns is None or self.rows is None:
            return MOST_ALONG**2
        return self.columns * self.rows + self.whole

    @model_validator(mode="after")
    def _cuts(self) -> Self:
        if (self.columns is None) != (self.rows is None):
            raise ValueError("say both `columns` and `rows`, or neither")
        if self.columns == self.rows == 1:
            raise ValueError("one tile is the whole frame: leave `tiles` out")
        return self


def read_tiles(value: Any) -> Any:
    """`auto` and `3x2` as the keys they stand for. Raises ValueError for other text."""
    if value == "auto":
        return {}
    if isinstance(value, str):
        columns, _, rows = value.partition("x")
        if not (columns.isdecimal() and rows.isdecimal()):
            raise ValueError(f"expected auto, columns x rows such as 3x2, or keys with values, got {value!r}")
        return {"columns": int(columns), "rows": int(rows)}
    return value


TilesSetting = Annotated[Tiles, BeforeValidator(read_tiles, json_schema_input_type=Tiles | str)]


class View(NamedTuple):
    """A part of a frame that the network looks at, in whole pixels."""

    left: int
    top: int
    right: int
    bottom: int
    frame: Size
    coarse: float  # pixels of the frame to a pixel of the input

    def of(self, image: Image) -> Image:
        return image[self.top : self.bottom, self.left : self.right]

    @property
    def inner(self) -> np.ndarray:
        """(4,) bool: which of left, top, right, bottom lie inside the frame, so that they cut objects."""
        right, bottom = self.right < self.frame.width, self.bottom < self.frame.height
        return np.array([self.left > 0, self.top > 0, right, bottom])


def views_of(frame: Size, tiles: Tiles, size: Size) -> list[View]:
    """What to look at in a frame with a network whose input is of `size`: first the whole, then by rows."""
    columns, rows = numbers(frame, tiles, size)
    width, lefts = _spread(frame.width, columns, tiles.overlap)
    height, tops = _spread(frame.height, rows, tiles.overlap)
    corners = [(left, top, left + width, top + height) for top in tops for left in lefts]
    if tiles.whole and len(corners) > 1:
        corners.insert(0, (0, 0, *frame))
    return [
        View(*corner, frame, max((corner[2] - corner[0]) / size.width, (corner[3] - corner[1]) / size.height))
        for corner in corners
    ]


def numbers(frame: Size, tiles: Tiles, size: Size) -> tuple[int, int]:
    """Columns and rows; where they are not said, the fewest that shrink no tile to less than half."""
    if tiles.columns is not None and tiles.rows is not None:
        return tiles.columns, tiles.rows
    return _fewest(frame.width, size.width, tiles.overlap), _fewest(frame.height, size.height, tiles.overlap)


def _fewest(side: int, input_side: int, overlap: float) -> int:
    for number in range(1, MOST_ALONG):
        if _spread(side, number, overlap)[0] <= MOST_SHRUNK * input_side:
            return number
    return MOST_ALONG


def _spread(side: int, number: int, overlap: float) -> tuple[int, Sequence[int]]:
    """The length of each of `number` tiles along a side, and where they start; px."""
    length = min(side, int(np.ceil(side / (number - (number - 1) * overlap))))
    return length, [round(i * (side - length) / max(1, number - 1)) for i in range(number)]
