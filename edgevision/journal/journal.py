"""Writes the journal: events, the counts that follow from them, and states, all in one transaction."""

import json
import math
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock
from typing import IO, Any

from edgevision.core.types import Event
from edgevision.errors import OutputError
from edgevision.events import to_json, utc
from edgevision.journal.clock import Clock
from edgevision.journal.past import Past
from edgevision.journal.schema import QUARTER, prepare, take_lock, unusable
from edgevision.journal.watched import saw
from edgevision.place import place_of

LIVE = "live"  # identity of all that a live camera ever does
RESET = "reset"  # kind of an event
PASSING = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY)  # the file is as good as before
TIDY_AT_ONCE = 1000  # events removed in one transaction, so that nobody waits long


@dataclass(frozen=True, slots=True)
class Entry:
    """What is kept of one frame, or of several."""

    run: int
    events: Sequence[Event]
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # states by name
    wall: float = 0.0  # Unix s, of the states


class Journal:
    """One database file, which one process at a time may write."""

    def __init__(self, path: Path) -> None:
        """Raises OutputError."""
        self.path = path
        self._guard = RLock()
        self._lock, self._database, self._clock = _open(path)
        self._place = place_of(path)
        self._runs: dict[int, str] = {}  # camera by run: what is being counted

    def past(self, camera: str, identity: str | None) -> Past:
        """Where a camera goes on. identity: of a file and its settings; None: the camera is live."""
        with self._guard:
            return self._past(camera, identity)

    def _past(self, camera: str, identity: str | None) -> Past:
        runs = self._rows("SELECT id, ordinal, identity FROM runs WHERE camera = ?", camera)
        found = [row for row in runs if row[2] == (identity or LIVE)]
        run, ordinal, _ = found[0] if found else self._begin(camera, identity or LIVE, len(runs) + 1)
        self._runs[run] = camera
        prefix = _prefix(camera, ordinal)
        others = len(runs) - len(found)
        if identity is not None:
            return Past(prefix, run, again=bool(found), others=others)
        counts = self._rows("SELECT analytic, name, kind, label, n FROM counts WHERE run = ?", run)
        states = self._rows("SELECT name, wall, kept FROM states WHERE run = ?", run)
        return Past(
            prefix,
            run,
            others=others,
            numbers=dict(self._rows("SELECT name, n FROM numbers WHERE run = ?", run)),
            counts={tuple(row[:4]): row[4] for row in counts},
            states={name: (wall, json.loads(kept)) for name, wall, kept in states},
        )

    def append(self, entries: Sequence[Entry], now: float | None = None) -> None:
        """Keep it all, or nothing. An event whose id is known adds nothing. Raises OutputError."""
        now = self._clock.now() if now is None else now
        with self._transaction():
            self._clock.keep(self._database)
            for entry in entries:
                for event in entry.events:
                    self._add(entry.run, event, now)
                saw(self._database, entry.run, entry.wall)
                self._database.executemany(
                    "INSERT OR REPLACE INTO states VALUES (?, ?, ?, ?)",
                    [(entry.run, name, entry.wall, json.dumps(kept)) for name, kept in entry.kept.items()],
                )

    def reset(self, camera: str, name: str | None, wall: float, why: str) -> list[Event]:
        """Counts of a camera, or of one name, begin at 0 again, and a file is counted anew. An event for each
        name says so, with what it had counted; sums of the past stay. Raises OutputError."""
        done = []
        with self._transaction():
            for run, ordinal in self._rows("SELECT id, ordinal FROM runs WHERE camera = ?", camera):
                counted = self._rows(
                    "SELECT analytic, name, SUM(n) FROM counts WHERE run = ? AND name = IFNULL(?, name) "
                    "GROUP BY analytic, name",
                    run,
                    name,
                )
                for analytic, each, n in counted:
                    id = f"{_prefix(camera, ordinal)}:{each}:{self._number(run, each) + 1:08d}"
                    event = Event(id, camera, analytic, each, RESET, why, None, n, 1.0, wall, 0.0)
                    self._add(run, event, self._clock.now())
                    done.append(event)
                self._database.execute(
                    "UPDATE runs SET identity = identity || ? WHERE id = ? AND identity != ?",
                    (f" until {wall}", run, LIVE),
                )
        return done

    def tidy(self, keep: float, most: int, now: float | None = None) -> dict[str, int]:
        """Remove events that were kept for more than `keep` seconds, by the journal's clock, and the oldest
        while the file has more than `most` bytes. By output: how many it had not been given yet. Raises
        OutputError."""
        before = (self._clock.now() if now is None else now) - keep
        lost: Counter[str] = Counter()
        while (removed := self._remove_oldest(before, most)) is not None:
            lost.update(removed)
        return {output: number for output, number in lost.items() if number}

    def close(self) -> None:
        self._database.close()
        self._lock.close()

    def _begin(self, camera: str, identity: str, ordinal: int) -> tuple[int, int, str]:
        cursor = self._database.execute(
            "INSERT INTO runs (camera, identity, ordinal) VALUES (?, ?, ?)", (camera, identity, ordinal)
        )
        return int(cursor.lastrowid or 0), ordinal, identity

    def _add(self, run: int, event: Event, now: float) -> None:
        number = int(event.id.rpartition(":")[2])
        if number <= self._number(run, event.name):
            return  # it is known, even if it was tidied away since
        what = (event.camera, event.analytic, event.name, event.kind, event.label)
        value = float(event.value)
        add = self._database.execute
        add(
            "INSERT INTO events (id, run, kept, time, wall, body, camera, analytic, name, kind, label, "
            "track_id, value, confidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *(event.id, run, now, utc(event.wall), event.wall, to_json(event)),
                *(*what, event.track_id, value, float(event.confidence)),
            ],
        )
        add("INSERT OR REPLACE INTO numbers VALUES (?, ?, ?)", (run, event.name, number))
        if event.kind == RESET:
            add("DELETE FROM counts WHERE run = ? AND name = ?", (run, event.name))
            return
        add(
            "INSERT INTO counts VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1",
            (run, *what[1:]),
        )
        start = int(event.wall // QUARTER) * QUARTER
        add(
            "INSERT INTO quarters VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET "
            "n = n + 1, total = total + excluded.total, most = MAX(most, excluded.most)",
            (*what, start, value, value),
        )

    def _remove_oldest(self, before: float, most: int) -> dict[str, int] | None:
        """One step of `tidy`; None when there is nothing to remove any more."""
        with self._transaction():
            pages, free, size = (
                self._rows(f"PRAGMA {name}")[0][0] for name in ("page_count", "freelist_count", "page_size")
            )
            last = self._rows(
                "SELECT MAX(seq) FROM (SELECT seq, kept FROM events ORDER BY seq LIMIT ?) WHERE kept < ?",
                TIDY_AT_ONCE,
                math.inf if (pages - free) * size > most else before,
            )[0][0]
            if last is None:
                return None
            behind = self._rows("SELECT output, seq FROM cursors WHERE seq < ?", last)
            count = "SELECT COUNT(*) FROM events WHERE seq > ? AND seq <= ?"
            missed = {output: self._rows(count, seq, last)[0][0] for output, seq in behind}
            self._database.execute("DELETE FROM events WHERE seq <= ?", (last,))
        self._database.executescript("PRAGMA incremental_vacuum")  # `execute` frees but one page
        return missed

    def _number(self, run: int, name: str) -> int:
        rows = self._rows("SELECT n FROM numbers WHERE run = ? AND name = ?", run, name)
        return int(rows[0][0]) if rows else 0

    def _rows(self, query: str, *values: Any) -> list[Any]:
        return self._database.execute(query, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All of it is done and on the disk, or nothing; raises OutputError then."""
        with self._guard:
            self._follow_path()
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield
                self._database.execute("COMMIT")
            except BaseException as error:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                if isinstance(error, sqlite3.Error):
                    if getattr(error, "sqlite_errorcode", 0) not in PASSING:
                        self._place = None  # the disk may be another when it is back
                    raise OutputError(f"cannot write to {self.path}: {error}") from None
                raise

    def _follow_path(self) -> None:
        """SQLite writes on into a file that was removed, and into a disk that was: open it anew where it is
        now. Raises OutputError where it is not."""
        try:
            place = place_of(self.path)
        except OSError as error:
            raise OutputError(f"cannot write to {self.path}: {error.strerror}") from None
        if place is None:
            raise OutputError(f"{self.path} is gone: put it back, or restart to count from 0 in a new one")
        if place == self._place:
            return
        with suppress(sqlite3.Error):
            self._database.close()
        self._lock.close()
        self._place = None
        self._lock, self._database, self._clock = _open(self.path)
        try:
            known = dict(self._rows("SELECT id, camera FROM runs"))
        except sqlite3.Error as error:
            raise OutputError(f"cannot read {self.path}: {error}") from None
        if not self._runs.items() <= known.items():
            raise OutputError(f"{self.path} is another database: put back the one before, or restart")
        self._place = place


def _open(path: Path) -> tuple[IO[bytes], sqlite3.Connection, Clock]:
    """Locked, and ready to be written to. Raises OutputError."""
    lock = take_lock(path)
    try:
        database = prepare(path)
    except OutputError:
        lock.close()
        raise
    try:
        return lock, database, Clock(database)
    except sqlite3.Error as error:
        database.close()
        lock.close()
        raise unusable(path, error) from None


def _prefix(camera: str, ordinal: int) -> str:
    """What the ids of a run's events begin with."""
    return camera if ordinal == 1 else f"{camera}.{ordinal}"
