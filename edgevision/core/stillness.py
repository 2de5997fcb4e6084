"""Whether anything moves in a camera's picture, so that the network need not look at one that stands still.

The picture comes made small; each of its pixels, a cell, is the mean of some of the picture's. A cell is
compared with what it was in the last picture that the network was given, not in the one before: so what
moves slowly adds up until it shows. It has changed when it differs by more than its own noise, which is
learnt: that of the sensor, of the encoder, whose pictures differ a little after each keyframe, of thin rain.
What changes by more than LOUD is never taken for noise: where leaves or water move, it goes on looking.

What is the same over the whole picture is the light, or the camera's exposure, and is taken off. Few cells
are noise, if they do not stand out by far: an encoder gets blocks of 16 x 16 pixels wrong by some levels.
"""

from typing import NamedTuple

import numpy as np

from edgevision.core.moments import EPSILON
from edgevision.core.types import Floats

DEVIATIONS = 5.0  # of its noise: by more, a cell has changed
FAINT, LOUD = 3.5, 10.0  # grey levels, 0..255: by less no cell has changed, by more it has in any case
PAIR, ALONE = 2.0, 3.0  # times as much, where fewer than four cells side by side have changed
STRANGE = (
    6.0  # grey levels: a change counts as no more when noise is learnt, or traffic would make cells deaf
)
MEMORY = 30.0  # s in which noise is followed by 63 %
PAUSE = 0.2  # s between two pictures that noise is learnt from
SPAN = 10.0  # s: over which differences are noise: one keyframe at least lies in it, of most cameras
FIRST = 25  # pictures whose mean is the first noise that is known; and between two looks at what is usual
GUESS = 1.0  # grey levels: noise until then
FEWEST = (
    10  # looks after each movement, however few a second there are: a track needs some to begin and to end
)


class WhenStill(NamedTuple):
    """How a camera is looked at that shows nothing new."""

    after: float  # s without movement until it counts as still
    look_every: float  # s between two looks from then on


class Stillness:
    """Of one camera, for pictures in order of time. Bounded: four small pictures."""

    def __init__(self, settings: WhenStill) -> None:
        self._settings = settings
        self._given: Floats | None = None  # the last picture that the network was given
        self._moved: Floats | None = None  # that in which something moved at last
        self._old: Floats | None = None  # of SPAN s ago at most
        self._old_at = -np.inf  # s
        self._noise: Floats = np.zeros((0, 0), np.float32)  # mean square of differences, by cell
        self._usual = GUESS**2  # the noise of half the cells is less
        self._learnt = 0  # pictures
        self._looks = 0  # since something moved
        self._last = self._looked_at = self._moved_at = -np.inf  # s
        self._anew = False

    def wants(self, small: Floats, ts: float) -> bool:
        """Whether the network is to look at the picture of `ts` s: (h, w) float32 grey levels, 0..255. Yes
        means that it is given."""
        given, moved = self._given, self._moved
        if given is None or moved is None or given.shape != small.shape:
            self._noise, self._usual, self._learnt = np.full_like(small, GUESS**2), GUESS**2, 0
            moved = given = small
            self._anew = True
        looks = ts - self._moved_at < self._settings.after - EPSILON or self._looks < FEWEST
        change = difference(small, moved if looks else given)
        if self._anew or has_changed(change, np.maximum(self._noise, self._usual)):
            self._anew, looks = False, True
            self._moved, self._moved_at, self._looks = small, ts, 0
        self._learn(small, ts)
        if not looks and ts - self._looked_at < self._settings.look_every - EPSILON:
            return False
        self._given, self._looked_at = small, ts
        self._looks += 1
        return True

    def lost(self, pictures: int) -> None:
        """The network did not get so many of those that it was given: newer ones took their place."""
        self._looks -= pictures

    def anew(self) -> None:
        """Look at what comes next as after a movement; may be called by any thread."""
        self._anew = True

    def _learn(self, small: Floats, ts: float) -> None:
        if ts - self._last < PAUSE - EPSILON:
            return
        if self._old is None or self._old.shape != small.shape or ts - self._old_at >= SPAN:
            self._old, self._old_at = small, ts
        change = difference(small, self._old)
        share = 1 / (self._learnt + 2) if self._learnt < FIRST else min(ts - self._last, 1.0) / MEMORY
        self._noise += np.float32(share) * (np.minimum(change * change, np.float32(STRANGE**2)) - self._noise)
        self._learnt, self._last = self._learnt + 1, ts
        if self._learnt % FIRST == 0:
            # A keyframe is rare: what it does to one cell is learnt late, to all of them soon.
            self._usual = float(np.median(self._noise[::3, ::3]))


def difference(one: Floats, other: Floats) -> Floats:
    """By how much cells (h, w) differ, less what is common to half of them."""
    change: Floats = one - other
    change -= np.median(change[::3, ::3])  # of every ninth: all take ten times as long
    return change


def has_changed(change: Floats, noise: Floats) -> bool:
    """Whether differences (h, w), in grey levels, are more than noise, (h, w) of its mean square."""
    share = change * change / np.clip(DEVIATIONS**2 * noise, FAINT**2, LOUD**2)
    more = share > 1
    rows = more[1:] & more[:-1]
    if (rows[:, 1:] & rows[:, :-1]).any():
        return True
    more = share > PAIR**2
    return bool((more[1:] & more[:-1]).any() or (more[:, 1:] & more[:, :-1]).any() or share.max() > ALONE**2)
