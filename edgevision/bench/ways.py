"""Several networks, or one in several engines, on all cores in turns: which takes least of the machine."""

import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from edgevision.bench.callers import together
from edgevision.bench.usage import meter
from edgevision.inference.detector import Detector

ROUNDS = 5
TURN = 0.5  # s of each, each round
PICTURE = (720, 1280, 3)


class Timed(NamedTuple):
    """Of one network; medians of the rounds."""

    cpu_ms: float  # of this process, per run
    fps: float  # runs per second of all callers together


def take_turns(
    networks: Sequence[Detector], callers: int, rounds: int = ROUNDS, seconds: float = TURN
) -> list[Timed]:
    """Each prepares a picture and runs, in so many threads at once, one network after the other, the order
    reversed from round to round."""
    works = [[of_picture(network) for _ in range(callers)] for network in networks]
    for work in works:
        work[0]()  # the first run allocates
    found: list[list[Timed]] = [[] for _ in networks]
    for number in range(rounds):
        order = range(len(networks))
        for index in reversed(order) if number % 2 else order:
            found[index].append(turn(works[index], seconds))
    return [
        Timed(statistics.median(each.cpu_ms for each in turns), statistics.median(each.fps for each in turns))
        for turns in found
    ]


def of_picture(network: Detector) -> Callable[[], object]:
    """A run from a picture on; noise takes as long, but for networks that look for boxes themselves."""
    preprocess = network.preprocessor()
    noise = np.random.default_rng(0).integers(0, 256, PICTURE, np.uint8)
    return lambda: network.infer(preprocess(noise)[0])


def of_input(network: Detector) -> Callable[[], object]:
    """A run on an input that is ready."""
    tensor, _ = network.preprocessor()(np.random.default_rng(0).integers(0, 256, PICTURE, np.uint8))
    return lambda: network.infer(tensor)


def turn(work: Sequence[Callable[[], object]], seconds: float) -> Timed:
    """Each piece of work over and over, in a thread of its own."""
    read = meter()
    runs = sum(number for number, _ in together(len(work), lambda number: work[number](), seconds))
    used = read()
    return Timed(used.cpu / runs * 1000, runs / used.wall)
