"""How long a frame takes while cameras come at their own pace, beside one run of the network on all cores.

    python -m tests.bench.paced CLIP MODEL [--labels coco] [--cameras 1] [--fps 10 15 30] [--seconds 10]

A turn of the network alone, one run after the other on all cores (the shortest time that it takes), before
and after each turn of paced cameras. A frame's latency is from when it is due until its events are handed on:
decoding is in it. The last row comes with three times as many frames as can be run: what counts there is how
old a frame is in the end.
"""

import argparse
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from edgevision.bench.ceiling import Way
from edgevision.bench.playing import Playing
from edgevision.bench.task import Task, plain_task
from edgevision.bench.turns import Turn
from edgevision.cores import usable_cores
from edgevision.inference.classifier import Classifier
from edgevision.inference.network import load_network
from edgevision.inference.settings import ModelSettings

RUNS = 1.5  # s of runs before and after


def fastest_way(model: dict[str, str]) -> Way:
    """One caller on all cores."""
    network = load_network(ModelSettings.model_validate(model), Path(), usable_cores().number)
    assert not isinstance(network, Classifier)
    image = np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8)
    tensor, _ = network.preprocessor()(image)
    return Way(network, tensor, 1)


def run_times(way: Way) -> list[float]:
    """Seconds of single runs."""
    took: list[float] = []
    until = time.monotonic() + RUNS
    while (began := time.monotonic()) < until:
        way.run(0)
        took.append(time.monotonic() - began)
    return took


def paced(task: Task, cameras: int, fps: float, seconds: float) -> Turn:
    with Playing(task.config(cameras), pace=fps) as playing:
        return playing.turn(seconds)


def row(name: str, turn: Turn, runs: Sequence[float]) -> list[str]:
    run = float(np.median(runs))
    latency = np.sum(list(turn.stages.values()), axis=0)
    p50, p99 = np.percentile(latency, (50, 99)) if len(latency) else (np.nan, np.nan)
    share = len(latency) / max(1, len(latency) + turn.dropped)
    return [
        name, f"{turn.fps:.1f}", f"{share:.1%}", *(f"{1000 * each:.1f}" for each in (run, p50, p99)),
        f"{p50 / run:.2f}", f"{p99 / run:.2f}", f"{turn.others:.2f}",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("clip")
    parser.add_argument("model")
    parser.add_argument("--labels")
    parser.add_argument("--cameras", type=int, default=1)
    parser.add_argument("--fps", type=float, nargs="*", default=[10, 15, 30])
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    model = {"path": options.model} | ({"labels": options.labels} if options.labels else {})
    way = fastest_way(model)
    table = Table(
        "a camera's frames/s", "looked at/s", "of all", "run ms", "p50 ms", "p99 ms", "p50 / run",
        "p99 / run", "others' cores", title=f"{options.cameras} live cameras, {Path(options.model).name}",
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        task = plain_task(model, options.clip, Path(folder))
        flood = 3 / float(np.median(run_times(way))) / options.cameras
        for fps in (*options.fps, flood):
            before = run_times(way)
            turn = paced(task, options.cameras, fps, options.seconds)
            name = f"{fps:.0f}" + (": three times too many" if fps == flood else "")
            table.add_row(*row(name, turn, before + run_times(way)))
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
