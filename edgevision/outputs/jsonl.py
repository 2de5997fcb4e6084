"""Events to a file, one JSON object per line; or to the standard output, for a pipe or journald."""

import sys
from pathlib import Path
from typing import Literal, TextIO

from pydantic import Field

from edgevision.errors import OutputError
from edgevision.outputs.base import Result
from edgevision.outputs.event_json import to_json
from edgevision.settings import Settings

STDOUT = "-"


class Config(Settings):
    """Events as JSON lines."""

    type: Literal["jsonl"]
    path: str = Field(min_length=1, description="a file that is appended to, or - for the standard output")


class JsonLines:
    """Appends to one file and flushes each result, so that a reader sees an event when it happens."""

    camera = None
    wants_frames = False

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self._file = sys.stdout if config.path == STDOUT else _append_to(Path(config.path))

    def write(self, result: Result) -> None:
        self._file.write("".join(to_json(event) + "\n" for event in result.events))
        self._file.flush()

    def close(self) -> None:
        if self._file is not sys.stdout:
            self._file.close()


def _append_to(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"cannot write events to {path}: {error.strerror}; "
            "choose a folder that exists and that this user may write to"
        ) from None


def build(config: Config, name: str) -> JsonLines:
    return JsonLines(config, name)
