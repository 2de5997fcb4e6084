"""What a place looks like: is this shelf section empty, is this barrier up?

A second network looks at the place's part of the picture every few seconds and gives it a label. Another
label than before has to last for `hold` to be believed, so one bad picture changes nothing. A place that
looks different is looked at again as soon as `hold` is over, not only after `every`.
"""

from collections.abc import Sequence

import numpy as np
from pydantic import Field

from edgevision.core.moments import EPSILON, next_due
from edgevision.core.types import Finding, Floats, Shape, Size, Track
from edgevision.settings import Duration, Polygon, Settings

KEY = "looks"
CHANGED = "changed"


class Config(Settings):
    """A place to look at."""

    model: str = Field(description="which of `models`; not a detector")
    polygon: Polygon
    every: Duration = Field(5.0, gt=0, description="how often to look")
    hold: Duration = Field(2.0, description="how long a change must last to be believed")


class Look:
    """The state of one place. The pipeline calls `see` when it has looked, which it does when it is due."""

    kinds: Sequence[str] = (CHANGED,)

    def __init__(self, config: Config) -> None:
        self._config = config
        self.state: str | None = None  # the label believed; None until the first one is
        self.due = -np.inf  # s
        self._since = 0.0  # s: when the state was first seen
        self._other: tuple[str, float] | None = None  # a label that differs, and since when it is seen
        self._findings: list[Finding] = []

    def see(self, label: str | None, score: float, ts: float) -> None:
        """What the network saw at `ts` (s); label: None if it is not sure, which tells nothing."""
        self.due = next_due(self.due, ts, self._config.every)
        if label is None:
            return
        if label == self.state:
            self._other = None
            return
        if self._other is None or self._other[0] != label:
            self._other = (label, ts)
        since = self._other[1]
        if ts - since >= self._config.hold - EPSILON:
            self._change(label, score, since)
        else:
            self.due = min(self.due, since + self._config.hold)

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        found, self._findings = self._findings, []
        return found

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> Shape:
        return Shape(self.polygon(size), closed=True, text=self.state or "?")

    def polygon(self, size: Size) -> Floats:
        """(K, 2) float32 px."""
        return np.array(self._config.polygon, np.float32) * np.array(size, np.float32)

    def _change(self, label: str, score: float, since: float) -> None:
        if self.state is not None:  # the first label that is believed changes nothing
            lasted = round(since - self._since, 3)
            self._findings.append(Finding(CHANGED, label, None, lasted, score, before=self.state))
        self.state, self._since, self._other = label, since, None


def build(config: Config) -> Look:
    return Look(config)
