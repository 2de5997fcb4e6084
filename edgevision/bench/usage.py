"""What a stretch of work cost this process, and what others took of the machine meanwhile."""

import os
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PERCENTILES = (50, 90, 99)
_TICK = os.sysconf("SC_CLK_TCK")  # parts of a second that /proc/stat counts
_PAGE = os.sysconf("SC_PAGE_SIZE")
_STAT = Path("/proc/stat")


@dataclass(frozen=True, slots=True)
class Usage:
    """All in seconds."""

    wall: float
    cpu: float  # of this process, all its threads
    others: float  # CPU of everybody else on this machine; 0 where the system does not say


def meter() -> Callable[[], Usage]:
    """Begin to measure; what is returned gives what was used since."""
    wall, cpu, busy = time.monotonic(), _cpu(), _busy()

    def read() -> Usage:
        own = _cpu() - cpu
        return Usage(time.monotonic() - wall, own, max(0.0, _busy() - busy - own))

    return read


def resident() -> int:
    """Bytes of memory that this process holds now; 0 where the system does not say."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def percentiles(seconds: NDArray[np.float64]) -> dict[str, float]:
    """p50, p90 and p99 of (N,) seconds, as milliseconds; the value that so many of 100 do not exceed, so that
    it is always one that was really measured. Empty for N = 0."""
    if not len(seconds):
        return {}
    found = np.percentile(seconds, PERCENTILES, method="inverted_cdf")
    return {f"p{p}": round(1000 * float(value), 3) for p, value in zip(PERCENTILES, found, strict=True)}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _busy() -> float:
    """CPU seconds of all processes of the machine: user, nice, system, irq, softirq (man 5 proc)."""
    try:
        numbers = [int(text) for text in _STAT.read_text().split("\n", 1)[0].split()[1:8]]
    except (OSError, ValueError):
        return 0.0
    return (sum(numbers[:3]) + sum(numbers[5:7])) / _TICK
