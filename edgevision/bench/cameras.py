"""How many cameras this machine carries: found by real runs, with cameras that come at their own rate."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edgevision.bench.playing import SETTLE, Playing
from edgevision.bench.task import Plan, Task
from edgevision.bench.turns import Turn
from edgevision.bench.usage import resident

SHARE = 0.99  # of all frames must be in time; one that was dropped was not
LEAST_FRAMES = 100  # of a trial that decides: one late one is still 99 of 100
LATENCIES = 10  # that a trial lasts, at least
MOST_CAMERAS = 256
MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Trial:
    """So many cameras, for so long."""

    cameras: int
    in_time: float  # share of the frames that came, 0..1
    p50: float  # s, of those that were not dropped
    p99: float
    dropped: int
    cpu: float  # CPU seconds per second
    others: float  # cores that other processes used meanwhile
    memory: int  # bytes of the process

    @property
    def carried(self) -> bool:
        return self.in_time >= SHARE


def most_cameras(try_out: Callable[[int], bool], guess: int, limit: int = MOST_CAMERAS) -> int:
    """The most cameras, up to `limit`, of which `try_out` says that they are carried; 0 if not even one is.

    From the guess on in steps that double, then by halves. A trial that fails is repeated once: what else the
    machine did may have decided it. What one number of cameras said is not asked again.
    """
    known: dict[int, bool] = {}

    def carried(cameras: int) -> bool:
        if cameras not in known:
            known[cameras] = try_out(cameras) or try_out(cameras)
        return known[cameras]

    low, high = 0, limit + 1  # carried, not carried
    cameras, step = max(1, min(guess, limit)), 1
    while high - low > 1:
        if carried(cameras):
            low = cameras
        else:
            high = cameras
        if high > limit and low:
            cameras, step = min(limit, low + step), 2 * step
        elif not low:
            cameras, step = max(1, high - step), 2 * step
        else:
            cameras = (low + high) // 2
    return low


class Carrying:
    """Tries numbers of cameras out."""

    def __init__(
        self, task: Task, fps: float, latency: float, seconds: float, plan: Plan | None = None,
        told: Callable[[Trial], None] = lambda trial: None,
    ) -> None:  # fmt: skip
        """fps: of each camera. latency: seconds from when a frame is due until its events are handed on.
        seconds: of a trial; more where too few frames come. told: of each trial when it is over."""
        self.trials: list[Trial] = []
        self._task, self._fps, self._latency, self._seconds, self._plan = task, fps, latency, seconds, plan
        self._told = told

    def try_out(self, cameras: int, least: int = LEAST_FRAMES) -> bool:
        """least: frames that must have come, however long that takes."""
        with Playing(self._task.config(cameras, self._plan), pace=self._fps) as playing:
            turn = playing.turn(self._long_enough(cameras, least))
            memory = resident()
        trial = judge(cameras, turn, self._latency, memory)
        self.trials.append(trial)
        self._told(trial)
        return trial.carried

    def _long_enough(self, cameras: int, least: int) -> float:
        """Seconds in which so many frames are measured, and cameras that are decoded too slowly fall behind
        by more than is allowed: in no more than the latency, 40 frames/s were carried of which 13 came."""
        measured = max(least / (cameras * self._fps), LATENCIES * self._latency)
        return max(self._seconds, measured / (1 - SETTLE))


def judge(cameras: int, turn: Turn, latency: float, memory: int = 0) -> Trial:
    took = np.sum(list(turn.stages.values()), axis=0) if turn.stages else np.zeros(0)
    came = len(took) + turn.dropped
    p50, p99 = np.percentile(took, (50, 99), method="inverted_cdf") if len(took) else (np.inf, np.inf)
    in_time = float((took < latency).sum()) / came if came else 0.0
    return Trial(
        cameras, in_time, float(p50), float(p99), turn.dropped, turn.cpu * turn.fps, turn.others, memory
    )


def cost(trials: Sequence[Trial]) -> tuple[float, float | None]:
    """CPU seconds per second, and MiB, of one camera: the time at the largest number of cameras that was
    carried (else at the smallest tried); the memory of each further camera, or None if that is unknown."""
    carried = [trial for trial in trials if trial.carried]
    most = max(carried, key=lambda trial: trial.cameras) if carried else min(trials, key=lambda t: t.cameras)
    # What was freed after a trial may be held still, so only the first trial of the most cameras tells.
    first, largest = trials[0], max(trials, key=lambda trial: trial.cameras)
    more = largest.cameras - first.cameras
    memory = (largest.memory - first.memory) / more / MEBI if more > 0 and first.memory else None
    # What was freed before the first trial, and is used again, may hide it: none gives memory back.
    return most.cpu / most.cameras, memory if memory is None or memory > 0 else None
