"""Reads the journal for one output, which is given every event once it is kept, in order, and after a restart
those that it had not been given."""

import sqlite3
from pathlib import Path

from edgevision.core.types import Event
from edgevision.errors import OutputError
from edgevision.events import from_json
from edgevision.journal.schema import connect
from edgevision.place import place_of

AT_ONCE = 100  # events read into memory


class Follower:
    """Where one output is in the journal. Made by one thread, then used by one thread."""

    def __init__(self, path: Path, output: str, camera: str | None, last_id: str | None) -> None:
        """output: what it is known by, the same after a restart. camera: only the events of this one.
        last_id: of the last event that certainly arrived, if the output itself knows that.

        A new output begins with the events to come. Raises OutputError.
        """
        self._path, self._output, self._camera = path, output, camera
        try:
            self._database = connect(path, durable=False)
            self._place = place_of(path)
            self._seq = self._start(last_id)
        except sqlite3.Error as error:
            raise self._fault(error) from None
        self._marked = -1
        self.mark()

    def next(self) -> list[tuple[int, Event | None]]:
        """The next events with their place in the journal, None for a row that is damaged; empty when there
        are none. Raises OutputError."""
        try:
            self._follow_path()
            rows = self._database.execute(
                "SELECT seq, body FROM events WHERE seq > ? AND camera = IFNULL(?, camera) "
                "ORDER BY seq LIMIT ?",
                (self._seq, self._camera, AT_ONCE),
            ).fetchall()
        except sqlite3.Error as error:
            self._place = None  # opened anew the next time: the disk may be another when it is back
            raise self._fault(error) from None
        return [(seq, _readable(body)) for seq, body in rows]

    def given(self, seq: int) -> None:
        """The output has the event at `seq`, and all before it."""
        self._seq = seq

    def mark(self) -> None:
        """Keep how far it is. What was given after the last mark is given again after a crash, with the same
        ids. Raises OutputError."""
        if self._marked == self._seq:
            return
        try:
            self._database.execute("INSERT OR REPLACE INTO cursors VALUES (?, ?)", (self._output, self._seq))
        except sqlite3.Error as error:
            raise self._fault(error) from None
        self._marked = self._seq

    def close(self) -> None:
        self._database.close()

    def _follow_path(self) -> None:
        place = place_of(self._path)
        if place is not None and place != self._place:
            self._database.close()
            self._database = connect(self._path, durable=False)
            self._place = place

    def _start(self, last_id: str | None) -> int:
        for query, value in (
            ("SELECT seq FROM events WHERE id = ?", last_id),
            ("SELECT seq FROM cursors WHERE output = ?", self._output),
        ):
            if row := self._database.execute(query, (value,)).fetchone():
                return int(row[0])
        return int(self._database.execute("SELECT IFNULL(MAX(seq), 0) FROM events").fetchone()[0])

    def _fault(self, error: sqlite3.Error) -> OutputError:
        return OutputError(f"cannot read {self._path}: {error}")


def _readable(body: str) -> Event | None:
    try:
        return from_json(body)
    except ValueError:
        return None
