"""One object's way over a line: on which side it is, and which change of sides is a crossing.

A side is taken where the object is clear of a band around the line. A change of sides is believed once the
object has stayed clear on the new side for `hold` seconds, or is not seen any more; if it shows up on the
old side before that, or back in the band, nothing has happened. So a box that jumps over and back is no
crossing, at whatever frame rate, and a fast object that is seen once on each side is one.

The first sightings need more care, because there is no past to judge them by. If the old side was not held
either, and the object came over by one big jump, its speed during the jump is compared with that before
and after: what really crosses goes on as it came, a box that was wrong at first stands where it belongs.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from edgevision.core.geometry import crossing_position
from edgevision.core.moments import EPSILON
from edgevision.core.types import Floats

BIG_STEP = 0.5  # heights: a smaller step between two sightings is jitter or walking, and proves nothing
SAME_SPEED = 0.25  # of the speed of a big step, before or after it: the object really moves like that
RECENT = 5  # sightings that tell an object's velocity


class Sighting(NamedTuple):
    """Where an object was seen, with respect to a line."""

    at: float  # s
    place: Floats  # (2,) px
    distance: float  # px from the line, positive on its right-hand side
    side: int  # 1 right, -1 left, 0 within the band
    height: float  # px, of the object


class Crossing(NamedTuple):
    """A change of sides, wherever on the endless line."""

    side: int  # 1 to the right, -1 to the left
    at: float  # s: when the object was on the line
    position: float  # along the line: 0 at its start, 1 at its end; beyond, it went round


@dataclass(slots=True)
class _Change:
    """A change of sides that may turn out to be none."""

    first: Sighting  # the first one clear on the new side
    last: Sighting
    step: float  # px, the largest between two sightings on the way over
    step_speed: float  # px/s, of that
    before: float | None  # px/s towards the line on the old side; None if it was seen there once only


class Passage:
    """What is known of one object; `see` it in order of time."""

    __slots__ = ("_change", "_first", "_hold", "_met", "_recent", "_settled", "_step", "_step_speed", "side")

    def __init__(self, hold: float) -> None:
        self.side = 0  # 1 right, -1 left: believed; 0 not known yet
        self._recent: deque[Sighting] = deque(maxlen=RECENT)
        self._hold = hold
        self._settled = False  # it has not left its side for `hold`
        self._first: Sighting | None = None  # the first one on its side
        self._met = (0.0, 0.0)  # s and position: where it last was on the line
        self._step = self._step_speed = 0.0  # the largest since it was last clear on its side
        self._change: _Change | None = None

    def see(self, now: Sighting, start: Floats, end: Floats) -> Crossing | None:
        """Take in the next sighting with respect to the line from start (2,) to end (2,), px."""
        before = self._recent[-1] if self._recent else now
        self._recent.append(now)
        self._move(before, now, start, end)
        if self._first and now.side != -self.side and now.at - self._first.at >= self._hold - EPSILON:
            self._settled = True
        if now.side == 0:
            self._change = None
        elif self.side == 0:
            self.side, self._first = now.side, now
            self._step, self._step_speed = 0.0, 0.0
        elif now.side == self.side:
            self._change, self._step, self._step_speed = None, 0.0, 0.0
        else:
            return self._leave(before, now)
        return None

    def rest(self, until: float) -> None:
        """It has not moved up to that moment."""
        self._recent.append(self.last._replace(at=until))

    def leave(self) -> Crossing | None:
        """Nothing more will be seen of it: what nothing spoke against is believed."""
        return self._decide() if self._change else None

    @property
    def last(self) -> Sighting:
        """Where it was last seen; not before it was seen."""
        return self._recent[-1]

    def velocity(self) -> Floats:
        """(2,) px/s over its last sightings; 0 if there was one."""
        old, new = self._recent[0], self._recent[-1]
        velocity: Floats = (new.place - old.place) / max(new.at - old.at, EPSILON)
        return velocity

    def approach(self) -> float:
        """px/s to the right-hand side of the line over its last sightings."""
        return _speed(self._recent[0], self._recent[-1]) or 0.0

    def _move(self, before: Sighting, now: Sighting, start: Floats, end: Floats) -> None:
        step = abs(now.distance - before.distance)
        if step >= self._step:
            self._step, self._step_speed = step, step / max(now.at - before.at, EPSILON)
        if (before.distance < 0) != (now.distance < 0):
            part = before.distance / (before.distance - now.distance)
            position = crossing_position(start, end, before.place, now.place)
            self._met = (before.at + part * (now.at - before.at), position)

    def _leave(self, before: Sighting, now: Sighting) -> Crossing | None:
        if self._change is None:
            came = _speed(self._first, before) if self._first else None
            came = None if came is None else came * now.side
            self._change = _Change(now, now, self._step, self._step_speed, came)
        self._change.last = now
        return self._decide() if now.at - self._change.first.at >= self._hold - EPSILON else None

    def _decide(self) -> Crossing | None:
        """Take the new side; the crossing, unless the old side was a mistake."""
        change = self._change
        assert change is not None
        crossed = self._settled or _plausible(change)
        self.side, self._first, self._change = change.first.side, change.first, None
        self._settled = change.last.at - change.first.at >= self._hold - EPSILON
        self._step, self._step_speed = 0.0, 0.0
        return Crossing(self.side, *self._met) if crossed else None


def _plausible(change: _Change) -> bool:
    """Whether an object came over that was not seen long enough before: see the top of this file."""
    if change.step <= BIG_STEP * change.first.height:
        return True
    after = _speed(change.first, change.last)
    speeds = [change.before, None if after is None else after * change.first.side]
    known = [speed for speed in speeds if speed is not None]
    return not known or max(known) >= SAME_SPEED * change.step_speed


def _speed(one: Sighting, other: Sighting) -> float | None:
    """px/s to the right-hand side; None within one moment."""
    seconds = other.at - one.at
    return (other.distance - one.distance) / seconds if seconds > EPSILON else None


def sightings(
    times: Sequence[float], places: Floats, distances: Floats, heights: Floats, band: float
) -> list[Sighting]:
    """Times s, places (N, 2) px, distances and heights (N,) px; `band` is half its width in heights."""
    sides = np.where(np.abs(distances) > band * heights, np.sign(distances), 0).astype(int)
    columns = (times, places, distances.tolist(), sides.tolist(), heights.tolist())
    return [Sighting(*row) for row in zip(*columns, strict=True)]
