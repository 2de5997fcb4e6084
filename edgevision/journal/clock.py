"""The clock that tells how long ago an event was kept. Nobody sets it."""

import sqlite3
import time

LONGEST_OFF = 366 * 86400.0  # s: a box that seems to have been off for longer has a clock that was wrong


class Clock:
    """Unix time when the journal was made, and since then what has passed. A box without a battery begins in
    1970 and is in 2026 a minute later; that does not make its events 56 years old, and due to be removed."""

    def __init__(self, database: sqlite3.Connection) -> None:
        database.execute(
            "CREATE TABLE IF NOT EXISTS clock "
            "(one INTEGER PRIMARY KEY, told REAL NOT NULL, wall REAL NOT NULL)"
        )
        self._began = time.monotonic()
        wall = time.time()
        if row := database.execute("SELECT told, wall FROM clock").fetchone():
            off = wall - row[1]
            self._told: float = row[0] + (off if 0 <= off <= LONGEST_OFF else 0)
        else:  # a journal from before there was this clock has events
            self._told = max(wall, database.execute("SELECT IFNULL(MAX(kept), 0) FROM events").fetchone()[0])

    def now(self) -> float:
        """Seconds, only to be compared with each other."""
        return self._told + time.monotonic() - self._began

    def keep(self, database: sqlite3.Connection) -> None:
        """For the next start; within the caller's transaction."""
        database.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, ?)", (self.now(), time.time()))
