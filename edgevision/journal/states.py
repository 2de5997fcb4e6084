"""What was so from when until when, as the events of a journal tell it: a spot taken, a shelf empty, a view
covered."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from edgevision.journal.watched import Stretch

# By analytic: what is so from an event of each kind on. None: nothing that is worth telling.
STATES: Mapping[str, Mapping[str, str | None]] = {
    "spots": {"occupied": "occupied", "freed": "free", "unknown": "unknown", "known": "occupied"},
    "shelf": {each: each for each in ("out_of_stock", "low_stock", "in_stock", "unknown")},
    "sight": {each: each for each in ("covered", "dark", "frozen", "defocused", "moved")} | {"clear": None},
    "area": {"above": "above", "below": None},
    "zone": {"crowded": "crowded", "cleared": None},
    "queue": {"long_queue": "long_queue", "short_queue": None},
    "look": {"changed": "is"},
}
FREE = "free"  # also the label of a spot that is known again, and is free
_KINDS = sorted({kind for kinds in STATES.values() for kind in kinds})
_COLUMNS = "camera, analytic, name, kind, label"
_KNOWN = f"kind IN ({', '.join('?' * len(_KINDS))})"
_APART = "CASE analytic WHEN 'shelf' THEN label ELSE '' END"  # a row of a shelf has a state for each product


class State(NamedTuple):
    """Something was so. Unix seconds; None: it began before what is known, or goes on."""

    camera: str
    analytic: str
    name: str
    label: str
    state: str
    since: float
    until: float | None


def states(
    database: sqlite3.Connection,
    since: float,
    until: float,
    seen: Mapping[str, Sequence[Stretch]],
    analytics: Sequence[str] = tuple(STATES),
) -> list[State]:
    """What was so at any moment from `since` until before `until`, in order of time.

    seen: when cameras were seen. A view that was covered is judged anew when the process starts again.
    """
    now: dict[tuple[str, ...], State] = {}
    found = []
    for wall, camera, analytic, name, kind, label in _changes(database, since, until):
        if analytic not in analytics or kind not in STATES.get(analytic, {}):
            continue
        key = (camera, analytic, name, label if analytic == "shelf" else "")
        state = STATES[analytic][kind]
        if kind == "known" and label == FREE:
            state = FREE
        if key in now:
            found.append(_ended(now.pop(key), wall, seen))
        if state is not None:
            now[key] = State(camera, analytic, name, "" if state == FREE else label, state, wall, None)
    found += [_ended(each, None, seen) for each in now.values()]
    there = [each for each in found if each.until is None or max(each.since, since) < each.until]
    return sorted(there, key=lambda each: (each.since, each[:4]))


def _changes(database: sqlite3.Connection, since: float, until: float) -> Iterator[tuple[Any, ...]]:
    """The last one of each place before `since`, then all until `until`: wall and _COLUMNS."""
    yield from database.execute(
        f"SELECT MAX(wall), {_COLUMNS} FROM events WHERE wall < ? AND {_KNOWN} "
        f"GROUP BY camera, analytic, name, {_APART}",
        (since, *_KINDS),
    )
    yield from database.execute(
        f"SELECT wall, {_COLUMNS} FROM events WHERE wall >= ? AND wall < ? AND {_KNOWN} ORDER BY wall, seq",
        (since, until, *_KINDS),
    )


def _ended(state: State, until: float | None, seen: Mapping[str, Sequence[Stretch]]) -> State:
    if state.analytic == "sight":
        starts = [each.since for each in seen.get(state.camera, ()) if each.fresh]
        later = [each for each in starts if each > state.since and (until is None or each < until)]
        until = min(later, default=until)
    return state._replace(until=until)
