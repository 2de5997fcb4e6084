"""Several networks, or one in several engines, on all cores in turns: which takes least of the machine."""

import statistics
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgevision.bench.usage import meter
from edgevision.inference.detector import Detector

ROUNDS = 5
TURN = 0.5  # s of each, each round


class Timed(NamedTuple):
    """Of one network; medians of the rounds."""

    cpu_ms: float  # of this process, per run
    fps: float  # runs per second of all callers together


def take_turns(
    networks: Sequence[Detector], callers: int, rounds: int = ROUNDS, seconds: float = TURN
) -> list[Timed]:
    """Each is run by so many threads at once, one network after the other, the order reversed from round to
    round."""
    tensors = [noise(network) for network in networks]
    for network, tensor in zip(networks, tensors, strict=True):
        network.infer(tensor)  # the first run allocates
    found: list[list[Timed]] = [[] for _ in networks]
    for number in range(rounds):
        order = range(len(networks))
        for index in reversed(order) if number % 2 else order:
            found[index].append(turn(networks[index], tensors[index], callers, seconds))
    return [
        Timed(statistics.median(each.cpu_ms for each in turns), statistics.median(each.fps for each in turns))
        for turns in found
    ]


def noise(network: Detector) -> np.ndarray:
    """An input: noise takes as long as a picture, but for networks that look for boxes themselves."""
    preprocess = network.preprocessor()
    width, height = network.input.size
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return preprocess(noise)[0]


def turn(network: Detector, tensor: np.ndarray, callers: int, seconds: float) -> Timed:
    """One network run by so many threads at once, on an input that is ready."""
    runs = [0] * callers
    until = time.monotonic() + seconds

    def work(number: int) -> None:
        while time.monotonic() < until or not runs[number]:
            network.infer(tensor)
            runs[number] += 1

    read = meter()
    threads = [threading.Thread(target=work, args=(n,), name=f"caller {n + 1}") for n in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    used = read()
    return Timed(used.cpu / sum(runs) * 1000, sum(runs) / used.wall)
