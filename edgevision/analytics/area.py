"""How much of an area is covered: how much of the lane is blocked, how much of the shelf is empty.

The pixels are those of a segmenter's map, or of the masks of the objects that a detector sees. A share has to
stay above or below its limit for `hold` before that is believed.
"""

from collections.abc import Sequence
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from edgevision.core.geometry import inside_polygon
from edgevision.core.limit import Limit
from edgevision.core.types import Finding, Floats, Mask, Segmentation, Shape, Size, Track
from edgevision.settings import Duration, Polygon, Settings

KEY = "areas"
ABOVE, BELOW = "above", "below"
MOST_POINTS = 65536  # in the box round an area: 2 megapixels of them would cost 10 ms a frame
CERTAIN = 1.0  # the confidence of events: pixels have none


class Config(Settings):
    """An area to measure."""

    polygon: Polygon
    classes: list[str] = Field(min_length=1, description="what covers it")
    above: float | None = Field(None, ge=0, lt=1, description="report when more than this share is covered")
    below: float | None = Field(
        None, gt=0, le=1, description="and when less than this is again; the same as `above` when left out"
    )
    hold: Duration = Field(2.0, description="how long a change must last to be believed")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.below is not None and self.above is None:
            raise ValueError("`below` is reported after `above`: say `above:` too")
        if self.below is not None and self.above is not None and self.below > self.above:
            raise ValueError(f"`below` must not be more than `above`, got {self.below} and {self.above}")
        return self


class AreaShare:
    """Measures one polygon."""

    kinds: Sequence[str]

    def __init__(self, config: Config) -> None:
        self.kinds = (ABOVE, BELOW) if config.above is not None else ()
        self.covered = 0.0
        self.shares = dict.fromkeys(config.classes, 0.0)
        self._config = config
        self._grid: Grid | None = None
        self._map: tuple[Segmentation, Sequence[str]] | None = None
        self._limit = None if config.above is None else Limit(config.above, config.below, config.hold)

    def see(self, found: Segmentation, labels: Sequence[str]) -> None:
        self._map = found, labels

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        if self._grid is None or self._grid.size != size:
            self._grid = Grid(self._polygon(size), size)
        points = (
            self._of_masks(tracks, self._grid) if self._map is None else self._of_map(*self._map, self._grid)
        )
        self._map = None
        self.shares = {name: self._grid.share(where) for name, where in points.items()}
        self.covered = self._grid.share(np.logical_or.reduce(list(points.values())))
        return self._judge(ts)

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> Shape:
        parts = ", ".join(f"{name} {share:.0%}" for name, share in self.shares.items() if share)
        text = f"{self.covered:.0%}" + (f" ({parts})" if len(self.shares) > 1 and parts else "")
        return Shape(self._polygon(size), closed=True, text=text)

    def _polygon(self, size: Size) -> Floats:
        return np.array(self._config.polygon, np.float32) * np.array(size, np.float32)

    def _of_map(
        self, found: Segmentation, labels: Sequence[str], grid: "Grid"
    ) -> dict[str, NDArray[np.bool_]]:
        ids = grid.sample(found.class_ids)
        return {name: ids == labels.index(name) for name in self._config.classes}

    def _of_masks(self, tracks: Sequence[Track], grid: "Grid") -> dict[str, NDArray[np.bool_]]:
        points = {name: np.zeros_like(grid.inside) for name in self._config.classes}
        for track in tracks:
            for name in points:
                if track.mask is not None and track.is_one_of([name]):
                    grid.mark(track.mask, points[name])
        return points

    def _judge(self, ts: float) -> list[Finding]:
        if self._limit is None or not self._limit.see(self.covered, ts):
            return []
        most = max(self.shares, key=lambda name: self.shares[name])
        kind = ABOVE if self._limit.is_above else BELOW
        return [Finding(kind, most, None, round(self.covered, 3), CERTAIN)]


class Grid:
    """Pixels at equal steps, both ways, in the box round a polygon: all of them, or as many as are quick.

    With 65536 points a share is off by less than 0.01 for an area of simple shape.
    """

    def __init__(self, polygon: Floats, size: Size) -> None:
        """polygon: (K, 2) px, in a picture of `size`."""
        self.size = size
        left, top = np.floor(polygon.min(axis=0)).astype(int)
        right, bottom = np.minimum(np.ceil(polygon.max(axis=0)).astype(int), size)
        self._step = max(1, int(np.ceil(np.sqrt((right - left) * (bottom - top) / MOST_POINTS))))
        middle = self._step // 2
        self._rows = range(top + middle, bottom, self._step)
        self._columns = range(left + middle, right, self._step)
        y, x = np.meshgrid(self._rows, self._columns, indexing="ij")
        centers = np.stack([x.ravel() + 0.5, y.ravel() + 0.5], axis=1)
        self.inside = inside_polygon(polygon, centers).reshape(x.shape)  # (rows, columns) bool
        self._count = max(1, int(np.count_nonzero(self.inside)))

    def share(self, where: NDArray[np.bool_]) -> float:
        """Which share of the polygon the marked points (rows, columns) are, 0..1."""
        return float(np.count_nonzero(where & self.inside)) / self._count

    def sample(self, picture: np.ndarray) -> np.ndarray:
        """The values of a picture (H, W) at the points: (rows, columns)."""
        rows, columns = self._rows, self._columns
        return picture[rows.start : rows.stop : rows.step, columns.start : columns.stop : columns.step]

    def mark(self, mask: Mask, where: NDArray[np.bool_]) -> None:
        """Set the points (rows, columns) bool that lie on an object."""
        height, width = mask.pixels.shape
        rows, first_row = _within(self._rows, mask.top, height)
        columns, first_column = _within(self._columns, mask.left, width)
        part = where[rows, columns]
        part |= mask.pixels[first_row :: self._step, first_column :: self._step][
            : part.shape[0], : part.shape[1]
        ]


def _within(points: range, start: int, length: int) -> tuple[slice, int]:
    """Which of the points lie in start .. start + length, and how far from its start the first does."""
    step = points.step
    first = max(0, -(-(start - points.start) // step))
    end = max(first, min(len(points), -(-(start + length - points.start) // step)))
    return slice(first, end), max(0, points.start + first * step - start)


def build(config: Config) -> AreaShare:
    return AreaShare(config)
