"""Counts over restarts, by the program itself: killed, run again, reset, asked."""

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.commands.process import ENVIRONMENT, check_failure, edgevision
from tests.waiting import wait_until

CONFIG = """
models: {vehicles: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=30&fps=5&live=LIVE
    lines: {street: {from: [0.5, 0.0], to: [0.5, 1.0]}}
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}
outputs:
  - {type: sqlite, path: events.db}
  - {type: jsonl, path: events.jsonl}
http: null
"""


def configure(folder: Path, live: int = 0) -> Path:
    path = folder / "config.yaml"
    path.write_text(CONFIG.replace("LIVE", str(live)))
    return path


def ids_of(folder: Path) -> list[str]:
    path = folder / "events.jsonl"
    return [json.loads(line)["id"] for line in path.read_text().splitlines()] if path.exists() else []


def rows(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "events.db")) as database:
        return [row[0] for row in database.execute("SELECT id FROM events ORDER BY seq")]


def start(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "edgevision", "run", "config.yaml"]
    return subprocess.Popen(command, cwd=folder, env=ENVIRONMENT, stderr=subprocess.DEVNULL)


def wait_for_events(folder: Path, more_than: int) -> None:
    wait_until(lambda: len(ids_of(folder)) > more_than)


def test_a_file_that_was_killed_half_way_and_run_again_is_counted_once(tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    broken.mkdir()
    assert edgevision("run", str(configure(whole)), cwd=whole).returncode == 0
    configure(broken)
    process = start(broken)
    wait_for_events(broken, 3)
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    with (broken / "events.jsonl").open("a") as file:
        file.write('{"id": "carpark:all:0')  # as when it is killed in the middle of a line
    for _ in range(2):  # the second time everything is known
        assert edgevision("run", "config.yaml", cwd=broken).returncode == 0
        assert ids_of(broken) == rows(broken) == ids_of(whole)
    assert (broken / "events.jsonl").read_text() == (whole / "events.jsonl").read_text()


def test_a_camera_goes_on_counting_after_it_was_killed(tmp_path: Path) -> None:
    configure(tmp_path, live=1)
    for _ in range(2):
        before = len(ids_of(tmp_path))
        process = start(tmp_path)
        wait_for_events(tmp_path, before)
        process.send_signal(signal.SIGKILL)
        process.wait(60)
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    of_zone = [event["id"] for event in events if event["name"] == "all"]
    assert of_zone == [f"carpark:all:{number:08d}" for number in range(1, len(of_zone) + 1)]

    process = start(tmp_path)
    wait_for_events(tmp_path, len(events))
    process.terminate()
    process.wait(60)
    answer = json.loads(edgevision("counts", "config.yaml", "--json", cwd=tmp_path).stdout)
    assert sum(each["count"] for each in answer["counts"]) == len(ids_of(tmp_path)) == len(rows(tmp_path))


def test_counts_are_shown_and_reset(tmp_path: Path) -> None:
    config = configure(tmp_path)
    assert edgevision("run", str(config), cwd=tmp_path).returncode == 0
    shown = edgevision("counts", "events.db", "--by", "hour", "--zone", "UTC", cwd=tmp_path)
    assert "1970-01-01 00:00" in shown.stdout  # a file's time, unless `start:` says another
    assert "entered" in shown.stdout
    done = edgevision("counts", "events.db", "--reset", "carpark:all", "--why", "test", cwd=tmp_path)
    assert done.stdout.startswith("carpark all: from ")
    again = edgevision("counts", "events.db", "--reset", "carpark:all", cwd=tmp_path)
    check_failure(again, 2, "no counts of carpark:all")
    # The reset is an event like any other, and outputs are told of it with the next run.
    assert any(":all:" in id for id in set(rows(tmp_path)) - set(ids_of(tmp_path)))


def test_mistakes_are_told(tmp_path: Path) -> None:
    check_failure(edgevision("counts", "none.db", cwd=tmp_path), 1, r"none\.db does not exist")
    config = configure(tmp_path)
    config.write_text(config.read_text().replace("  - {type: sqlite, path: events.db}\n", ""))
    check_failure(edgevision("counts", str(config), cwd=tmp_path), 2, "only with an output")
    config.write_text(configure(tmp_path).read_text().replace("events.jsonl", "b").replace("jsonl", "sqlite"))
    check_failure(edgevision("check", str(config), cwd=tmp_path), 2, r"config\.yaml:10: .*one sqlite already")
    (tmp_path / "events.db").write_text("what is this, no database, only text" * 100)
    configure(tmp_path)
    check_failure(edgevision("run", str(config), cwd=tmp_path), 1, r"outputs\[0\]: cannot keep events in")
