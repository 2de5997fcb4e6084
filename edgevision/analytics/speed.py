"""How fast objects go, from the time they take between two lines that are a known distance apart.

The moments at which an object is on the lines are known better than the frame rate (LineCounter interpolates
between its sightings). What is slower or faster than is believable was an object that stopped on the way,
or two objects under one id, and tells nothing.
"""

from collections.abc import Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from edgevision.analytics.line import IN, OUT
from edgevision.core.types import Finding, Size, Track
from edgevision.settings import Name, Settings, as_tuple

KEY = "speeds"
THERE, BACK = "speed", "speed_back"
KMH = 3.6  # km/h in a m/s


class Config(Settings):
    """A stretch of road to measure speeds on."""

    lines: Annotated[
        tuple[Name, Name],
        BeforeValidator(as_tuple, json_schema_input_type=list[str]),
        Field(description="two of this camera's `lines`, both across the road"),
    ]
    metres: float = Field(gt=0, le=10_000, description="between the lines, along the road")
    slowest: float = Field(1.0, ge=0, description="km/h; below it is no speed but a stop")
    fastest: float = Field(250.0, gt=0, description="km/h; above it is a mistake")

    @model_validator(mode="after")
    def _sensible(self) -> "Config":
        if self.lines[0] == self.lines[1]:
            raise ValueError("a speed needs two lines: `lines` names the same one twice")
        if self.slowest >= self.fastest:
            raise ValueError(f"slowest: {self.slowest:g} km/h is not below fastest: {self.fastest:g} km/h")
        return self


class SpeedTrap:
    """Goes by what two lines find. Remembers one moment per track that the tracker remembers."""

    kinds = (THERE, BACK)

    def __init__(self, config: Config) -> None:
        self._config = config
        self._heard: list[tuple[float, str, Finding]] = []  # of this frame: when, which line, what
        self._met: dict[int, tuple[str, float]] = {}  # id -> the line it was on last, and when (s)

    def hear(self, name: str, finding: Finding, ts: float) -> None:
        if name in self._config.lines and finding.kind in (IN, OUT):
            self._heard.append((ts if finding.at is None else finding.at, name, finding))

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        found = self.finish()
        known = {track.id for track in tracks}
        self._met = {id: met for id, met in self._met.items() if id in known}
        return found

    def finish(self) -> list[Finding]:
        """What follows from what was heard, in order of time."""
        heard = sorted(self._heard, key=lambda heard: heard[0])
        self._heard.clear()
        return [found for at, name, finding in heard for found in self._measure(at, name, finding)]

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> None:
        return None

    def _measure(self, at: float, name: str, finding: Finding) -> list[Finding]:
        assert finding.track_id is not None  # what crosses a line is a track
        before, since = self._met.get(finding.track_id, (name, at))
        self._met[finding.track_id] = (name, at)
        if before == name or at <= since:
            return []
        speed = self._config.metres / (at - since) * KMH
        if not self._config.slowest <= speed <= self._config.fastest:
            return []
        kind = THERE if name == self._config.lines[1] else BACK
        return [finding.so(kind, round(speed, 1), at)]


def build(config: Config) -> SpeedTrap:
    return SpeedTrap(config)
