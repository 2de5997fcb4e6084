"""How many were there over time: steps of a number, taken together by slices of time."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from edgevision.report.seen import Hole


class Step(NamedTuple):
    """From a moment on, Unix seconds, a number is so."""

    at: float
    value: float


class Level(NamedTuple):
    """A number in a slice of time."""

    start: float  # Unix s
    mean: float | None  # over the time that was seen; None: nothing of it was
    most: float | None
    seconds: float  # seen


def levels(steps: Sequence[Step], holes: Sequence[Hole], edges: Sequence[float]) -> list[Level]:
    """One for each slice between two edges. steps: in order, the first at or before the first edge."""
    moments = sorted({*edges, *(each.at for each in steps), *(t for hole in holes for t in hole[:2])})
    moments = [each for each in moments if edges[0] <= each <= edges[-1]]
    found = []
    step = hole = at = 0
    for start, end in pairwise(edges):
        parts: list[tuple[float, float]] = []  # seconds, value
        while at + 1 < len(moments) and moments[at] < end:
            now, then = moments[at], moments[at + 1]
            while step + 1 < len(steps) and steps[step + 1].at <= now:
                step += 1
            while hole < len(holes) and holes[hole].until <= now:
                hole += 1
            hidden = hole < len(holes) and holes[hole].since <= now
            if not hidden and steps and steps[step].at <= now:
                parts.append((then - now, steps[step].value))
            at += 1
        found.append(_level(start, parts))
    return found


def _level(start: float, parts: Sequence[tuple[float, float]]) -> Level:
    seconds = sum(each for each, _ in parts)
    if not seconds:
        return Level(start, None, None, 0.0)
    mean = sum(each * value for each, value in parts) / seconds
    return Level(start, mean, max(value for _, value in parts), seconds)


def overall(found: Iterable[Level]) -> tuple[float, float, float] | None:
    """Mean, most, and Unix seconds at which a slice with the most begins; None: nothing was seen."""
    known = [each for each in found if each.mean is not None and each.most is not None]
    if not known:
        return None
    mean = sum((each.mean or 0.0) * each.seconds for each in known) / sum(each.seconds for each in known)
    top = max(known, key=lambda each: each.most or 0.0)
    return mean, top.most or 0.0, top.start
