"""When each camera was seen. A count of a day says nothing without it: nobody came, or nobody looked.

While frames of a camera come through, the journal is told so every EVERY seconds, whether something happens
or not. A break of more than GAP makes a new stretch, and so does a new start of the process.
"""

import sqlite3
from typing import NamedTuple

EVERY = 10.0  # s of a camera's time between two times at which it is kept that it is seen
GAP = 30.0  # s: less is no break
LATEST = 1e12  # Unix s

# `open`: of the process that runs. `fresh`: its first one, before which nothing of its memory is left.
TABLE = """CREATE TABLE IF NOT EXISTS watched (
  run INTEGER, since REAL, until REAL NOT NULL, open INTEGER NOT NULL, fresh INTEGER NOT NULL,
  PRIMARY KEY (run, since)) WITHOUT ROWID"""


class Stretch(NamedTuple):
    """Time in which a camera was seen without a break, Unix seconds."""

    since: float
    until: float
    fresh: bool  # the process had just been started: it knew of nobody who was there before


def begin_process(database: sqlite3.Connection) -> None:
    """A process opens the journal to write; a database from before there was this has nothing of it."""
    database.execute(TABLE)
    database.execute("UPDATE watched SET open = 0 WHERE open")


def saw(database: sqlite3.Connection, run: int, wall: float) -> None:
    """A frame of `wall`, Unix seconds, came through. Within the caller's transaction. A file that is run
    again, and a clock that was set back, add nothing."""
    last = database.execute(
        "SELECT since, until, open FROM watched WHERE run = ? AND since <= ? ORDER BY since DESC LIMIT 1",
        (run, wall),
    ).fetchone()
    if last and wall <= last[1]:
        return
    if last and last[2] and wall <= last[1] + GAP:
        database.execute("UPDATE watched SET until = ? WHERE run = ? AND since = ?", (wall, run, last[0]))
        return
    going = database.execute("SELECT 1 FROM watched WHERE run = ? AND open LIMIT 1", (run,)).fetchone()
    database.execute("INSERT INTO watched VALUES (?, ?, ?, 1, ?)", (run, wall, wall, not going))


def watched(
    database: sqlite3.Connection, since: float = 0.0, until: float = LATEST
) -> dict[str, list[Stretch]]:
    """By camera, in order: stretches that touch a time. A camera of whom nothing is known is not in it."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'watched'").fetchone():
        return {}
    found: dict[str, list[Stretch]] = {}
    for camera, begin, end, fresh in database.execute(
        "SELECT camera, since, until, fresh FROM watched JOIN runs ON runs.id = run "
        "WHERE until >= ? AND since <= ? ORDER BY camera, since",
        (since, until),
    ):
        found.setdefault(camera, []).append(Stretch(begin, end, bool(fresh)))
    return found
