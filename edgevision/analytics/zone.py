"""What is inside an area: who enters, who leaves, how many are there, how long they stay.

An object is inside while its bottom centre is, and it is one of `classes`. Both ways that has to last for
`hold` to be believed (edgevision.core.stays says what that means for who is hidden or lost).

While the camera is blind it is not known how many are inside. Who is seen again afterwards under the same id
has neither left nor entered, and stayed all the time. Who is not has `left`, so that entered less left is
always how many are inside; but how long that stay was, nobody saw, so there is no `dwell`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import Field

from edgevision.analytics.limits import Limits, Many
from edgevision.core.durations import Durations
from edgevision.core.geometry import inside_polygon
from edgevision.core.stays import Stay, Stays
from edgevision.core.types import Finding, Floats, Shape, Size, Track
from edgevision.settings import Duration, Polygon, Settings

KEY = "zones"
ENTERED, LEFT, DWELL, STAYS_ON = "entered", "left", "dwell", "stays_on"
CROWDED, CLEARED = "crowded", "cleared"


class Config(Settings):
    """An area to watch."""

    polygon: Polygon
    classes: list[str] = Field([], description="watch only these; all when left out")
    hold: Duration = Field(0.5, description="how long a change must last to be believed")
    dwell: bool = Field(False, description="also report how long each object stayed, when it leaves")
    crowd: Limits | None = Field(None, description="report when too many are inside: above, below, hold")


class Zone:
    """Watches one polygon. Remembers one small record per object inside."""

    def __init__(self, config: Config) -> None:
        self.stays = Durations()  # of those that are over, since the count began
        self._config = config
        self._inside = Stays(config.hold)
        self._crowd = Many(config.crowd, CROWDED, CLEARED) if config.crowd else None
        self._blind = False
        self._now = 0.0  # s: the last frame
        dwell = (DWELL, STAYS_ON) if config.dwell else ()
        self.kinds: Sequence[str] = (ENTERED, LEFT, *dwell, *(self._crowd.kinds if self._crowd else ()))

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        self._blind, self._now = False, ts
        changed = self._inside.update(tracks, self._looks_inside(tracks, size), ts)
        findings = [finding for stay in changed for finding in self._tell(stay)]
        if self._crowd:
            findings += self._crowd.judge(self._inside.inside(), ts)
        return findings

    def rest(self, there: Collection[int], ts: float) -> None:
        self._inside.rest(there, ts)

    def finish(self) -> list[Finding]:
        """Who is inside when a file ends has not left. The stay so far is told as `stays_on` and not as
        `dwell`: among stays that are over it would be one that is too short."""
        if not self._config.dwell:
            return []
        return [
            Finding.about(stay.track, STAYS_ON, round(stay.seconds, 3), at=self._now)
            for stay in self._inside.inside()
        ]

    def occupancy(self) -> int | None:
        """None while the camera is blind."""
        return None if self._blind else len(self._inside.inside())

    def shape(self, size: Size) -> Shape:
        text = "?" if self._blind else str(self.occupancy())
        if self._crowd and self._crowd.limit.is_above:
            text += ", crowded"
        if len(self.stays):
            text += f"; stays {self.stays.text()}"
        return Shape(self._polygon(size), closed=True, text=text)

    def blind(self, ts: float) -> list[Finding]:
        self._blind = True
        self._inside.blind()
        if self._crowd:
            self._crowd.limit.forget()
        return []

    def keep(self, ts: float) -> dict[str, Any]:
        """How long stays were, and whether it was crowded. Who is inside has another id after a restart, and
        enters anew."""
        kept: dict[str, Any] = {"stays": self.stays.keep()} if self._config.dwell else {}
        return kept | ({"crowd": self._crowd.keep()} if self._crowd else {})

    def resume(self, kept: Mapping[str, Any], ts: float) -> None:
        if self._config.dwell and "stays" in kept:
            self.stays.resume(kept["stays"])
        if self._crowd and "crowd" in kept:
            self._crowd.resume(kept["crowd"])

    def _polygon(self, size: Size) -> Floats:
        return np.array(self._config.polygon, np.float32) * np.array(size, np.float32)

    def _looks_inside(self, tracks: Sequence[Track], size: Size) -> list[bool]:
        anchors = np.array([track.anchor for track in tracks], np.float32).reshape(-1, 2)
        there = inside_polygon(self._polygon(size), anchors).tolist()
        return [
            is_there and track.is_one_of(self._config.classes)
            for track, is_there in zip(tracks, there, strict=True)
        ]

    def _tell(self, stay: Stay) -> list[Finding]:
        count = len(self._inside.inside())
        if stay.inside:
            return [Finding.about(stay.track, ENTERED, count)]
        findings = [Finding.about(stay.track, LEFT, count)]
        if self._config.dwell and not stay.doubted:
            seconds = round(stay.seconds, 3)
            self.stays.add(seconds)
            findings.append(Finding.about(stay.track, DWELL, seconds))
        return findings


def build(config: Config) -> Zone:
    return Zone(config)
