"""Events as JSON, the form in which they leave the process, and back."""

import json
from datetime import UTC, datetime
from typing import Any

from edgevision.core.types import Event, Verdict


def utc(wall: float) -> str:
    """Unix seconds as ISO 8601 with milliseconds: 2026-11-21T01:02:03.456Z."""
    return (
        datetime.fromtimestamp(round(wall, 3), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    )


def to_json(event: Event) -> str:
    """One event on one line, keys always in the same order."""
    value = int(event.value) if event.value == int(event.value) else round(event.value, 3)
    data: dict[str, Any] = {
        "id": event.id,
        "time": utc(event.wall),
        "camera": event.camera,
        "analytic": event.analytic,
        "name": event.name,
        "kind": event.kind,
        "label": event.label,
        "track_id": event.track_id,
        "value": value,
        "confidence": round(event.confidence, 2),
    }
    if event.before is not None:
        data |= {"from": event.before, "to": event.label}
    if event.looks:
        data["looks"] = {
            name: {"label": verdict.label, "share": round(verdict.share, 2)}
            for name, verdict in event.looks.items()
        }
    data |= event.outlines or {}
    return json.dumps(data, ensure_ascii=False)


def from_json(line: str) -> Event:
    """The event that `to_json` made the line of; what the line does not say, as how often a look was taken,
    is 0. `to_json` makes the same line of it again. Raises ValueError if it is no event."""
    try:
        event = _event(json.loads(line))
        to_json(event)
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        raise ValueError(f"no event: {type(error).__name__}: {error}") from None
    return event


def _event(data: Any) -> Event:
    wall = datetime.fromisoformat(data.pop("time")).timestamp()
    before, _ = data.pop("from", None), data.pop("to", None)
    looks = {name: Verdict(**verdict, seen=0) for name, verdict in data.pop("looks", {}).items()}
    known = {key: data.pop(key) for key in list(data) if key in Event.__slots__}
    event = Event(**known, wall=wall, ts=0.0, before=before, looks=looks, outlines=data or None)
    for text in (event.id, event.camera, event.analytic, event.name, event.kind, event.label):
        if not isinstance(text, str):
            raise TypeError(f"expected text, got {text!r}")
    return event
