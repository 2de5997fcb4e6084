"""What outputs are given when events are kept first: everything, once, in order, whatever fails meanwhile."""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from edgevision.errors import OutputError, RefusedError
from edgevision.outputs import Result
from edgevision.pipeline import keeping
from tests.outputs.kept import Process, ids
from tests.waiting import wait_until


class Moody:
    """An output that fails when it is told to."""

    name = "moody-0"
    address = "moody here"
    wants_frames = False

    def __init__(self) -> None:
        self.camera: str | None = None
        self.given: list[str] = []
        self.down = threading.Event()
        self.refused: str | None = None

    def write(self, result: Result) -> None:
        if self.down.is_set():
            raise OSError("nobody listens")
        for event in result.events:
            if event.id == self.refused:
                raise RefusedError("too long for us")
            self.given.append(event.id)

    def close(self) -> None:
        pass


def kept(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [row[0] for row in database.execute("SELECT id FROM events ORDER BY seq")]


def test_nothing_is_told_before_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "events.db"

    class Watching(Moody):
        def write(self, result: Result) -> None:
            assert result.events[0].id in kept(path)
            super().write(result)

    output = Watching()
    process = Process(tmp_path, output)
    process.happens(*range(1, 51))
    process.end()
    assert output.given == ids(*range(1, 51))


def test_events_wait_on_the_disk_while_an_output_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgevision.pipeline.following.RETRY_MOST", 0.05)
    output = Moody()
    process = Process(tmp_path, output)
    process.happens(1)
    wait_until(lambda: output.given)
    output.down.set()
    process.happens(*range(2, 1502), live=False)  # more than a queue in memory would hold
    wait_until(lambda: process.metrics.value("output_errors_total", output="moody-0"))
    output.down.clear()
    process.end()
    assert output.given == ids(*range(1, 1502))
    assert not process.metrics.value("events_dropped_total", output="moody-0")


def test_what_an_output_was_not_given_it_is_given_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgevision.pipeline.following.LAST_TRY", 0.2)
    output = Moody()
    first = Process(tmp_path, output)
    first.happens(1)
    wait_until(lambda: output.given)
    output.down.set()
    first.happens(2, 3)
    first.end()
    output.down.clear()
    second = Process(tmp_path, output)
    second.happens(4)
    second.end()
    assert output.given == ids(1, 2, 3, 4)


def test_an_event_that_is_refused_holds_up_no_other(tmp_path: Path) -> None:
    output = Moody()
    output.refused = ids(2)[0]
    process = Process(tmp_path, output)
    process.happens(1, 2, 3)
    process.end()
    assert output.given == ids(1, 3)
    assert process.metrics.value("events_dropped_total", output="moody-0") == 1


def test_a_full_disk_is_told_and_nothing_is_lost_once_it_has_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RETRY", 0.05)
    output = Moody()
    process = Process(tmp_path, output)
    database = process.journal.journal._database
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")  # what a full disk says: SQLITE_FULL
    process.happens(*range(1, 901))
    wait_until(process.delivery.troubles)
    assert "full" in process.delivery.troubles()[0]
    database.execute("PRAGMA max_page_count = 1000000")
    process.end()
    assert output.given == ids(*range(1, 901))
    assert process.delivery.troubles() == []


def test_a_live_camera_that_cannot_keep_its_events_goes_on_and_the_loss_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "RETRY", 0.05)
    output = Moody()
    process = Process(tmp_path, output)

    def fails(_: object) -> None:
        raise OutputError("disk I/O error")

    monkeypatch.setattr(process.journal.journal, "append", fails)
    count = 2 * keeping.QUEUE
    process.happens(*range(1, count + 1))
    process.end()
    assert output.given == []
    assert process.metrics.value("events_dropped_total", output="sqlite-0") == count


def test_a_damaged_row_holds_up_nothing_and_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bad sector: each restart would end there again."""
    monkeypatch.setattr("edgevision.pipeline.following.LAST_TRY", 0.2)
    output = Moody()
    first = Process(tmp_path, output)
    first.happens(1)
    wait_until(lambda: output.given)
    output.down.set()
    first.happens(2, 3, 4, 5)
    first.end()
    with closing(sqlite3.connect(tmp_path / "events.db")) as database:
        database.execute("UPDATE events SET body = substr(body, 1, 40) WHERE seq = 2")
        database.execute("UPDATE events SET body = '{}' WHERE seq = 4")
        database.commit()
    output.down.clear()
    second = Process(tmp_path, output)
    second.happens(6)
    second.end()
    assert output.given == ids(1, 3, 5, 6)
    assert second.metrics.value("events_dropped_total", output="moody-0") == 2
