"""Frames per second of the whole pipeline as a share of what the network alone can do on this machine.

    python tests/bench/throughput.py CLIP MODEL.onnx [--rounds 5]

Both are measured in turn within one run, since other work on the machine comes and goes; the share of each
round is printed, and their median. The ceiling is session.run on an input that is ready, the better of a
thread per core on one core each and one thread on all cores.
"""

import argparse
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from edgevision import log
from edgevision.app import App
from edgevision.config import check
from edgevision.document import Document
from edgevision.inference.session import Session
from edgevision.metrics import STAGES

CORES = len(os.sched_getaffinity(0))


def ceiling(path: Path, seconds: float) -> float:
    """Runs per second of the network on a ready input, all cores busy."""
    return max(_runs_per_second(path, callers, seconds / 2) for callers in (CORES, 1))


def _runs_per_second(path: Path, callers: int, seconds: float) -> float:
    session = Session(path, "cpu", threads=CORES // callers)
    shape = [size or 1 for size in session.inputs[0].shape]
    tensor = np.random.default_rng(0).random(shape).astype(session.inputs[0].dtype)
    session.run(tensor)
    runs = [0] * callers
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        while time.monotonic() < until:
            session.run(tensor)
            runs[number] += 1

    threads = [threading.Thread(target=work, args=(n,), name=f"caller {n}") for n in range(callers)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(runs) / (time.monotonic() - began)


def pipeline(clip: Path, model: Path, folder: Path) -> tuple[float, dict[str, float]]:
    """Frames per second of `run` with a line and an event file, and mean milliseconds by stage."""
    line = {"from": [0.0, 0.55], "to": [1.0, 0.55]}
    data = {
        "models": {"bench": {"path": str(model), "device": "cpu"}},
        "cameras": {"clip": {"source": str(clip), "lines": {"middle": line}}},
        "outputs": [{"type": "jsonl", "path": str(folder / "events.jsonl")}],
        "http": {"listen": "127.0.0.1:0"},
    }
    app = App(check(Document("bench", data, {}, []), Path()))
    began = time.monotonic()
    ended: list[float] = []

    def look() -> None:
        if not ended and not app.pipeline.is_working():
            ended.append(time.monotonic())  # up to a fifth of a second late: never flattering

    app.run(look)
    frames = app.pipeline.frame_counts()["clip"].processed
    sums = {s: app.metrics.value("stage_seconds_sum", camera="clip", stage=s) or 0.0 for s in STAGES}
    return frames / (ended[0] - began), {stage: 1000 * value / frames for stage, value in sums.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clip", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    log.setup("warning")
    shares = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds):
            most = ceiling(options.model, seconds=10)
            reached, stages = pipeline(options.clip.resolve(), options.model.resolve(), Path(folder))
            shares.append(reached / most)
            print(f"round {number + 1}: {reached:.1f} of {most:.1f} frames/s = {shares[-1]:.2f}")
        print("mean ms by stage:", ", ".join(f"{stage} {ms:.2f}" for stage, ms in stages.items()))
    print(f"median {statistics.median(shares):.2f} of the ceiling, {CORES} cores")


if __name__ == "__main__":
    main()
