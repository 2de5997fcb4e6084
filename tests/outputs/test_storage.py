"""Disks that are full, read-only, slow or gone, under the real outputs and the real delivery: counting goes
on, what is lost is counted, and it goes on by itself."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgevision.core import Event, Frame
from edgevision.metrics import Metrics
from edgevision.outputs import OUTPUTS, Output, Result, video
from edgevision.outputs.jsonl import Config as Jsonl
from edgevision.outputs.sqlite import Config as Sqlite
from edgevision.outputs.sqlite import Sqlite as Journal
from edgevision.outputs.video import Config as Video
from edgevision.pipeline import following, keeping
from edgevision.pipeline.crew import Crew, join
from edgevision.pipeline.delivery import Delivery
from tests.waiting import wait_until

EVENT = Event("gate:in:1", "gate", "line", "in", "crossed_in", "car", 1, 1.0, 0.9, 1_763_686_923.0, 0.0)


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "RETRY", 0.02)
    monkeypatch.setattr(following, "RETRY_FIRST", 0.02)
    monkeypatch.setattr(following, "RETRY_MOST", 0.05)


@contextmanager
def mounted(place: Path, options: str) -> Iterator[None]:
    """A file system of its own over a folder."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root may mount a file system")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with mounted(tmp_path / "disk", "size=1m"):
        yield tmp_path / "disk"


class Running:
    """A live camera's events on their way to outputs, each handed on like the pipeline does it."""

    def __init__(self, outputs: list[Output], journal: Journal | None = None) -> None:
        self.metrics = Metrics()
        self.crew = Crew(on_error=lambda: None)
        self.journal = journal
        self.run = journal.journal.past("gate", None).run if journal else 0
        self.delivery = Delivery(outputs, self.metrics, journal)
        self.delivery.start(self.crew)
        self.handed_on = 0

    def count(self, number: int = 1, image: bool = False) -> None:
        for _ in range(number):
            self.handed_on += 1
            event = replace(EVENT, id=f"gate:in:{self.handed_on:08d}", value=float(self.handed_on))
            frame = Frame("gate", 1, 0, np.zeros((64, 64, 3), np.uint8), 0.0, 0.0, 0.0) if image else None
            self.delivery.hand_on(Result("gate", [event], frame, run=self.run), live=True)

    def value(self, name: str, output: str) -> float:
        return self.metrics.value(name, output=output) or 0.0

    def wait_for(self, name: str, output: str, least: float = 1) -> None:
        wait_until(lambda: self.value(name, output) >= least)

    def end(self) -> None:
        self.delivery.close()
        assert join(self.delivery.threads, 10) == []
        assert self.crew.error is None


def jsonl(path: Path) -> Output:
    output: Output = OUTPUTS["jsonl"].build(Jsonl(type="jsonl", path=str(path)), "jsonl-0")
    return output


def journal(path: Path) -> Journal:
    opened: Journal = OUTPUTS["sqlite"].build(Sqlite(type="sqlite", path=str(path)), "sqlite-0")
    return opened


def numbers(path: Path) -> list[int]:
    """Of the events in a file; each line must be whole."""
    return [json.loads(line)["value"] for line in path.read_text().splitlines()] if path.exists() else []


