"""Subjects of a measurement take turns, so that what else the machine does slows all alike."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

TURN = 1.5  # s: shorter ones are spent on starting, longer ones meet different weather
RUNS = 25  # of the network in a turn, of one that is slow: one more or less is then 4 %
LEAST_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Turn:
    """What a subject did in its turn."""

    fps: float
    cpu: float  # CPU seconds per frame
    others: float  # cores that other processes used meanwhile
    by_model: Mapping[str, float] = field(default_factory=dict)  # runs per second
    stages: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)  # (frames,) s by stage
    dropped: int = 0  # frames that came and were not looked at


class Subject(Protocol):
    """Something that works only in its turn."""

    def turn(self, seconds: float) -> Turn: ...


class Spread(NamedTuple):
    """A median with the least and the most of all rounds."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def take_turns(
    subjects: Mapping[str, Subject], seconds: float, rounds: int, tick: Callable[[], None] = lambda: None
) -> dict[str, list[Turn]]:
    """All turns of each subject, `seconds` altogether. Who was first in a round is last in the next, so that
    a load that rises or falls favours nobody. tick: called after each turn."""
    each = seconds / rounds / len(subjects)
    turns: dict[str, list[Turn]] = {name: [] for name in subjects}
    for number in range(rounds):
        for name in list(subjects)[:: -1 if number % 2 else 1]:
            turns[name].append(subjects[name].turn(each))
            tick()
    return turns


def long_enough(seconds: float, subjects: int, fps: float) -> float:
    """`seconds`, or what the least rounds take if each turn is to have RUNS runs. fps: see `rounds_of`.

    In a turn of 0.1 s a network of 80 ms a run was through with no frame or with one: 0.00 or 3.78 of the
    network alone.
    """
    return max(seconds, LEAST_ROUNDS * subjects * RUNS / fps)


def rounds_of(seconds: float, subjects: int, fps: float) -> int:
    """fps: what the fastest of them may reach; the slower, the longer the turns."""
    return max(LEAST_ROUNDS, round(seconds / subjects / max(TURN, RUNS / fps)))


def stages_of(turns: Sequence[Turn]) -> dict[str, NDArray[np.float64]]:
    """(N,) seconds of all frames by stage."""
    names = turns[0].stages if turns else {}
    return {name: np.concatenate([turn.stages[name] for turn in turns]) for name in names}
