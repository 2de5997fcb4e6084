"""What stands on a shelf: facings in each row, what is out of stock or low, what is not in its place.

A facing is a product that the network sees with its centre in the row: two on top of each other are two, one
more than half behind another is none. A row is judged only while nobody stands in front of it, and a change
has to last for `hold` of that time. `core/facings.py` says how they are counted, `shelf_row.py` how judged.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Self

import numpy as np
from pydantic import BeforeValidator, Field, field_validator, model_validator

from edgevision.analytics.shelf_row import (
    COMPLIANCE,
    IN_STOCK,
    LOW_STOCK,
    MISPLACED,
    OUT_OF_STOCK,
    UNKNOWN,
    Plan,
    ShelfRow,
)
from edgevision.core.geometry import is_convex, strips
from edgevision.core.types import Finding, Floats, Shape, Size, Track
from edgevision.settings import Duration, Name, Polygon, Settings

KEY = "shelves"
MOST_ROWS = 20
MOST_EXPECTED = 100  # in a row: comparing takes a time of this squared, 10 ms
# BGR, of Okabe and Ito (2008), which those who see red and green alike tell apart, too.
COLOURS = {
    OUT_OF_STOCK: (0, 94, 213),
    LOW_STOCK: (66, 228, 240),
    IN_STOCK: (115, 158, 0),
    UNKNOWN: (160, 160, 160),
}
SAID = {OUT_OF_STOCK: " OUT", LOW_STOCK: " low", UNKNOWN: " ?", IN_STOCK: ""}


class RowConfig(Settings):
    """A row: what stands on one board."""

    name: Name
    polygon: Polygon | None = Field(
        None, description="left out: an equal strip of the section, from top to bottom"
    )
    expect: list[str] = Field(
        [], max_length=MOST_EXPECTED, description="the planogram: products from left to right"
    )
    low: int | None = Field(None, ge=1, description="as that of the section, for this row")


def _rows(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        if not 1 <= value <= MOST_ROWS:
            raise ValueError(f"expected 1 to {MOST_ROWS} rows, got {value}")
        return [{"name": str(number + 1)} for number in range(value)]
    return value


Rows = Annotated[list[RowConfig], BeforeValidator(_rows, json_schema_input_type=int | list[RowConfig])]


class Config(Settings):
    """A section of a shelf."""

    polygon: Polygon | None = Field(None, description="its corners; left out if every row has its own")
    rows: Rows = Field(
        [RowConfig(name="1")],
        min_length=1,
        max_length=MOST_ROWS,
        description="how many, or each with its name",
    )
    classes: list[str] = Field([], description="what counts as a product; all but the blockers when left out")
    blockers: list[str] = Field(["person"], description="while one is in front of a row, it is not judged")
    low: int | None = Field(None, ge=1, description="fewer facings in a row than this are low_stock")
    hold: Duration = Field(5.0, gt=0, description="how long a change must be in sight to be believed")

    @field_validator("rows")
    @classmethod
    def _named_once(cls, rows: list[RowConfig]) -> list[RowConfig]:
        names = [row.name for row in rows]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"two rows are named {name!r}; events tell them apart by their names")
        return rows

    @model_validator(mode="after")
    def _drawn(self) -> Self:
        own = [row.polygon is not None for row in self.rows]
        if all(own) and self.polygon is not None:
            raise ValueError(
                "every row has its own `polygon`, so the section needs none: leave one of the two out"
            )
        if any(own) and not all(own):
            raise ValueError(
                f"row {self.rows[own.index(False)].name!r} has no `polygon`, others have: say all or none"
            )
        if not any(own) and self.polygon is None:
            raise ValueError("say where it is: `polygon` for the section, or one for every row")
        if self.polygon is not None and len(self.rows) > 1:
            if len(self.polygon) != 4:
                raise ValueError(
                    f"only an area of 4 corners can be cut into rows, this has {len(self.polygon)}: give "
                    "every row its own `polygon`"
                )
            if not is_convex(np.array(self.polygon)):
                raise ValueError(
                    "the 4 corners must go round the area in order, without crossing or denting it"
                )
        both = [name for name in self.classes if name in self.blockers]
        if both:
            raise ValueError(f"{both[0]!r} cannot be a product and a blocker")
        return self

    def products(self) -> list[str]:
        """All that is named as a product."""
        return list(dict.fromkeys([*self.classes, *(name for row in self.rows for name in row.expect)]))

    def places(self) -> list[Floats]:
        """The polygon of each row: (K, 2) float32, 0..1 of the frame."""
        if self.polygon is None:
            return [np.array(row.polygon, np.float32) for row in self.rows]
        whole = np.array(self.polygon, np.float32)
        return strips(whole, len(self.rows)) if len(self.rows) > 1 else [whole]


class Shelf:
    """Watches the rows of one section. Its memory is that of its rows."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._products = set(config.products())
        self._last: float | None = None  # s: the frame before
        self._rows = [
            ShelfRow(
                place, Plan(row.name, row.expect, row.low or config.low or 0, config.hold), config.classes
            )
            for row, place in zip(config.rows, config.places(), strict=True)
        ]
        planned = any(row.expect for row in config.rows)
        low = any(row.low or config.low for row in config.rows)
        self.kinds: Sequence[str] = (
            OUT_OF_STOCK, *([LOW_STOCK] if low else []), IN_STOCK, UNKNOWN,
            *([COMPLIANCE, MISPLACED] if planned else []),
        )  # fmt: skip

    def named(self, name: str) -> Sequence[str]:
        for row in self._rows:
            row.section = name
        return [row.full_name for row in self._rows]

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        seconds = 0.0 if self._last is None else ts - self._last
        self._last = ts
        seen = [track for track in tracks if track.missed == 0 and self._is_product(track)]
        # Who hides something is not gone because the network misses him for a second.
        blockers = [track for track in tracks if self._blocks(track)]
        labels = [self._label(track) for track in seen]
        boxes, hiding = _boxes(seen, size), _boxes(blockers, size)
        return [finding for row in self._rows for finding in row.update(boxes, labels, hiding, ts, seconds)]

    def blind(self, ts: float) -> list[Finding]:
        return [finding for row in self._rows for finding in row.blind(ts)]

    def occupancy(self) -> int:
        return sum(len(row.facings.believed()) for row in self._rows)

    def gauges(self) -> Mapping[str, Mapping[tuple[str, ...], float]]:
        series: dict[str, dict[tuple[str, ...], float]] = {}
        for row in self._rows:
            for metric, labels, value in row.gauges(self._last):
                series.setdefault(metric, {})[labels] = value
        return series

    def shape(self, size: Size) -> list[Shape]:
        return list(self._shapes(np.array(size, np.float32)))

    def keep(self, ts: float) -> dict[str, Any]:
        return {row.plan.name: row.keep(ts) for row in self._rows}

    def resume(self, kept: Mapping[str, Any], ts: float) -> None:
        for row in self._rows:
            if row.plan.name in kept:
                row.resume(kept[row.plan.name], ts)

    def _shapes(self, size: Floats) -> Iterator[Shape]:
        for row in self._rows:
            text = f"{row.plan.name} {len(row.facings.believed())}{SAID[row.state()]}"
            if row.plan.expect:
                text += f" {row.compliance():.0%}"
            if row.held_since is not None:
                text += f" held {row.held(self._last):.0f} s"
            yield Shape(row.place * size, closed=True, text=text, color=COLOURS[row.state()])

    def _is_product(self, track: Track) -> bool:
        return track.is_one_of(self._config.classes) and not self._blocks(track)

    def _blocks(self, track: Track) -> bool:
        return bool(self._config.blockers) and track.is_one_of(self._config.blockers)

    def _label(self, track: Track) -> str:
        """What product it is: by a second look that names one, else by the detector."""
        said = (verdict.label for verdict in track.looks.values() if verdict.label in self._products)
        return next(said, track.label)


def _boxes(tracks: Sequence[Track], size: Size) -> Floats:
    """(N, 4) float32 in 0..1 of the frame."""
    boxes: Floats = np.array([track.box for track in tracks], np.float32).reshape(-1, 4)
    scale: Floats = np.array(size + size, np.float32)
    return boxes / scale


def build(config: Config) -> Shelf:
    return Shelf(config)
