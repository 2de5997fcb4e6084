"""Events of a journal that may be in use, page by page."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from edgevision.errors import OutputError
from edgevision.journal.schema import BUSY, require_known

MOST = 1000  # events on a page
PAGE = 10_000  # events read into memory when all are wanted: some MB


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot change anything. Raises OutputError."""
    if not path.is_file():
        raise OutputError(f"{path} does not exist: `edgevision run` makes it, with an output of type sqlite")
    address = f"{path.resolve().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY)) as database:
            require_known(path, database.execute("PRAGMA user_version").fetchone()[0])
            yield database
    except sqlite3.Error as error:
        raise OutputError(f"cannot read {path}: {error}") from None


def are_kept(path: Path, ids: Sequence[str]) -> bool:
    """Whether all of these events are on the disk. Raises OutputError."""
    with reading(path) as database:
        return all(database.execute("SELECT 1 FROM events WHERE id = ?", (id,)).fetchone() for id in ids)


def after(path: Path, place: int | None, limit: int) -> tuple[int, list[tuple[int, dict[str, Any]]]]:
    """Events after a place in the journal, each with its own, the oldest first; and the place of the last.

    place: None, or beyond the end, as of a journal that was there before: none, and the end. Raises
    OutputError.
    """
    with reading(path) as database:
        end = int(database.execute("SELECT IFNULL(MAX(seq), 0) FROM events").fetchone()[0])
        if place is None or place > end:
            return end, []
        query = "SELECT seq, body FROM events WHERE seq > ? ORDER BY seq LIMIT ?"
        rows = database.execute(query, (place, limit)).fetchall()
    found = [(seq, event) for seq, body in rows if (event := _readable(body)) is not None]
    return rows[-1][0] if rows else place, found


def newest(
    path: Path, limit: int, before: int | None = None, **wanted: str | None
) -> list[tuple[int, dict[str, Any]]]:
    """Events with their place in the journal, the newest first.

    before: only those before that place, as of the last one of a page.
    wanted: columns and the values they must have: camera, name, kind, label. Raises OutputError.
    """
    given = _given(wanted)
    where = "".join(f" AND {column} = ?" for column in given)  # known words, no user's text
    query = f"SELECT seq, body FROM events WHERE seq < ?{where} ORDER BY seq DESC LIMIT ?"
    with reading(path) as database:
        rows = database.execute(query, (before or 2**62, *given.values(), min(limit, MOST))).fetchall()
    return [(seq, json.loads(body)) for seq, body in rows]


def between(
    path: Path, since: float, until: float, **wanted: str | None
) -> Iterator[list[tuple[int, float, dict[str, Any]]]]:
    """Events from `since` until before `until`, Unix seconds, as pages in order of time: their places in the
    journal, Unix seconds, and what their JSON says.

    Nothing is held open between two pages: who writes the journal may tidy up meanwhile. wanted: as of
    `newest`. Raises OutputError.
    """
    given = _given(wanted)
    where = "".join(f" AND {column} = ?" for column in given)  # known words, no user's text
    query = (
        "SELECT seq, wall, body FROM events WHERE wall >= ? AND (wall, seq) > (?, ?) AND wall < ?"
        f"{where} ORDER BY wall, seq LIMIT {PAGE}"
    )
    seq, wall = 0, since
    while True:
        with reading(path) as database:
            rows = database.execute(query, (wall, wall, seq, until, *given.values())).fetchall()
        if not rows:
            return
        yield [(place, second, json.loads(body)) for place, second, body in rows]
        seq, wall = rows[-1][:2]


def _given(wanted: Mapping[str, str | None]) -> dict[str, str]:
    given = {column: value for column, value in wanted.items() if value is not None}
    unknown = given.keys() - {"camera", "analytic", "name", "kind", "label"}
    if unknown:
        raise ValueError(f"no such columns: {', '.join(sorted(unknown))}")
    return given


def _readable(body: str) -> dict[str, Any] | None:
    """None: the row is damaged."""
    try:
        event = json.loads(body)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None
