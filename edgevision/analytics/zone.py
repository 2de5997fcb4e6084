"""What is inside an area: who enters, who leaves, how many are there, how long they stay.

An object is inside while its bottom centre is. Both ways it has to stay for `hold` before that is
believed, so that one standing on the border does not enter and leave with every frame; the time of the
stay is still counted from the first to the last moment inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field

from edgevision.core.geometry import inside_polygon
from edgevision.core.types import Finding, Floats, Shape, Size, Track
from edgevision.settings import Duration, Polygon, Settings

KEY = "zones"
ENTERED, LEFT, DWELL = "entered", "left", "dwell"


class Config(Settings):
    """An area to watch."""

    polygon: Polygon
    classes: list[str] = Field([], description="watch only these; all when left out")
    hold: Duration = Field(0.5, description="how long a change must last to be believed")
    dwell: bool = Field(False, description="also report how long each object stayed, when it leaves")


@dataclass(slots=True)
class _Visit:
    """One object's relation to the zone."""

    track: Track  # as last seen
    inside: bool  # as believed
    since: float  # s: when this visit began
    until: float  # s: when it was last seen inside
    differs: float | None  # s: since when it looks different from what is believed


class Zone:
    """Watches one polygon. Remembers one small record per track that the tracker remembers."""

    kinds: Sequence[str]

    def __init__(self, config: Config) -> None:
        self.kinds = (ENTERED, LEFT, DWELL) if config.dwell else (ENTERED, LEFT)
        self._config = config
        self._visits: dict[int, _Visit] = {}

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        findings = []
        watched = [track for track in tracks if track.is_one_of(self._config.classes)]
        for track, inside in zip(watched, self._inside(watched, size), strict=True):
            if track.missed == 0:
                findings += self._look(track, bool(inside), ts)
        known = {track.id for track in watched}
        for gone in [id for id in self._visits if id not in known]:
            visit = self._visits.pop(gone)
            if visit.inside:
                findings += self._leave(visit)
        return findings

    def occupancy(self) -> int:
        return sum(visit.inside for visit in self._visits.values())

    def shape(self, size: Size) -> Shape:
        return Shape(self._polygon(size), closed=True, text=str(self.occupancy()))

    def _polygon(self, size: Size) -> Floats:
        return np.array(self._config.polygon, np.float32) * np.array(size, np.float32)

    def _inside(self, tracks: Sequence[Track], size: Size) -> np.ndarray:
        anchors = np.array([track.anchor for track in tracks], np.float32).reshape(-1, 2)
        return inside_polygon(self._polygon(size), anchors)

    def _look(self, track: Track, inside: bool, ts: float) -> list[Finding]:
        visit = self._visits.setdefault(track.id, _Visit(track, False, ts, ts, None))
        visit.track = track
        if inside:
            visit.until = ts
        if inside == visit.inside:
            visit.differs = None
            return []
        visit.differs = ts if visit.differs is None else visit.differs
        if ts - visit.differs < self._config.hold:
            return []
        if not inside:
            return self._leave(visit)
        visit.inside, visit.since, visit.differs = True, visit.differs, None
        return [Finding.about(track, ENTERED, self.occupancy())]

    def _leave(self, visit: _Visit) -> list[Finding]:
        track = visit.track
        visit.inside, visit.differs = False, None
        findings = [Finding.about(track, LEFT, self.occupancy())]
        if self._config.dwell:
            seconds = round(visit.until - visit.since, 3)
            findings.append(Finding.about(track, DWELL, seconds))
        return findings


def build(config: Config) -> Zone:
    return Zone(config)
