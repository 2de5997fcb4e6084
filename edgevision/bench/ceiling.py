"""What the networks alone can do on this machine: all cores busy, the input ready."""

import statistics
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgevision.bench.turns import Turn
from edgevision.bench.usage import meter
from edgevision.inference.classifier import Classifier
from edgevision.inference.detector import Detector
from edgevision.inference.engine import CPUS
from edgevision.inference.network import load_network
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import ModelSettings

TRIALS = 3
TRIAL = 0.3  # s: to find out which of two ways is the faster one


class _Way(NamedTuple):
    """A network as so many threads call it at once."""

    network: Detector | Segmenter
    tensor: np.ndarray
    callers: int


class Ceiling:
    """Each network in the faster of two ways: a caller per core on one core each, and one on all cores."""

    def __init__(self, models: Mapping[str, ModelSettings], base: Path, cores: int) -> None:
        found = {name: _faster(model, base, cores) for name, model in models.items()}
        self._ways = {name: way for name, (way, _) in found.items()}
        self.fps = min(rate for _, rate in found.values())  # about, of the slowest

    def turn(self, seconds: float) -> Turn:
        """One network after the other. Frames per second are those of the only one, else see `share`."""
        read = meter()
        by_model = {name: _rate(way, seconds / len(self._ways)) for name, way in self._ways.items()}
        used = read()
        runs = sum(by_model.values()) / len(by_model) * used.wall
        mean = len(by_model) / sum(1 / rate for rate in by_model.values())
        return Turn(mean, used.cpu / runs, used.others / used.wall, by_model)


def share(reached: Mapping[str, float], ceiling: Mapping[str, float]) -> float:
    """How much of what the machine can do was done: by network, runs per second reached over the most, added
    up as they share one machine."""
    return sum(rate / ceiling[name] for name, rate in reached.items())


def _faster(model: ModelSettings, base: Path, cores: int) -> tuple[_Way, float]:
    """The faster way, and its runs per second."""
    ways = [_way(model, base, cores, 1)]
    if ways[0].network.provider not in CPUS:
        ways = [ways[0]._replace(callers=2)]  # while one waits for the GPU the other fills its queue
    elif cores > 1:
        ways.append(_way(model, base, 1, cores))
    rates = [[_rate(way, TRIAL) for way in ways] for _ in range(TRIALS)]
    medians = [statistics.median(column) for column in zip(*rates, strict=True)]
    return ways[int(np.argmax(medians))], max(medians)


def _way(model: ModelSettings, base: Path, callers: int, threads: int) -> _Way:
    network = load_network(model, base, threads, callers)
    assert not isinstance(network, Classifier)  # the pipeline has refused it before
    spec = network.input
    # Noise takes as long as a picture, but for networks that look for boxes themselves; those find none.
    tensor = np.random.default_rng(0).integers(0, 256, spec.shape)
    mean, std = float(np.mean(spec.mean)), float(np.mean(spec.std))
    ready = tensor.astype(np.uint8) if spec.dtype == "uint8" else ((tensor - mean) / std).astype(spec.dtype)
    network.infer(ready)
    return _Way(network, ready, callers)


def _rate(way: _Way, seconds: float) -> float:
    """Runs per second. Each caller's are taken over its own time, as all end in the middle of the others'."""
    rates = [0.0] * way.callers
    began = time.monotonic()

    def work(number: int) -> None:
        runs = 0
        while (now := time.monotonic()) < began + seconds or not runs:
            way.network.infer(way.tensor)
            runs += 1
        now = time.monotonic()
        rates[number] = runs / (now - began)

    threads = [threading.Thread(target=work, args=(n,), name=f"caller {n + 1}") for n in range(way.callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(rates)
