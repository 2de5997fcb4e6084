"""What the networks alone can do on this machine: all cores busy, the input ready."""

import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgevision.bench.callers import rate
from edgevision.bench.turns import Turn
from edgevision.bench.usage import Usage, meter
from edgevision.inference.classifier import Classifier
from edgevision.inference.detector import Detector
from edgevision.inference.devices import CPUS
from edgevision.inference.network import load_network
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import ModelSettings

TRIALS = 3
TRIAL = 0.3  # s: to find out which of two ways is the faster one


class Way(NamedTuple):
    """A network as so many threads call it at once."""

    network: Detector | Segmenter
    tensor: np.ndarray
    callers: int

    def run(self, caller: int) -> None:
        self.network.infer(self.tensor)


class Ceiling:
    """Each network in the faster of two ways: a caller per core on one core each, and one on all cores."""

    def __init__(self, models: Mapping[str, ModelSettings], base: Path, cores: int) -> None:
        tried = {name: _ways(model, base, cores) for name, model in models.items()}
        # A caller per core, which is how each of them could also do all else of a frame's work.
        self.per_core = {name: ways[-1] for name, ways in tried.items()}
        found = {name: _faster(ways) for name, ways in tried.items()}
        self._ways = {name: way for name, (way, _) in found.items()}
        self.fps = min(rate for _, rate in found.values())  # about, of the slowest

    def turn(self, seconds: float) -> Turn:
        """One network after the other. Frames per second are those of the only one, else see `share`."""
        read = meter()
        by_model = {
            name: rate(way.callers, way.run, seconds / len(self._ways)) for name, way in self._ways.items()
        }
        return one_after_the_other(by_model, read())


def one_after_the_other(by_model: Mapping[str, float], used: Usage) -> Turn:
    """What networks reached, each of which had an equal part of the time."""
    runs = sum(by_model.values()) / len(by_model) * used.wall
    mean = len(by_model) / sum(1 / each for each in by_model.values())
    return Turn(mean, used.cpu / runs, used.others / used.wall, by_model)


def share(reached: Mapping[str, float], ceiling: Mapping[str, float]) -> float:
    """How much of what the machine can do was done: by network, runs per second reached over the most, added
    up as they share one machine."""
    return sum(runs / ceiling[name] for name, runs in reached.items())


def _ways(model: ModelSettings, base: Path, cores: int) -> list[Way]:
    """Those worth trying; a caller per core is the last."""
    ways = [_way(model, base, cores, 1)]
    if ways[0].network.provider not in CPUS:
        return [ways[0]._replace(callers=2)]  # while one waits for the GPU the other fills its queue
    return [_way(model, base, 1, cores), *ways] if cores > 1 else ways


def _faster(ways: Sequence[Way]) -> tuple[Way, float]:
    """The fastest way, and its runs per second."""
    rates = [[rate(way.callers, way.run, TRIAL) for way in ways] for _ in range(TRIALS)]
    medians = [statistics.median(column) for column in zip(*rates, strict=True)]
    return ways[int(np.argmax(medians))], max(medians)


def _way(model: ModelSettings, base: Path, callers: int, threads: int) -> Way:
    network = load_network(model, base, threads, callers)
    assert not isinstance(network, Classifier)  # the pipeline has refused it before
    spec = network.input
    # Noise takes as long as a picture, but for networks that look for boxes themselves; those find none.
    tensor = np.random.default_rng(0).integers(0, 256, spec.shape)
    mean, std = float(np.mean(spec.mean)), float(np.mean(spec.std))
    ready = tensor.astype(np.uint8) if spec.dtype == "uint8" else ((tensor - mean) / std).astype(spec.dtype)
    network.infer(ready)
    return Way(network, ready, callers)
