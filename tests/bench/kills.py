"""Kills a run with SIGKILL at random moments, runs it again to its end, and says what was lost or doubled.

    python tests/bench/kills.py [--kills 200] [--seed 1] [--live]

A file (a drawn car park) is killed one to four times and then run to its end; what the database and the JSON
lines hold then must be what a run holds that nobody killed, each event once. With --live the car park is a
camera: what was acknowledged (a line in the file) before each kill must still be there after the last one,
each id once, and the numbers must have no gap.
"""

import argparse
import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

KILLED_AT_MOST = 4  # times, before a run may end
LIVE_SECONDS = 3.0  # that a live run may last at most, from its first event

CONFIG = """
models: {vehicles: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=40&fps=5&live=LIVE
    lines: {street: {from: [0.5, 0.0], to: [0.5, 1.0]}, road: {from: [0.25, 0.0], to: [0.25, 1.0]}}
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], dwell: true, hold: 0.2s}}
outputs:
  - {type: sqlite, path: events.db}
  - {type: jsonl, path: events.jsonl}
http: null
"""


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "edgevision", "run", "config.yaml"], cwd=folder, stderr=subprocess.DEVNULL
    )


def lines(folder: Path) -> list[str]:
    """Ids of the whole lines that are in the file now."""
    try:
        text = (folder / "events.jsonl").read_text()
    except FileNotFoundError:
        return []
    return [json.loads(line)["id"] for line in text.splitlines(keepends=True) if line.endswith("\n")]


def rows(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "events.db")) as database:
        return [row[0] for row in database.execute("SELECT id FROM events ORDER BY seq")]


def kill(folder: Path, wait: float) -> bool:
    """Start a run and kill it so many seconds later; False if it had ended by itself."""
    process = start(folder)
    try:
        process.wait(wait)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def new_folder(live: bool) -> Path:
    folder = Path(tempfile.mkdtemp())
    (folder / "config.yaml").write_text(CONFIG.replace("LIVE", str(int(live))))
    return folder


def of_file(kills: int, chance: random.Random) -> dict[str, int]:
    reference = new_folder(live=False)
    began = time.monotonic()
    assert start(reference).wait() == 0
    longest = time.monotonic() - began
    truth = lines(reference)
    assert truth == rows(reference)
    done = {"kills": 0, "runs": 0, "events in a run": len(truth), "acknowledged": 0, "lost": 0, "doubled": 0}
    while done["kills"] < kills:
        folder = new_folder(live=False)
        for _ in range(chance.randint(1, KILLED_AT_MOST)):
            done["kills"] += kill(folder, chance.uniform(0.3, longest))
            done["acknowledged"] += len(set(lines(folder)))
        assert start(folder).wait() == 0
        done["runs"] += 1
        for found in (lines(folder), rows(folder)):
            done["lost"] += len(set(truth) - set(found))
            done["doubled"] += len(found) - len(set(found))
        print(done, flush=True)
    return done


def of_camera(kills: int, chance: random.Random) -> dict[str, int]:
    folder = new_folder(live=True)
    acknowledged: list[str] = []
    began = time.monotonic()
    process = start(folder)
    while not lines(folder):
        time.sleep(0.05)
    first = time.monotonic() - began
    process.terminate()
    assert process.wait() == 0
    done = {"kills": 0, "acknowledged": 0, "lost": 0, "doubled": 0, "gaps": 0}
    while done["kills"] < kills:
        done["kills"] += kill(folder, chance.uniform(0.3, first + LIVE_SECONDS))
        acknowledged += [id for id in lines(folder) if id not in acknowledged]
    process = start(folder)
    time.sleep(first + LIVE_SECONDS)
    process.terminate()
    assert process.wait() == 0
    found = lines(folder)
    done["acknowledged"] = len(acknowledged)
    done["lost"] = len(set(acknowledged) - set(found)) + len(set(found) ^ set(rows(folder)))
    done["doubled"] = len(found) - len(set(found))
    numbers: dict[str, list[int]] = {}
    for id in found:
        name, _, number = id.rpartition(":")
        numbers.setdefault(name, []).append(int(number))
    done["gaps"] = sum(each != list(range(1, len(each) + 1)) for each in numbers.values())
    return done


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--live", action="store_true")
    options = parser.parse_args()
    done = (of_camera if options.live else of_file)(options.kills, random.Random(options.seed))
    print(json.dumps(done))
    return int(bool(done["lost"] or done["doubled"] or done.get("gaps")))


if __name__ == "__main__":
    sys.exit(main())
