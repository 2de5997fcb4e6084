"""Lets each part of a running edgevision hang, and measures until that is named and until it works again.

    python -m tests.bench.hangs [--only worker ...] [--systemd]

Named: /readyz says so in words. Fresh: another process counts. Counts are those of /metrics before the hang,
the last seen while it lasted, and the first of the fresh process. With --systemd the unit of this repository
is run by systemd, as root; else a stand-in keeps to systemd's rules. A hung output takes 15 minutes.
"""

import argparse
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from tests.bench.supervisors import StandIn, Systemd

PORT = 19108
CONFIG = f"""
models: {{vehicles: {{path: builtin:drawn, workers: 2}}}}
cameras:
  gate:
    source: synthetic:carpark?seed=5&seconds=60&fps=5&width=320&height=180&live=1
    open_timeout: 30s
    lines: {{street: {{from: [0.5, 0.0], to: [0.5, 1.0]}}, road: {{from: [0.25, 0.0], to: [0.25, 1.0]}}}}
  yard:
    source: synthetic:carpark?seed=6&seconds=60&fps=5&width=320&height=180&live=1
    open_timeout: 30s
    zones: {{all: {{polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}}}
outputs:
  - {{type: sqlite, path: events.db}}
  - {{type: jsonl, path: events.jsonl}}
http: {{listen: "127.0.0.1:{PORT}"}}
"""
QUICK = {
    "capture": ("hang", "a camera's read"),
    "worker": ("hang", "session.run in one of two workers"),
    "worker, GIL held": ("hold", "session.run, keeping Python's lock"),
    "tracker": ("hang", "a tracker"),
    "scrape": ("hang", "a metrics scrape"),
    "loop": ("hang", "the HTTP server's event loop"),
    "journal": ("hang", "SQLite, writing"),
    "follower": ("hang", "SQLite, reading for an output"),
    "output": ("hang", "an output's write"),
}
PATIENCE = {"capture": 60.0, "follower": 960.0, "output": 960.0}  # s; else 120


@dataclass
class Seen:
    """What a hang looked like from outside; seconds since it began."""

    words: str = ""
    named: float | None = None
    fresh: float | None = None
    again: float | None = None  # when /readyz was content again
    counts: list[int] = field(default_factory=list)


def counted() -> int | None:
    """Findings of all analytics by /metrics; None when it does not answer."""
    try:
        text = httpx.get(f"http://127.0.0.1:{PORT}/metrics", timeout=1).text
    except httpx.HTTPError:
        return None
    lines = (line for line in text.splitlines() if line.startswith("edgevision_count_total{"))
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines)


def troubles() -> list[str] | None:
    """What /readyz says; None when it does not answer."""
    try:
        found: list[str] = httpx.get(f"http://127.0.0.1:{PORT}/readyz", timeout=1).json()["troubles"]
    except httpx.HTTPError:
        return None
    return found


def wait(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to run"
        time.sleep(0.1)


def hang(service: StandIn | Systemd, folder: Path, name: str) -> Seen:
    """Let it hang; until another process counts, or this one is content again, or patience ends."""
    how, place = QUICK[name][0], name.partition(",")[0]
    wait(lambda: troubles() == [])
    before = counted() or 0
    wait(lambda: (counted() or 0) > before + 2)
    pid, log = service.pid(), len(service.log())
    seen = Seen(counts=[counted() or 0] * 2)
    fault = folder / "faults" / place
    new = folder / "faults" / "new"
    new.write_text(how)
    if isinstance(service, Systemd):
        shutil.chown(new, "edgevision", "edgevision")
    new.rename(fault)  # whole at once: it is waited for
    if place == "scrape":
        counted()
    wait(lambda: not fault.exists())
    began = time.monotonic()
    while (passed := time.monotonic() - began) < PATIENCE.get(name, 120.0):
        told = troubles()
        if service.pid() not in (pid, 0):
            wait(lambda: troubles() == [] and counted() is not None)
            seen.fresh = time.monotonic() - began
            seen.counts.append(counted() or 0)
            break
        if told and seen.named is None:
            seen.named, seen.words = passed, "; ".join(told)
        if told == [] and seen.named is not None:
            seen.again = passed
            break
        if how == "hang" and place != "scrape":
            seen.counts[1] = counted() or seen.counts[1]
        time.sleep(0.2)
    if seen.named is None:
        lines = [line for line in service.log()[log:].splitlines() if "it hangs" in line]
        seen.words = "(log) " + lines[0].partition("what=")[2].partition(" msg=")[0] if lines else "(nothing)"
    return seen


def check_numbers(folder: Path) -> str:
    """No event is missing in the journal, and none is there twice."""
    with closing(sqlite3.connect(folder / "events.db")) as database:
        ids = [row[0] for row in database.execute("SELECT id FROM events")]
    numbers: dict[str, set[int]] = {}
    for id in ids:
        name, _, number = id.rpartition(":")
        numbers.setdefault(name, set()).add(int(number))
    whole = all(each == set(range(1, len(each) + 1)) for each in numbers.values())
    return f"{len(ids)} events in the journal, {'numbers without a gap' if whole else 'NUMBERS ARE MISSING'}"


def seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=QUICK, default=list(QUICK))
    parser.add_argument("--systemd", action="store_true")
    options = parser.parse_args()
    folder = Path(f"/var/lib/{Systemd.NAME}" if options.systemd else tempfile.mkdtemp())
    (folder / "faults").mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    table = Table("what hangs", "named, s", "in which words", "fresh, s", "counts")
    service = (Systemd if options.systemd else StandIn)(folder)
    try:
        for name in options.only:
            seen = hang(service, folder, name)
            fresh = f"by itself {seconds(seen.again)}" if seen.again else seconds(seen.fresh)
            counts = " > ".join(map(str, seen.counts))
            table.add_row(QUICK[name][1], seconds(seen.named), seen.words, fresh, counts)
            print(f"{name}: {seen}", flush=True)
            if seen.fresh is None and seen.again is None:
                break  # it would keep the next ones from being seen
        print(check_numbers(folder))
    finally:
        service.stop()
        shutil.rmtree(folder)
    Console(width=150).print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
