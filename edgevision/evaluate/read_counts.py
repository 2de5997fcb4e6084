"""What truly happened in videos, to compare counts with: YAML, CSV, or JSON lines such as our own events.

Each row is a moment (`at` or `time`) or a total (`count`) of one kind at one place. docs/counting-truth.md
describes the forms; all are checked by the same settings, so that every mistake is told with its line.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import yaml
from pydantic import BeforeValidator, Field, model_validator

from edgevision.document import Document, Problem, parse
from edgevision.errors import ConfigError, DataError
from edgevision.explain import did_you_mean, validate
from edgevision.settings import Duration, Name, Point, Settings, Time

MOST_BYTES = {
    ".yaml": 2**20,
    ".yml": 2**20,
    ".csv": 2**26,
    ".jsonl": 2**26,
}  # YAML is slow: 5 s
COLUMNS = ("camera", "name", "kind", "at", "time", "label", "count")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"\d+(\.\d*)?|\.\d+")


class Mark(NamedTuple):
    """Something that happened in a video, truly or as we counted."""

    camera: str
    name: str  # of the line, zone or spot
    kind: str  # crossed_in, entered, occupied, ...
    label: str  # nothing: not said
    at: float  # s from the beginning of the file

    @property
    def key(self) -> "Key":
        return Key(self.camera, self.name, self.kind)


class Key(NamedTuple):
    """What is counted on its own."""

    camera: str
    name: str
    kind: str


class Total(NamedTuple):
    """How often something happened, without when."""

    key: Key
    label: str
    number: int


@dataclass(frozen=True)
class Truth:
    marks: list[Mark]
    totals: list[Total] = field(default_factory=list)
    until: dict[str, float] = field(default_factory=dict)  # s, by camera: where who labelled it stopped
    lines: dict[Key, str] = field(default_factory=dict)  # where a key stands first: file:line

    @property
    def keys(self) -> set[Key]:
        return {mark.key for mark in self.marks} | {total.key for total in self.totals}


def _clock(value: Any) -> Any:
    """1:02:03.5 as seconds; what is something else stays it."""
    parts = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    return int(parts[1] or 0) * 3600 + int(parts[2]) * 60 + float(parts[3]) if parts else value


class Row(Settings):
    """One row as it stands in the file."""

    camera: Name | None = None
    name: Name
    kind: str = Field(min_length=1, max_length=80)
    at: Annotated[Duration, BeforeValidator(_clock)] | None = Field(None, description="s, or 1:02.5")
    time: Time | None = Field(None, description="as our events have it")
    label: str = ""
    count: int | None = Field(None, ge=0)

    @model_validator(mode="after")
    def _one_of(self) -> "Row":
        if sum(value is not None for value in (self.at, self.time, self.count)) != 1:
            raise ValueError("say when it happened, `at:` (or `time:`), or how often, `count:`; one of them")
        return self


class DrawnLine(Settings):
    """A line drawn on the page of `label count`, where no configuration has one."""

    from_: Point = Field(alias="from")
    to: Point


class TruthFile(Settings):
    truth: list[Row]
    until: Duration | dict[Name, Duration] | None = Field(None, description="s, or by camera")
    lines: dict[Name, DrawnLine] = Field(default_factory=dict)


def read_truth(path: Path, starts: Mapping[str, float]) -> Truth:
    """starts: Unix s of the first frame of each camera. Raises DataError: every mistake, with its line."""
    document = read_document(path)
    file = check_file(document)
    problems = list(_problems(file, starts))
    if problems:
        raise DataError("\n".join(f"{document.where(*where)}: {text}" for where, text in problems))
    only = next(iter(starts))
    marks, totals = [], []
    lines: dict[Key, str] = {}
    for index, row in enumerate(file.truth):
        camera = row.camera or only
        key = Key(camera, row.name, row.kind)
        lines.setdefault(key, document.where("truth", index))
        if row.count is not None:
            totals.append(Total(key, row.label, row.count))
            continue
        at = row.at if row.at is not None else row.time.timestamp() - starts[camera]  # type: ignore[union-attr]
        marks.append(Mark(*key, row.label, at))
    until = file.until if isinstance(file.until, dict) else {}
    if isinstance(file.until, float | int):
        until = dict.fromkeys(starts, float(file.until))
    return Truth(sorted(marks, key=lambda mark: mark.at), totals, until, lines)


def check_file(document: Document) -> TruthFile:
    """Raises DataError with every mistake and its line."""
    try:
        return validate(TruthFile, document)
    except ConfigError as error:
        raise DataError("\n".join(error.problems)) from None


def read_document(path: Path) -> Document:
    """A truth file of any form as the data that its YAML form has. Raises DataError."""
    ending = path.suffix.lower()
    if ending not in MOST_BYTES:
        raise DataError(f"{path}: a truth file ends in {', '.join(MOST_BYTES)}; see docs/counting-truth.md")
    try:
        if path.stat().st_size > MOST_BYTES[ending]:
            most = f"{MOST_BYTES[ending] // 2**20} MiB"
            raise DataError(
                f"{path} is larger than {most}: is it a truth file? CSV and .jsonl may have 64 MiB"
            )
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise DataError(f"{path} is not a text file in UTF-8") from None
    if ending in (".yaml", ".yml"):
        try:
            return parse(text, path.name, {})
        except (ConfigError, yaml.YAMLError) as error:
            raise DataError(str(error)) from None
    return _csv(text, path.name) if ending == ".csv" else _json_lines(text, path.name)


def _csv(text: str, name: str) -> Document:
    rows: list[Any] = []
    lines: dict[tuple[str | int, ...], int] = {}
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    columns = reader.fieldnames or []
    strange = [column for column in columns if column not in COLUMNS]
    if strange or not {"name", "kind"} <= set(columns):
        what = (
            f"a column {strange[0]!r}{did_you_mean(strange[0], COLUMNS)}" if strange else "no name and kind"
        )
        raise DataError(f"{name}:1: the first line names the columns, of {', '.join(COLUMNS)}; it has {what}")
    for row in reader:
        lines["truth", len(rows)] = reader.line_num
        if None in row or None in row.values():
            raise DataError(f"{name}:{reader.line_num}: expected {len(columns)} values with commas between")
        rows.append({key: _value(value.strip(), key) for key, value in row.items() if value.strip()})
    return Document(name, {"truth": rows}, lines, [])


def _value(text: str, column: str) -> Any:
    """Numbers stand as text in CSV; names that look like one stay text."""
    if column in ("at", "count") and _NUMBER.fullmatch(text):
        return int(text) if text.isdigit() else float(text)
    return text


def _json_lines(text: str, name: str) -> Document:
    rows: list[Any] = []
    lines: dict[tuple[str | int, ...], int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise DataError(
                f"{name}:{number}: expected a JSON object on each line, got {line[:40]!r}"
            ) from None
        if isinstance(row, dict) and "id" in row:  # an event of ours: what else it tells is no matter here
            row = {key: value for key, value in row.items() if key in COLUMNS and key != "count"}
        lines["truth", len(rows)] = number
        rows.append(row)
    return Document(name, {"truth": rows}, lines, [])


def _problems(file: TruthFile, starts: Mapping[str, float]) -> list[Problem]:
    """What the form allows and the configuration, or another row, does not."""
    found: list[Problem] = []
    timed: dict[tuple[str | None, str, str], bool] = {}
    for index, row in enumerate(file.truth):
        where = ("truth", index)
        if row.camera is None and len(starts) > 1:
            found.append((where, f"say which `camera:` of {', '.join(starts)}"))
        elif row.camera is not None and row.camera not in starts:
            near = did_you_mean(row.camera, starts)
            found.append((where, f"there is no camera {row.camera!r}{near}; there are {', '.join(starts)}"))
        if timed.setdefault((row.camera, row.name, row.kind), row.count is None) != (row.count is None):
            found.append((where, f"{row.kind} at {row.name} has moments and a `count:`; give one of them"))
    named = file.until if isinstance(file.until, dict) else {}
    found += [(("until", name), f"there is no camera {name!r}") for name in named if name not in starts]
    if not file.truth:
        found.append((("truth",), "there is nothing in it; a place where nothing happens has `count: 0`"))
    return found
