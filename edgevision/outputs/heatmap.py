"""A heatmap of one camera as a picture, and as an array for those who compute with it."""

from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field, field_validator

from edgevision.conceal import Redaction
from edgevision.core.moments import next_due
from edgevision.errors import OutputError
from edgevision.outputs.base import Result
from edgevision.outputs.picture import heat_picture
from edgevision.settings import Duration, Name, Settings


class Config(Settings):
    """A heatmap of one camera, over its newest picture."""

    type: Literal["heatmap"]
    camera: Name
    heatmap: Name = Field(description="which of the camera's `heatmaps`")
    path: str = Field(description="a .png that is replaced; the seconds of each cell are beside it, as .npy")
    every: Duration = Field(60.0, gt=0, description="how often it is written; and at the end")
    redact: Redaction | None = Field(None, description="what must not be recognised in it")

    @field_validator("path")
    @classmethod
    def _known_ending(cls, path: str) -> str:
        if Path(path).suffix.lower() != ".png":
            raise ValueError(f"expected a file ending in .png, got {path!r}")
        return path


class HeatmapFile:
    """Replaces its two files every so often, each as a whole: nobody reads half a picture."""

    wants_frames = True

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.address = f"heatmap {config.path}"
        self.camera: str | None = config.camera
        self._config = config
        self._path = Path(config.path)
        self._due = -np.inf  # s
        self._last: Result | None = None  # not written yet
        _try(self._path)

    def write(self, result: Result) -> None:
        if result.frame is None:
            return
        self._last = result
        if result.frame.ts >= self._due:
            self._due = next_due(self._due, result.frame.ts, self._config.every)
            self._save(result)

    def close(self) -> None:
        if self._last is None:
            return
        try:
            self._save(self._last)
        except OSError as error:
            raise OutputError(f"cannot write a heatmap to {self._path}: {error.strerror}") from None

    def _save(self, result: Result) -> None:
        grid = result.grids[self._config.heatmap]
        array = BytesIO()
        np.save(array, grid)
        _replace(self._path.with_suffix(".npy"), array.getvalue())
        _replace(self._path, heat_picture(result, grid, self._config.redact))
        self._last = None


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _replace(path: Path, content: bytes) -> None:
    _part(path).write_bytes(content)
    _part(path).replace(path)


def _try(path: Path) -> None:
    """Whether files can be written there. Raises OutputError."""
    try:
        _part(path).write_bytes(b"")
        _part(path).unlink()
    except OSError as error:
        raise OutputError(
            f"cannot write a heatmap to {path}: {error.strerror}; "
            "choose a folder that exists and that this user may write to"
        ) from None


def build(config: Config, name: str) -> HeatmapFile:
    return HeatmapFile(config, name)
