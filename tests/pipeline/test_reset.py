"""Counts that begin at 0 again while the camera runs: in memory, on the disk, once."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgevision.analytics.line import IN, OUT
from edgevision.analytics.line import Config as LineConfig
from edgevision.analytics.line import build as build_line
from edgevision.core import Event, Finding, Frame
from edgevision.errors import OutputError
from edgevision.journal import Journal, Past
from edgevision.journal.sums import sums
from edgevision.metrics import Metrics
from edgevision.outputs import Result
from edgevision.pipeline import keeping
from edgevision.pipeline.analysis import Analysis
from edgevision.pipeline.errands import MOST, Errand
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.scheduler import Scheduler
from edgevision.pipeline.worker import Seen
from tests.outputs.kept import Process, event
from tests.pipeline.test_durable import Moody
from tests.waiting import wait_until


def frame(ts: float) -> Frame:
    return Frame("gate", 1, int(ts * 10), np.zeros((4, 4, 3), np.uint8), ts, 1000.0 + ts, ts)


class Gate:
    """An analytic that finds what it is told, and numbers it as a line does."""

    kinds: Sequence[str] = (IN, OUT)

    def __init__(self) -> None:
        self.line = build_line(LineConfig.model_validate({"from": (0.0, 0.5), "to": (1.0, 0.5)}))
        self.next: list[str] = []

    def update(self, *_: object) -> list[Finding]:
        found = []
        for kind in self.next:
            self.line.counts[kind] += 1
            found.append(Finding(kind, "car", 1, self.line.counts[kind], 0.9))
        self.next = []
        return found

    def go_on(self, counts: Mapping[str, int]) -> None:
        self.line.go_on(counts)

    def occupancy(self) -> None: ...

    def shape(self, size: object) -> None: ...


class Camera:
    """Two lines, `way` and `exit`, of one camera."""

    def __init__(self, past: Past | None = None) -> None:
        self.metrics = Metrics()
        self.lines = {name: Gate() for name in ("way", "exit")}
        analytics = [NamedAnalytic("line", name, line) for name, line in self.lines.items()]
        self.analysis = Analysis(
            analytics, past or Past("gate"), self.metrics.camera("gate"), ["car"], [], keeps=False
        )
        self.ts = 0.0

    def find(self, name: str, *kinds: str) -> list[Event]:
        self.lines[name].next = list(kinds)
        self.ts += 0.1
        events, _ = self.analysis.ask([], frame(self.ts), Seen(None, 0, 0, 0, 0))  # type: ignore[arg-type]
        return events

    def counted(self, name: str) -> float | None:
        labels = {"camera": "gate", "analytic": "line", "name": name, "kind": IN, "label": "car"}
        return self.metrics.value("count_total", **labels)


def test_one_name_begins_again_and_the_others_go_on() -> None:
    camera = Camera()
    for _ in range(3):
        camera.find("way", IN)
    camera.find("way", OUT)
    camera.find("exit", IN, IN)
    (reset,) = camera.analysis.reset("gate", "way", "new year", 1234.0)
    assert (reset.id, reset.kind, reset.label, reset.value) == ("gate:way:00000005", "reset", "new year", 4)
    assert (reset.camera, reset.analytic, reset.name, reset.wall) == ("gate", "line", "way", 1234.0)
    state = {each["name"]: each["counts"] for each in camera.analysis.report()}
    assert state == {"way": {}, "exit": {IN: {"car": 2}}}
    assert (camera.counted("way"), camera.counted("exit")) == (0, 2)
    (way,) = camera.find("way", IN)
    (exit,) = camera.find("exit", IN)
    assert (way.id, way.value) == ("gate:way:00000006", 1)  # its number goes on, its count does not
    assert (exit.id, exit.value) == ("gate:exit:00000003", 3)
    assert camera.analysis.handover().counts == {
        ("line", "way", IN, "car"): 1,
        ("line", "exit", IN, "car"): 3,
    }


def test_all_names_begin_again_also_those_that_nobody_asks_any_more() -> None:
    past = Past("gate", counts={("zone", "gone", "entered", "car"): 7}, numbers={"gone": 9})
    camera = Camera(past)
    camera.find("way", IN)
    done = camera.analysis.reset("gate", None, "", 0.0)
    assert [(each.id, each.analytic, each.value) for each in done] == [
        ("gate:gone:00000010", "zone", 7),
        ("gate:way:00000002", "line", 1),
    ]
    assert camera.analysis.reset("gate", None, "", 0.0) == []


def test_a_real_line_and_trips_count_from_what_they_are_told() -> None:
    line = Gate().line
    line.go_on({IN: 5})
    line.go_on({})
    assert line.counts == {IN: 0, OUT: 0}


def reset(number: int, value: int) -> Event:
    return Event(event(number).id, "gate", "line", "door", "reset", "why", None, value, 1.0, 0.0, 0.0)


def kept_counts(path: Path) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT name, kind, n FROM counts").fetchall()


def test_on_the_disk_it_undoes_what_was_before_it_and_nothing_after(tmp_path: Path) -> None:
    process = Process(tmp_path, output := Moody())
    batch = [event(1), event(2), reset(3, 2), event(4)]
    process.delivery.hand_on(Result("gate", batch, run=process.run), live=True)
    process.delivery.hand_on(Result("gate", [reset(3, 2)], run=process.run), live=True)  # told twice
    process.end()
    assert output.given == [each.id for each in batch]
    assert kept_counts(tmp_path / "events.db") == [("door", "crossed_in", 1)]
    with closing(Journal(tmp_path / "events.db")) as journal:
        past = journal.past("gate", None)
    assert past.counts == {("line", "door", "crossed_in", 'a "car"'): 1}
    assert past.numbers == {"door": 4}
    assert sum(each.n for each in sums(tmp_path / "events.db", "all", UTC)) == 3


def test_a_reset_is_not_what_a_disk_that_fails_loses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "QUEUE", 4)
    monkeypatch.setattr(keeping, "AT_ONCE", 2)
    monkeypatch.setattr(keeping, "RETRY", 0.02)
    process = Process(tmp_path, Moody())
    journal, down = process.journal.journal, threading.Event()
    append = journal.append

    def fails(*entries: Any) -> None:
        if down.is_set():
            raise OutputError("disk I/O error")
        append(*entries)

    monkeypatch.setattr(journal, "append", fails)
    process.happens(1)
    wait_until(lambda: kept_counts(tmp_path / "events.db"))
    down.set()
    process.happens(2)
    wait_until(process.delivery.troubles)
    process.delivery.hand_on(Result("gate", [reset(3, 2)], run=process.run), live=True)
    process.happens(*range(4, 14))
    down.clear()
    process.end()
    assert process.metrics.value("events_dropped_total", output="sqlite-0") == 7
    assert kept_counts(tmp_path / "events.db") == [("door", "crossed_in", 3)]


@pytest.fixture
def lane() -> Iterator[tuple[Scheduler, Any, list[str]]]:
    """A committer's thread, without frames; the names of the threads that did something for it."""
    scheduler = Scheduler(1)
    lane = scheduler.lane("gate", live=True)
    thread = threading.Thread(target=lambda: scheduler.next_done(lane), name="committer")
    thread.start()
    yield scheduler, lane, []
    scheduler.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_what_is_asked_is_done_by_the_thread_that_commits_though_no_frame_comes(lane: Any) -> None:
    scheduler, camera, threads = lane
    errands = [Errand(work(threads)) for _ in range(3)]
    assert all(scheduler.ask(camera, errand) for errand in errands)
    for errand in errands:
        errand.outcome.result(10)
    assert threads == ["committer"] * 3


def work(threads: list[str]) -> Callable[[], list[Event]]:
    def do() -> list[Event]:
        threads.append(threading.current_thread().name)
        return []

    return do


def test_what_was_taken_back_is_not_done_and_not_too_much_waits() -> None:
    scheduler, done = Scheduler(1), list[str]()
    lane = scheduler.lane("gate", live=True)
    errands = [Errand(work(done)) for _ in range(MOST + 1)]
    assert [scheduler.ask(lane, errand) for errand in errands] == [True] * MOST + [False]
    assert errands[0].outcome.cancel()
    scheduler.end(lane)
    assert scheduler.next_done(lane) is None
    assert len(done) == MOST - 1


def test_a_defect_in_it_is_told_to_both() -> None:
    def fails() -> list[Event]:
        raise RuntimeError("a defect")

    errand = Errand(fails)
    with pytest.raises(RuntimeError, match="a defect"):
        errand.run()
    with pytest.raises(RuntimeError, match="a defect"):
        errand.outcome.result(0)
