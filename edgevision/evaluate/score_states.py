"""How right states are, such as a spot's: the share of time in which they are wrong, and how often they flip.

A truth with `occupied` and `freed` tells a state at every moment: before its first moment it was the other
one, unless that is at 0 and so says how it began. Ours are read in the same way, as a spot that is found free
tells nothing; after `unknown` nothing is known, until `known` says that it is as it was.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from edgevision.evaluate.read_counts import Key, Mark, Truth

STATES = {"occupied": True, "freed": False}  # kind of event -> the state from then on
UNKNOWN, KNOWN = "unknown", "known"


class StateScore(NamedTuple):
    camera: str
    name: str
    wrong: float  # share of the time in which we said something, 0..1
    unknown: float  # share of the time in which we said nothing, 0..1
    flips: int
    true_flips: int
    flips_per_hour: float  # beyond the truth's; below 0: fewer


def changes(marks: Sequence[Mark], key: Key) -> list[Mark]:
    """Those of a place that say another state than the last one; the first is kept. By time."""
    kept: list[Mark] = []
    for mark in sorted(_of(marks, key), key=lambda mark: mark.at):
        if mark.kind in STATES and (not kept or kept[-1].kind != mark.kind):
            kept.append(mark)
    return kept


def first_state_agrees(mark: Mark, events: Sequence[Mark], truth: Truth) -> bool:
    """Whether it only tells how we found a place, and truly it was so: that is no change and no mistake."""
    if mark.kind not in STATES or mark is not changes(events, mark.key)[0]:
        return False
    return _state_at(_steps(truth.marks, mark.key), mark.at) == STATES[mark.kind]


def score_states(events: Sequence[Mark], truth: Truth, ends: Mapping[str, float]) -> list[StateScore]:
    """Of each place of which the truth says a state. ends: s, by camera: until when it is labelled."""
    places = sorted({(mark.camera, mark.name) for mark in truth.marks if mark.kind in STATES})
    return [_score(Key(*place, ""), events, truth, ends[place[0]]) for place in places]


def _score(key: Key, events: Sequence[Mark], truth: Truth, end: float) -> StateScore:
    true, ours = _steps(truth.marks, key), _steps(events, key)
    times = sorted({0.0, end, *(at for at, _ in true + ours if 0 < at < end)})
    wrong = unknown = 0.0
    for start, stop in pairwise(times):
        state = _state_at(ours, start)
        if state is None:
            unknown += stop - start
        elif state != _state_at(true, start):
            wrong += stop - start
    flips = sum(0 < mark.at <= end for mark in changes(events, key)[1:])
    true_changes = changes(truth.marks, key)
    true_flips = sum(0 < mark.at <= end for mark in true_changes)
    # Our first event is a change too if truly it was otherwise at the beginning.
    first = changes(events, key)[:1]
    flips += sum(0 < mark.at <= end and _state_at(true, 0.0) != STATES[mark.kind] for mark in first)
    known = end - unknown
    return StateScore(
        key.camera,
        key.name,
        wrong / known if known > 0 else 0.0,
        unknown / end if end > 0 else 0.0,
        flips,
        true_flips,
        (flips - true_flips) * 3600 / end if end > 0 else 0.0,
    )


def _of(marks: Sequence[Mark], key: Key) -> list[Mark]:
    return [mark for mark in marks if (mark.camera, mark.name) == key[:2]]


def _steps(marks: Sequence[Mark], key: Key) -> list[tuple[float, bool | None]]:
    """(s, state from then on), by time, from the beginning."""
    said = sorted(_of(marks, key), key=lambda mark: mark.at)
    first = next((STATES[mark.kind] for mark in said if mark.kind in STATES), True)
    state: bool | None = not first
    steps, last = [(float("-inf"), state)], state
    for mark in said:
        if mark.kind == UNKNOWN:
            last, state = state if state is not None else last, None
        elif mark.kind == KNOWN:
            state = last
        elif mark.kind in STATES:
            state = STATES[mark.kind]
        steps.append((mark.at, state))
    return steps


def _state_at(steps: Sequence[tuple[float, bool | None]], at: float) -> bool | None:
    return [state for since, state in steps if since <= at][-1]
