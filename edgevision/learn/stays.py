"""Which tracks stand still, where, and for how long."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgevision.core.types import Floats, Track
from edgevision.learn.places import STILL, Places, Stay, shift

SHORTEST = 2.0  # s: what stands for less is passing
UNSEEN = 10.0  # s after which a stay is over whose object is not seen


@dataclass(slots=True)
class _Open:
    """A stay that goes on."""

    begin: float  # s
    end: float  # s: last seen
    box: Floats  # (4,) px: mean of those seen
    count: int


class Stays:
    """Feed it every frame's tracks. It remembers at most 1000 stays that go on, as many as a tracker follows,
    and what `Places` keeps of those that ended."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._open: dict[int, _Open] = {}  # by track id

    def update(self, tracks: Sequence[Track], ts: float) -> None:
        """The vehicles of one frame; ts in seconds, rising."""
        for track in tracks:
            if track.missed == 0:
                self._see(track, ts)
        for id, stay in list(self._open.items()):
            if ts - stay.end > UNSEEN:
                self._close(id)

    def finish(self) -> None:
        """No frame will come any more."""
        for id in list(self._open):
            self._close(id)

    def _see(self, track: Track, ts: float) -> None:
        box = np.asarray(track.box, np.float64)
        stay = self._open.get(track.id)
        if stay and shift(stay.box, box) <= STILL:
            stay.count += 1
            stay.box += (box - stay.box) / stay.count
            stay.end = ts
            return
        if stay:
            self._close(track.id)
        self._open[track.id] = _Open(ts, ts, box.copy(), 1)

    def _close(self, id: int) -> None:
        stay = self._open.pop(id)
        if stay.end - stay.begin >= SHORTEST:
            self._places.add(Stay(stay.begin, stay.end, stay.box))
