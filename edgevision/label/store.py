"""The truth file of the page: read once, and written anew as a whole after each click."""

import json
import os
import threading
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from edgevision.errors import DataError, OutputError
from edgevision.evaluate.read_counts import DrawnLine, Row, TruthFile, check_file, read_document
from edgevision.settings import Duration, Name, Settings

MOST_ROWS = 10_000  # of one video: some 700 KB
ENDINGS = (".yaml", ".yml")  # what the page writes


class Labelled(Settings):
    """What the page knows of its video."""

    rows: list[Row] = Field(max_length=MOST_ROWS)
    until: Duration | None = None
    lines: dict[Name, DrawnLine] = Field(default_factory=dict, max_length=100)


class StaleError(Exception):
    """Another page has written since."""


class TruthStore:
    """Keeps what the file says of other cameras as it is."""

    def __init__(self, path: Path, video: str, camera: str, alone: bool, start: float) -> None:
        """video: its name, for who reads the file. alone: there is no other camera, so the file need not name
        it. start: Unix s of the first frame. Raises DataError, OutputError."""
        if path.suffix.lower() not in ENDINGS:
            raise DataError(f"{path}: the page writes YAML; name a file that ends in .yaml")
        if not path.absolute().parent.is_dir():
            raise OutputError(f"{path}: there is no folder {path.absolute().parent}")
        self.path = path
        self.version = 0
        self._video, self._camera, self._alone = video, camera, alone
        self._lock = threading.Lock()
        file = check_file(read_document(path)) if path.exists() else TruthFile(truth=[])
        self._others = [row for row in file.truth if not self._mine(row.camera)]
        until = file.until if isinstance(file.until, dict) else {}
        self._other_untils = {name: at for name, at in until.items() if not self._mine(name)}
        mine = file.until if isinstance(file.until, float | int) else until.get(camera)
        rows = [_plain(row, start) for row in file.truth if self._mine(row.camera)]
        self.labelled = Labelled(rows=rows, until=mine, lines=file.lines)

    def save(self, labelled: Labelled, version: int) -> int:
        """The new version. Raises StaleError, OutputError."""
        with self._lock:
            if version != self.version:
                raise StaleError
            self._write(self._text(labelled))
            self.labelled = labelled
            self.version += 1
            return self.version

    def _mine(self, camera: str | None) -> bool:
        return camera in (None, self._camera)

    def _text(self, labelled: Labelled) -> str:
        lines = [f"# What truly happens in {self._video}. edgevision eval count CONFIG --truth THIS_FILE"]
        untils = {**self._other_untils, **({self._camera: labelled.until} if labelled.until else {})}
        if self._alone and labelled.until:
            lines.append(f"until: {labelled.until:.3f}  # s: labelled up to here")
        elif untils:
            lines.append(f"until: {_flow({name: round(at, 3) for name, at in untils.items()})}")
        if labelled.lines:
            lines.append(
                "lines:  # drawn on the page; to count there, copy them into the camera's configuration"
            )
            for name, line in labelled.lines.items():
                lines.append(f"  {json.dumps(name)}: {_flow({'from': [*line.from_], 'to': [*line.to]})}")
        rows = sorted(labelled.rows, key=lambda row: row.at if row.at is not None else -1.0)
        lines.append("truth:" if rows or self._others else "truth: []")
        lines += [f"  - {self._row(row, None if self._alone else self._camera)}" for row in rows]
        lines += [f"  - {self._row(row, row.camera)}" for row in self._others]
        return "\n".join([*lines, ""])

    def _row(self, row: Row, camera: str | None) -> str:
        values: dict[str, object] = {"at": row.at if row.at is None else round(row.at, 3)}
        values |= {"count": row.count, "time": row.time and row.time.isoformat(), "camera": camera}
        values |= {"name": row.name, "kind": row.kind, "label": row.label or None}
        return _flow({key: value for key, value in values.items() if value is not None})

    def _write(self, text: str) -> None:
        """Whole or not at all, whatever ends the process."""
        beside = self.path.with_name(f".{self.path.name}.part")
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path)
        except OSError as error:
            raise OutputError(f"cannot write {self.path}: {error.strerror}") from None


def _plain(row: Row, start: float) -> Row:
    """The same without what goes without saying on the page: which camera, and when the file began."""
    at = row.at if row.time is None else max(0.0, row.time.timestamp() - start)
    return row.model_copy(update={"camera": None, "time": None, "at": at})


def _flow(values: dict[str, object]) -> str:
    """{at: 1.9, name: "gate"}: text stands in quotes, so that a spot called 12 or true stays one."""
    return "{" + ", ".join(f"{key}: {json.dumps(value)}" for key, value in values.items()) + "}"


def proposals(rows: Sequence[Row]) -> list[Row]:
    """Those that say when, by time."""
    return sorted((row for row in rows if row.at is not None), key=lambda row: row.at or 0.0)
