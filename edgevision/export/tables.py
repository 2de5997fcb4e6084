"""Which columns a table has, and its rows, read page by page."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from edgevision.journal.reading import between, reading
from edgevision.journal.states import states
from edgevision.journal.sums import FOREVER, By, sums
from edgevision.journal.watched import watched

What = Literal["events", "counts", "states"]
Row = dict[str, Any]  # by column: text, a number, an aware datetime or None

TEXT, NUMBER, WHOLE, TIME = "text", "number", "whole", "time"
_NAMES = {"camera": TEXT, "analytic": TEXT, "name": TEXT}
COLUMNS: dict[What, dict[str, str]] = {
    "events": {
        "id": TEXT, "time": TIME, **_NAMES, "kind": TEXT, "label": TEXT, "from": TEXT, "track_id": WHOLE,
        "value": NUMBER, "confidence": NUMBER, "looks": TEXT,
    },
    "counts": {
        "start": TIME, **_NAMES, "kind": TEXT, "label": TEXT, "count": WHOLE, "mean": NUMBER, "most": NUMBER,
    },
    "states": {**_NAMES, "label": TEXT, "state": TEXT, "since": TIME, "until": TIME, "seconds": NUMBER},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a journal."""

    path: Path
    since: float = 0.0  # Unix s
    until: float = FOREVER
    camera: str | None = None
    by: By = "hour"  # of counts
    zone: tzinfo | None = None  # whose days, hours and times; None: this machine's


def pages(question: Question, what: What, *, whole: bool = False) -> Iterator[list[Row]]:
    """whole: events with all that their JSON says, and not as columns. Raises OutputError."""
    if what == "events":
        yield from events(question, whole=whole)
    else:
        yield (_counts if what == "counts" else _states)(question)


def events(
    question: Question, wanted: Mapping[str, str | None] = MappingProxyType({}), *, whole: bool = False
) -> Iterator[list[Row]]:
    """wanted: columns and the values they must have: name, kind, label. Raises OutputError."""
    since, until = question.since, question.until
    for page in between(question.path, since, until, **{**wanted, "camera": question.camera}):
        told = [body | {"time": local(wall, question.zone)} for _, wall, body in page]
        yield told if whole else [_flat(each) for each in told]


def _flat(event: Row) -> Row:
    looks = event.get("looks")
    text = json.dumps(looks, ensure_ascii=False) if looks else None
    return {column: event.get(column) for column in COLUMNS["events"]} | {"looks": text}


def _counts(question: Question) -> list[Row]:
    zone, by = question.zone, question.by
    found = sums(question.path, by, zone, question.since, question.until, question.camera)
    return [
        {
            "start": each.start.astimezone(zone) if each.start else None,
            **{column: getattr(each, column) for column in ("camera", "analytic", "name", "kind", "label")},
            "count": each.n,
            "mean": round(each.mean, 3),
            "most": each.most,
        }
        for each in found
    ]


def _states(question: Question) -> list[Row]:
    """What was so, and when each camera was seen, as it was in the time that is asked about."""
    with reading(question.path) as database:
        seen = watched(database)
        found = states(database, question.since, question.until, seen)
    told = [(*each[:5], each.since, each.until) for each in found]
    told += [
        (camera, "camera", "", "", "seen", stretch.since, stretch.until)
        for camera, stretches in seen.items()
        for stretch in stretches
        if stretch.until > question.since and stretch.since < question.until
    ]
    return [
        {
            **dict(zip(("camera", "analytic", "name", "label", "state"), each[:5], strict=True)),
            "since": local(each[5], question.zone),
            "until": None if each[6] is None else local(each[6], question.zone),
            "seconds": None if each[6] is None else round(each[6] - each[5], 3),
        }
        for each in sorted(told, key=lambda each: (each[5], each[:5]))
        if question.camera in (None, each[0])
    ]


def local(wall: float, zone: tzinfo | None) -> datetime:
    """Unix seconds as a time with its zone, to the millisecond as events have it."""
    moment = datetime.fromtimestamp(round(wall, 3), UTC)
    with suppress(OverflowError):
        return moment.astimezone(zone)
    return moment
