"""A network through memory of the device that stays there, and as a CUDA graph, beside plain runs, in turns.

    python -m tests.bench.bound MODEL.onnx [--device cpu|cuda|cuda:1|tensorrt] [--rounds 40]

Medians over the rounds: time and CPU of this thread for a run (those of a CUDA graph are made in another
thread, so its CPU here is not all), and the ratios to the plain run of the same round. On the CPU, where the
service runs plainly, the memory is the CPU's. For networks that are given a picture and nothing else.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from edgevision.errors import ModelError
from edgevision.inference.bound import Bound, Memory
from edgevision.inference.session import Session

RUNS = 5  # a turn
Way = Callable[[np.ndarray], object]


def ways_of(path: Path, device: str) -> tuple[dict[str, Way], np.ndarray]:
    plain = Session(path, device, threads=1)
    name = plain.picture.name
    on_cpu = Bound(plain._session, name, Memory("cpu"))
    found: dict[str, Way] = {
        "plain": lambda tensor: plain._session.run(None, {name: tensor}),
        "bound": (lambda tensor: on_cpu.run(tensor, {})) if plain._bound is None else plain.run,
    }
    if plain._bound is not None:
        try:
            found["graph"] = Session(path, device, threads=1, graph=True).run
        except ModelError as error:
            print(f"left out: {error}")
    shape = [size or 1 for size in plain.picture.shape]
    return found, np.random.default_rng(0).integers(0, 2, shape).astype(plain.picture.dtype)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=40)
    options = parser.parse_args()
    ways, tensor = ways_of(options.model, options.device)
    expected = ways["plain"](tensor)
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for number in range(-2, options.rounds):
        for name in list(ways) if number % 2 else reversed(ways):
            began, cpu = time.perf_counter(), time.thread_time()
            for _ in range(RUNS):
                outputs = ways[name](tensor)
            if number >= 0:  # two rounds of warming up
                took[name].append((time.perf_counter() - began, time.thread_time() - cpu))
        for one, other in zip(expected, outputs, strict=True):  # type: ignore[call-overload]
            assert np.allclose(one, other, rtol=1e-2, atol=1e-2 * float(np.abs(one).max(initial=0)))
    for name, times in took.items():
        wall, cpu = (1000 / RUNS * statistics.median(each) for each in zip(*times, strict=True))
        ratio = statistics.median(own[0] / first[0] for own, first in zip(times, took["plain"], strict=True))
        on_cpu = statistics.median(own[1] / first[1] for own, first in zip(times, took["plain"], strict=True))
        print(f"{name:6} {wall:8.3f} ms a run, {ratio:.3f}; CPU {cpu:8.3f} ms, {on_cpu:.3f}")


if __name__ == "__main__":
    main()
