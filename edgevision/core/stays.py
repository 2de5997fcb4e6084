"""Who is inside something, and since when, from what is seen of each object.

A change has to last for `hold` to be believed, both ways, so that one who stands on the border does not come
and go with every frame; the time of a stay still counts from the first to the last moment inside. Who is
hidden stays. Who is lost inside stays for `hold`, too, and if a new id appears where the lost one was, that
is the same object and its stay goes on.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edgevision.core.moments import EPSILON
from edgevision.core.types import Track

HANDOVER = 1.0  # s: within this, or within `hold`, a new id may go on with the stay of one that is not seen
NEAR = 0.5  # heights between the two
SIZES = 1.5  # the factor by which their heights may differ
MOST_LOST = 1000  # inside for `hold` still, but not known to the tracker; the longest lost go first


@dataclass(slots=True)
class Stay:
    """One object that is inside, or was, or perhaps will be."""

    track: Track  # as last seen inside
    since: float  # s: when it came
    until: float  # s: when it was last seen inside
    inside: bool = False  # as believed
    lost: bool = False  # it was not seen outside: the tracker forgot it
    doubted: bool = False  # nothing could be seen since `until`: when it left, if it did, is not known
    told: bool = False  # its owner said already what is said once
    differs: float | None = None  # s: since when it looks different from what is believed

    @property
    def seconds(self) -> float:
        """How long it was seen to last."""
        return self.until - self.since


class Stays:
    """Everybody's stays. One small record for each object inside, or just outside."""

    def __init__(self, hold: float) -> None:
        self._hold = hold
        self._stays: dict[int, Stay] = {}  # by track id

    def __len__(self) -> int:
        return len(self._stays)

    def inside(self) -> list[Stay]:
        """Who is inside, as believed."""
        return [stay for stay in self._stays.values() if stay.inside]

    def has(self, id: int) -> bool:
        """Whether that track is inside, as believed."""
        return id in self._stays and self._stays[id].inside

    def update(self, tracks: Sequence[Track], inside: Sequence[bool], ts: float) -> Iterator[Stay]:
        """All tracks of a frame, with whether each looks inside; those not seen in it look like nothing.

        Gives each stay of which something else is believed from now on, at the moment it is. To be
        consumed to its end.
        """
        seen = {track.id for track in tracks if track.missed == 0}
        for track, is_inside in zip(tracks, inside, strict=True):
            if track.id in seen and self._look(track, is_inside, ts, seen):
                yield self._stays[track.id]
        yield from self._forget({track.id for track in tracks}, ts)

    def rest(self, there: Collection[int], ts: float) -> None:
        """Nothing has moved up to `ts`: those of these ids that looked inside did so all the time."""
        for id in self._stays.keys() & set(there):
            stay = self._stays[id]
            if stay.inside == (stay.differs is None):
                stay.until = ts

    def blind(self) -> None:
        """Nothing can be seen from now on until the next `update`."""
        for stay in self._stays.values():
            stay.doubted, stay.differs = True, None

    def _look(self, track: Track, inside: bool, ts: float, seen: set[int]) -> bool:
        """Whether what is believed of it has changed."""
        stay = self._stays.get(track.id)
        if stay is None and inside:
            stay = self._stays[track.id] = self._handed_over(track, ts, seen) or Stay(track, ts, ts)
        if stay is None:
            return False
        stay.doubted = False
        if inside:
            stay.track, stay.until = track, ts
        if inside == stay.inside:
            stay.differs = None
            if not inside:
                del self._stays[track.id]
            return False
        stay.differs = ts if stay.differs is None else stay.differs
        if ts - stay.differs < self._hold - EPSILON:
            return False
        stay.since = stay.differs if inside else stay.since
        stay.inside, stay.differs = inside, None
        return True

    def _handed_over(self, new: Track, ts: float, seen: set[int]) -> Stay | None:
        """The stay of the nearest one that is not seen any more, if a new id appeared there after that."""
        height = float(new.box[3] - new.box[1])
        born = ts - new.age  # who was there before the other vanished is somebody else
        gaps = []
        for id, stay in self._stays.items():
            gone = id not in seen and born > stay.until + EPSILON
            if gone and ts - stay.until <= max(HANDOVER, self._hold) + EPSILON:
                ratio = height / float(stay.track.box[3] - stay.track.box[1])
                if 1 / SIZES <= ratio <= SIZES:
                    gaps.append((float(np.hypot(*(new.anchor - stay.track.anchor))) / height, id))
        gap, nearest = min(gaps, default=(np.inf, 0))
        return self._stays.pop(nearest) if gap <= NEAR else None

    def _forget(self, known: set[int], ts: float) -> Iterator[Stay]:
        lost = [(stay.until, id) for id, stay in self._stays.items() if id not in known]
        lost.sort()
        for number, (until, id) in enumerate(lost):
            stay = self._stays[id]
            crowded_out = len(lost) - number > MOST_LOST
            if stay.inside and not crowded_out and ts - until < self._hold - EPSILON:
                continue
            del self._stays[id]
            if stay.inside:
                stay.inside, stay.lost = False, stay.differs is None
                yield stay
