"""Who changed what through the API: in the journal's database where there is one, else for as long as the
process lives."""

import sqlite3
from collections import deque
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from edgevision.errors import OutputError
from edgevision.journal.reading import reading
from edgevision.journal.schema import BUSY
from edgevision.journal.watched import LATEST

KEPT = 1000  # changes; the oldest go

_TABLE = (
    "CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY AUTOINCREMENT, wall REAL NOT NULL, "
    "who TEXT NOT NULL, what TEXT NOT NULL, camera TEXT, more TEXT NOT NULL)"
)


class Change(NamedTuple):
    """One change."""

    wall: float  # Unix s
    who: str  # the name of a token
    what: str  # reset, pause, configure, ...
    camera: str | None
    more: str  # in words


def pauses(database: sqlite3.Connection) -> dict[str, list[tuple[float, float]]]:
    """By camera, in order: from when it was paused until it was asked for anew, Unix seconds; of the changes
    that are kept. A new start ends a pause as well, which is not kept here: until LATEST."""
    found: dict[str, list[tuple[float, float]]] = {}
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone():
        return found
    query = "SELECT wall, what, camera FROM audit WHERE what IN ('pause', 'resume') ORDER BY id"
    for wall, what, camera in database.execute(query):
        of = found.setdefault(camera, [])
        if of and of[-1][1] == LATEST:
            of[-1] = (of[-1][0], wall)
        if what == "pause":
            of.append((wall, LATEST))
    return found


class Audit:
    """The last KEPT changes. They are seldom, so each opens the database anew, where it is now."""

    def __init__(self, path: Path | None) -> None:
        """path: of the journal, which its own writer has made."""
        self._path = path
        self._kept: deque[Change] = deque(maxlen=KEPT)

    def note(self, change: Change) -> None:
        """Keep it; on the disk, if it returns. Raises OutputError."""
        if self._path is None:
            self._kept.append(change)
            return
        address = f"{self._path.resolve().as_uri()}?mode=rw"  # never made anew
        try:
            with closing(sqlite3.connect(address, uri=True, timeout=BUSY)) as database, database:
                database.execute(_TABLE)
                database.execute(
                    "INSERT INTO audit (wall, who, what, camera, more) VALUES (?, ?, ?, ?, ?)", change
                )
                database.execute("DELETE FROM audit WHERE id <= (SELECT MAX(id) FROM audit) - ?", (KEPT,))
        except sqlite3.Error as error:
            raise OutputError(f"cannot write to {self._path}: {error}") from None

    def newest(self, limit: int) -> list[Change]:
        """The newest first. Raises OutputError."""
        if self._path is None:
            return list(self._kept)[: -limit - 1 : -1]
        with reading(self._path) as database:
            if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'audit'").fetchone():
                return []
            query = "SELECT wall, who, what, camera, more FROM audit ORDER BY id DESC LIMIT ?"
            return [Change(*row) for row in database.execute(query, (limit,))]
