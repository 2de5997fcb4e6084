"""A clock that is set while cameras are counted, by hand or by a time server."""

import json
import sqlite3
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

from tests.commands.process import Service
from tests.waiting import wait_until

CONFIG = """
models: {vehicles: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=60&fps=5&width=320&height=180&live=1
    open_timeout: 60s      # a busy machine, which draws its first picture late, is not what is asked about
    stall_timeout: 60s
    lines: {street: {from: [0.5, 0.0], to: [0.5, 1.0]}, road: {from: [0.25, 0.0], to: [0.25, 1.0]}}
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], dwell: true, hold: 0.2s}}
outputs:
  - {type: sqlite, path: events.db}
  - {type: jsonl, path: events.jsonl}
http: {listen: 127.0.0.1:0}
"""
INJECT = Path(__file__).parents[1] / "bench" / "inject.py"
HOUR, DAY = 3600.0, 86400.0  # s


class Box(Service):
    """A service whose clock can be set."""

    def __init__(self, folder: Path) -> None:
        self.program = (str(INJECT), str(folder / "faults"))
        self.events = folder / "events.jsonl"
        self._clock = folder / "faults" / "clock"
        self._clock.parent.mkdir()
        super().__init__(folder, CONFIG)

    def set_clock(self, seconds: float) -> None:
        """So much wrong from now on; a moment later all frames have that time."""
        self._clock.write_text(str(seconds))
        time.sleep(0.5)

    def new_events(self, number: int) -> list[dict[str, object]]:
        before = len(self.lines())
        self.wait_for("events_total", before + number)
        wait_until(lambda: len(self.lines()) >= before + number)
        return [json.loads(line) for line in self.lines()[before:]]

    def lines(self) -> list[str]:
        return self.events.read_text().splitlines() if self.events.exists() else []


def test_nothing_happens_but_that_events_have_the_new_time(tmp_path: Path) -> None:
    box = Box(tmp_path)
    began = time.monotonic()
    try:
        for wrong in (HOUR, -DAY, 3650 * DAY):
            box.set_clock(wrong)
            for event in box.new_events(2):
                at = datetime.fromisoformat(str(event["time"])).timestamp()
                assert abs(at - (time.time() + wrong)) < time.monotonic() - began + 1
                if event["kind"] == "dwell":
                    assert 0 <= float(str(event["value"])) < time.monotonic() - began
        metrics = box.metrics()
        reconnects = {name: n for name, n in metrics.items() if name.startswith("source_reconnects")}
        assert reconnects
        assert not any(reconnects.values()), reconnects
        age = time.time() + wrong - metrics['last_committed_timestamp_seconds{camera="carpark"}']
        assert -1 < age < 60
        assert box.stop() == 0
    finally:
        box.kill()
    with closing(sqlite3.connect(tmp_path / "events.db")) as database:
        (kept,) = database.execute("SELECT COUNT(*) FROM events").fetchone()
        (summed,) = database.execute("SELECT SUM(n) FROM quarters").fetchone()
    assert kept == summed == len(box.events.read_text().splitlines()) > 0
