"""Events to a file, one JSON object per line; or to the standard output, for a pipe or journald."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import Field

from edgevision.errors import OutputError
from edgevision.events import to_json
from edgevision.outputs.base import Result
from edgevision.place import place_of
from edgevision.settings import Settings

STDOUT = "-"
LONGEST = 1 << 20  # bytes of a line that are looked at: an event with outlines has some thousand


class Config(Settings):
    """Events as JSON lines."""

    type: Literal["jsonl"]
    path: str = Field(min_length=1, description="a file that is appended to, or - for the standard output")


class JsonLines:
    """Appends to one file, each result at once, so that a reader sees an event when it happens.

    A file that was moved away or removed, as logrotate does, is made anew at the next event.
    """

    camera = None
    wants_frames = False

    def __init__(self, config: Config, name: str) -> None:
        self.name = name
        self.address = f"jsonl {config.path}"
        self._path = Path(config.path)
        self._last_id = _mend(self._path)
        try:
            self._file = _append_to(self._path)
        except OSError as error:
            raise OutputError(
                f"cannot write events to {self._path}: {error.strerror}; "
                "choose a folder that exists and that this user may write to"
            ) from None

    def last_id(self) -> str | None:
        """Of the event in the file's last line."""
        return self._last_id

    def write(self, result: Result) -> None:
        self._follow_path()
        before = os.fstat(self._file.fileno()).st_size
        rest = memoryview("".join(to_json(event) + "\n" for event in result.events).encode())
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            # A full disk takes the beginning of a line: whole lines only, and it may be tried again.
            with suppress(OSError):
                os.ftruncate(self._file.fileno(), before)
            raise

    def close(self) -> None:
        self._file.close()

    def _follow_path(self) -> None:
        """Go on in the file that has the path now. Raises OSError where there can be none."""
        ours = os.fstat(self._file.fileno())
        if place_of(self._path) == (ours.st_dev, ours.st_ino):
            return
        new = _append_to(self._path)
        self._file.close()
        self._file = new


class StandardOutput:
    """Events on the standard output."""

    camera = None
    wants_frames = False

    def __init__(self, name: str) -> None:
        self.name = name
        self.address = f"jsonl {STDOUT}"

    def write(self, result: Result) -> None:
        sys.stdout.write("".join(to_json(event) + "\n" for event in result.events))
        sys.stdout.flush()

    def close(self) -> None:
        """Nothing was opened."""


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


def _append_to(path: Path) -> BinaryIO:
    # Without a buffer: what could not be written must not come later, behind what is tried again.
    return path.open("ab", buffering=0)


def build(config: Config, name: str) -> JsonLines | StandardOutput:
    return StandardOutput(name) if config.path == STDOUT else JsonLines(config, name)