def kept(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT COUNT(*) FROM events").fetchone()[0])


def written(running: Running, path: Path, number: int) -> None:
    wait_until(lambda: running.handed_on and numbers(path)[-1:] == [number])


@contextmanager
def no_larger(size: int) -> Iterator[None]:
    """No file of this process can grow beyond it: a write of more is cut short, the next one fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_a_line_that_does_not_fit_is_left_out_whole_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    running = Running([jsonl(path)])
    running.count()
    written(running, path, 1)
    with no_larger(path.stat().st_size + 50):
        running.count(3)
        running.wait_for("output_errors_total", "jsonl-0", 3)
    running.count()
    running.end()
    assert numbers(path) == [1, 5]
    assert running.value("events_dropped_total", "jsonl-0") == 3


def test_behind_a_journal_nothing_is_lost_when_a_line_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    running = Running([jsonl(path)], journal(tmp_path / "events.db"))
    path.write_bytes(b" " * 2_000_000 + b"\n")  # larger than the database gets, so that the limit is its own
    running.count()
    wait_until(lambda: path.stat().st_size > 2_000_100)
    with no_larger(path.stat().st_size + 50):
        running.count(3)
        running.wait_for("output_errors_total", "jsonl-0", 3)
    running.end()
    assert [json.loads(line)["value"] for line in path.read_text().splitlines()[1:]] == [1, 2, 3, 4]
    assert running.value("events_dropped_total", "jsonl-0") == 0


def test_a_file_that_is_moved_away_is_made_anew_as_logrotate_expects(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    running = Running([jsonl(path)])
    running.count()
    written(running, path, 1)
    path.rename(tmp_path / "events.jsonl.1")
    running.count()
    written(running, path, 2)
    path.unlink()
    running.count()
    running.end()
    assert (numbers(tmp_path / "events.jsonl.1"), numbers(path)) == ([1], [3])


def test_a_folder_that_is_gone_is_counted_and_gone_on_in_when_it_is_back(tmp_path: Path) -> None:
    folder = tmp_path / "usb"
    folder.mkdir()
    path = folder / "events.jsonl"
    running = Running([jsonl(path)])
    running.count()
    written(running, path, 1)
    folder.rename(tmp_path / "away")
    running.count(2)
    running.wait_for("output_errors_total", "jsonl-0", 2)
    (tmp_path / "away").rename(folder)
    running.count()
    running.end()
    assert numbers(path) == [1, 4]
    assert running.value("events_dropped_total", "jsonl-0") == 2


def test_a_disk_that_is_mounted_read_only_for_a_while(tmp_path: Path) -> None:
    path = tmp_path / "usb" / "events.jsonl"
    path.parent.mkdir()
    running = Running([jsonl(path)])
    running.count()
    written(running, path, 1)
    with mounted(path.parent, "ro"):
        running.count(2)
        running.wait_for("output_errors_total", "jsonl-0", 2)
    running.count()
    running.end()
    assert numbers(path) == [1, 4]
    assert running.value("events_dropped_total", "jsonl-0") == 2


@pytest.mark.parametrize("events", [1, 50])
def test_a_full_disk_under_the_journal_is_told_and_nothing_is_lost(disk: Path, events: int) -> None:
    path = disk / "events.jsonl"
    running = Running([jsonl(path)], journal(disk / "events.db"))
    running.count()
    written(running, path, 1)
    fill(disk / "ballast")
    running.count(events)
    wait_until(running.delivery.troubles)
    assert running.delivery.troubles()[0].startswith("output sqlite-0: cannot write to ")
    running.count(events)
    (disk / "ballast").unlink()
    written(running, path, running.handed_on)
    assert running.delivery.troubles() == []
    running.end()
    assert numbers(path) == list(range(1, running.handed_on + 1))
    assert running.value("events_dropped_total", "sqlite-0") == 0


def test_an_output_is_removed_while_the_journal_s_disk_is_full(disk: Path, tmp_path: Path) -> None:
    """As by a reload. How far it was cannot be noted any more; that ends nothing else."""
    path = tmp_path / "events.jsonl"
    running = Running([jsonl(path)], journal(disk / "events.db"))
    for number in (1, 2):
        running.count()
        written(running, path, number)
    fill(disk / "ballast")
    lane = running.delivery.threads[0]
    running.delivery.remove("jsonl-0")
    lane.join(10)
    assert running.crew.error is None
    (disk / "ballast").unlink()
    running.end()


def test_a_journal_whose_folder_is_gone_is_told_and_goes_on_when_it_is_back(tmp_path: Path) -> None:
    folder, path = tmp_path / "usb", tmp_path / "events.jsonl"
    folder.mkdir()
    running = Running([jsonl(path)], journal(folder / "events.db"))
    running.count()
    written(running, path, 1)
    folder.rename(tmp_path / "away")
    running.count()
    wait_until(running.delivery.troubles)
    assert "is gone" in running.delivery.troubles()[0]
    (tmp_path / "away").rename(folder)
    written(running, path, 2)
    # As after unmounting and mounting: the same files, known by other numbers.
    folder.rename(tmp_path / "away")
    running.count()
    wait_until(running.delivery.troubles)
    shutil.copytree(tmp_path / "away", folder)
    written(running, path, 3)
    assert running.delivery.troubles() == []
    running.count()
    running.end()
    assert numbers(path) == [1, 2, 3, 4]


def test_another_journal_in_its_place_is_not_counted_into(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    running = Running([], journal(path))
    running.count()
    wait_until(lambda: kept(path) == 1)
    for file in tmp_path.glob("events.db*"):
        file.rename(tmp_path / f"old{file.name}")
    other = journal(path)
    other.journal.past("yard", None)
    other.close()
    running.count()
    wait_until(running.delivery.troubles)
    assert "is another database" in running.delivery.troubles()[0]
    running.end()
    assert running.value("events_dropped_total", "sqlite-0") == 1


def test_a_video_on_a_full_disk_or_in_a_folder_that_is_gone_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "usb"
    folder.mkdir()
    path = folder / "gate.mp4"
    output = OUTPUTS["video"].build(Video(type="video", camera="gate", path=str(path)), "video-0")
    running = Running([output])
    with monkeypatch.context() as full:
        full.setattr(video, "LEAST_ROOM", 1 << 60)
        running.count(2, image=True)
        running.wait_for("output_errors_total", "video-0", 2)
    running.count(1, image=True)
    wait_until(lambda: path.stat().st_size > 0)
    folder.rename(tmp_path / "away")
    running.count(1, image=True)
    running.wait_for("output_errors_total", "video-0", 3)
    folder.mkdir()
    running.count(3, image=True)
    running.end()
    assert path.stat().st_size > 1000
    assert running.value("events_dropped_total", "video-0") == 3


def test_a_slow_disk_holds_up_no_camera(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    running = Running([jsonl(path)])
    running.count(5000)  # 1.2 MB into a pipe that takes 64 KB and is not read
    running.wait_for("events_dropped_total", "jsonl-0", 1000)
    thread = threading.Thread(target=_empty, args=(reader, running), name="reader")
    thread.start()
    running.end()
    thread.join(10)
    os.close(reader)


def _empty(reader: int, running: Running) -> None:
    while any(thread.is_alive() for thread in running.delivery.threads):
        try:
            os.read(reader, 65536)
        except BlockingIOError:
            time.sleep(0.001)
