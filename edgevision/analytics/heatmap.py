"""Where objects have been, and for how long: seconds for each cell of a grid over the picture.

The time between two sightings of an object is spread evenly over the straight way between them, so that the
grid adds up to the seconds that objects were followed, whatever the frame rate. Where an object stands is its
bottom centre. What an object did while the camera was blind counts nowhere.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import Field

from edgevision.core.types import Finding, Floats, Size, Track
from edgevision.settings import Duration, Settings

KEY = "heatmaps"
MOST = 320  # cells each way: 400 KB
LARGEST = float(np.nextafter(np.float32(1), np.float32(0)))  # share of the picture in its last cell


class Config(Settings):
    """A picture of where objects have been."""

    classes: list[str] = Field([], description="only these; all when left out")
    columns: int = Field(96, ge=8, le=MOST, description="cells across the picture; they are square")
    half_life: Duration | None = Field(
        None, gt=0, description="after this time, what has been counts half; left out: nothing fades"
    )


class Heatmap:
    """Adds up time by place. Remembers one place per track that the tracker remembers."""

    kinds: Sequence[str] = ()

    def __init__(self, config: Config) -> None:
        self._config = config
        self._cells: np.ndarray | None = None  # (rows, columns) float64 s; float32 loses 4 ms each day
        self._now: float | None = None  # s: the last frame
        self._last: dict[int, tuple[float, Floats]] = {}  # by track id: when and where, 0..1 of the picture

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        cells = self._faded(ts, size)
        seen = [t for t in tracks if t.missed == 0 and t.is_one_of(self._config.classes)]
        anchors = np.array([track.anchor for track in seen], np.float32).reshape(-1, 2)
        places: Floats = np.clip(anchors / np.array(size, np.float32), 0, LARGEST)
        last = [self._last.get(track.id, (ts, place)) for track, place in zip(seen, places, strict=True)]
        if last:
            seconds = ts - np.array([at for at, _ in last])
            _spread(cells, np.stack([place for _, place in last]), places, seconds)
        self._last |= {track.id: (ts, place) for track, place in zip(seen, places, strict=True)}
        known = {track.id for track in tracks}
        self._last = {id: last for id, last in self._last.items() if id in known}
        return []

    def grid(self) -> Floats:
        """(rows, columns) float32 seconds. Before the first frame it has one row."""
        cells = np.zeros((1, self._config.columns)) if self._cells is None else self._cells
        return cells.astype(np.float32)

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> None:
        return None

    def blind(self, ts: float) -> list[Finding]:
        self._last.clear()
        return []

    def keep(self, ts: float) -> dict[str, Any]:
        """The grid, packed: 10 KB where there is something in every cell."""
        if self._cells is None:
            return {}
        packed = b64encode(zlib.compress(self.grid().tobytes())).decode("ascii")
        return {"shape": list(self._cells.shape), "seconds": packed}

    def resume(self, kept: Mapping[str, Any], ts: float) -> None:
        """A grid of other columns than are asked for now cannot be gone on with."""
        if not kept or kept["shape"][1] != self._config.columns:
            return
        cells = np.frombuffer(zlib.decompress(b64decode(kept["seconds"])), np.float32)
        self._cells, self._now = cells.reshape(kept["shape"]).astype(np.float64), ts

    def _faded(self, ts: float, size: Size) -> np.ndarray:
        """The cells as they are before what this frame adds."""
        if self._cells is None:
            columns = self._config.columns
            rows = int(np.clip(round(columns * size.height / size.width), 1, MOST))
            self._cells = np.zeros((rows, columns))
        if self._config.half_life and self._now is not None:
            self._cells *= 0.5 ** ((ts - self._now) / self._config.half_life)
        self._now = ts
        return self._cells


def _spread(cells: np.ndarray, before: Floats, after: Floats, seconds: np.ndarray) -> None:
    """Add times (N,) to the cells (rows, columns) on the ways between places (N, 2), 0..1 of the picture."""
    rows, columns = cells.shape
    scale = np.array([columns, rows])
    start, way = before * scale, (after - before) * scale
    steps = 1 + 2 * np.ceil(np.abs(way).max(axis=1)).astype(int)  # on each way: two in each cell, or more
    of = np.repeat(np.arange(len(steps)), steps)  # (all steps,): whose it is
    number = np.arange(len(of)) - np.repeat(np.cumsum(steps) - steps, steps)
    part = (number + 0.5) / steps[of]
    x, y = (start[of] + part[:, None] * way[of]).astype(int).T
    np.add.at(cells, (y, x), (seconds / steps)[of])


def build(config: Config) -> Heatmap:
    return Heatmap(config)
