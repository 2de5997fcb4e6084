"""Fuzzes what reads from outside, each target for some seconds in a process of its own: crashes show.

    PYTHONPATH=. python tests/bench/fuzz.py --seconds 60 [--seed 1] [--only files] [--video a.mp4 ...]

Prints the seed of each failure; `--seed` begins there again.
"""

import argparse
import json
import multiprocessing
import queue
import random
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from edgevision.web.server import Server, build_app
from tests.fuzzing import files, texts
from tests.fuzzing.http import Raw, send_nonsense
from tests.web.desks import EmptyDesk

Round = Callable[[random.Random], None]
Told: TypeAlias = "multiprocessing.Queue[tuple[int, str]]"


def targets(folder: Path, videos: list[Path]) -> dict[str, Callable[[], Round]]:
    """By name, what makes a round of it ready."""

    def requests() -> Round:
        server = Server("127.0.0.1", 0)
        server.start(build_app(EmptyDesk(), None))
        raw = Raw(server.url)
        return lambda chance: send_nonsense(raw, chance)

    def samples() -> Round:
        made = files.make_samples(folder) + [Path(shutil.copy(video, folder)) for video in videos]
        return lambda chance: files.read_damaged(chance.choice(made), chance)

    return {
        "config values": lambda: texts.config_values,
        "config bytes": lambda: texts.config_bytes,
        "events": lambda: texts.events,
        "requests": requests,
        "files": samples,
        "networks": lambda: lambda chance: files.load_damaged(folder, chance),
    }


def fuzz(
    ready: Callable[[], Round], seed: int, seconds: float, told: "multiprocessing.Queue[tuple[int, str]]"
) -> None:
    """Tells each round's seed before it begins, and what went wrong."""
    target = ready()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        told.put((seed, ""))
        try:
            target(random.Random(seed))
        except Exception:  # noqa: BLE001 - whatever comes is a finding
            told.put((seed, traceback.format_exc(limit=-3)))
        seed += 1


def run(ready: Callable[[], Round], seed: int, seconds: float) -> dict[str, object]:
    told: Told = multiprocessing.Queue()
    process = multiprocessing.Process(target=fuzz, args=(ready, seed, seconds, told))
    process.start()
    last, rounds, failures = seed, 0, []
    while process.is_alive() or not told.empty():
        try:
            last, failure = told.get(timeout=0.5)
        except queue.Empty:
            continue
        rounds += not failure
        if failure:
            failures.append(last)
            print(f"seed {last}:\n{failure}", file=sys.stderr)
    process.join()
    if process.exitcode:
        failures.append(last)
        print(f"seed {last}: the process ended with {process.exitcode}", file=sys.stderr)
    return {"rounds": rounds, "failures": failures}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60, help="for each target (60)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="one target")
    parser.add_argument("--video", type=Path, nargs="*", default=[], help="more to damage, e.g. H.264")
    options = parser.parse_args()
    multiprocessing.set_start_method("fork")
    with tempfile.TemporaryDirectory() as folder:
        all_targets = targets(Path(folder), options.video)
        chosen = [options.only] if options.only else list(all_targets)
        done = {name: run(all_targets[name], options.seed, options.seconds) for name in chosen}
    print(json.dumps({"seed": options.seed, **done}))
    return int(any(each["failures"] for each in done.values()))


if __name__ == "__main__":
    sys.exit(main())
