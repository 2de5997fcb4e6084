"""Events, counts and states to a SQLite database, where they survive a crash and a cut of power.

It comes before all other outputs: they are given what is on the disk already, so that nothing they have told
the world is unknown after a restart. What they could not be given, they are given later.
"""

from pathlib import Path
from typing import Literal

from pydantic import Field

from edgevision.journal import Journal
from edgevision.settings import Bytes, Duration, Settings


class Config(Settings):
    """Where events, counts and states are kept."""

    type: Literal["sqlite"]
    path: str = Field(min_length=1, description="a file, made where it does not exist")
    keep: Duration = Field(90 * 86400.0, gt=0, description="how long events are kept; sums stay for ever")
    size: Bytes = Field(
        10**9, ge=10**6, description="above it the oldest events go: bytes, or text such as 500MB, 2GB"
    )


class Sqlite:
    """The journal as an output. What it is given goes through the pipeline's own keeping thread."""

    camera: str | None = None
    wants_frames = False

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.keep, self.size = config.keep, config.size
        self.journal = Journal(Path(config.path))

    def close(self) -> None:
        self.journal.close()


def build(config: Config, name: str) -> Sqlite:
    return Sqlite(config, name)
