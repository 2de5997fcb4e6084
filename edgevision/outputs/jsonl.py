"""Events to a file, one JSON object per line; or to the standard output, for a pipe or journald."""

import json
import os
import sys
from pathlib import Path
from typing import Literal, TextIO

from pydantic import Field

from edgevision.errors import OutputError
from edgevision.events import to_json
from edgevision.outputs.base import Result
from edgevision.settings import Settings

STDOUT = "-"
LONGEST = 1 << 20  # bytes of a line that are looked at: an event with outlines has some thousand


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
        self.address = f"jsonl {config.path}"
        self._last_id = None if config.path == STDOUT else _mend(Path(config.path))
        self._file = sys.stdout if config.path == STDOUT else _append_to(Path(config.path))

    def last_id(self) -> str | None:
        """Of the event in the file's last line."""
        return self._last_id

    def write(self, result: Result) -> None:
        self._file.write("".join(to_json(event) + "\n" for event in result.events))
        self._file.flush()

    def close(self) -> None:
        if self._file is not sys.stdout:
            self._file.close()


def _mend(path: Path) -> str | None:
    """Remove a line that was cut short when the process was killed; the id in the last whole line."""
    try:
        with path.open("rb+") as file:
            start = max(0, file.seek(0, os.SEEK_END) - LONGEST)
            file.seek(start)
            *lines, rest = file.read().split(b"\n")
            if rest and _id_of(rest):
                file.write(b"\n")
                lines.append(rest)
            elif rest and (lines or not start):
                file.truncate(file.tell() - len(rest))
        return _id_of(lines[-1]) if lines else None
    except OSError:
        return None  # there is no such file yet, or it is a pipe


def _id_of(line: bytes) -> str | None:
    try:
        return str(json.loads(line)["id"])
    except (ValueError, LookupError, TypeError):
        return None


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
