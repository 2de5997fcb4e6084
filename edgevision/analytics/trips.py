"""Where objects come from and where they go: a matrix of origins and destinations.

Places are lines and zones of the camera. Whoever crosses a line, either way, or enters a zone, is there;
from one place to the next is a trip, counted for that pair of places as `north>east`. Crossing the same
line again is a trip as well, a turn: `north>north`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, Field

from edgevision.analytics.line import IN, OUT
from edgevision.analytics.zone import ENTERED
from edgevision.core.types import Finding, Size, Track
from edgevision.settings import Name, Settings

KEY = "trips"
MOST = 8  # places, so that there are at most 64 kinds of trip: each is a series of the metrics


def _different(places: list[str]) -> list[str]:
    twice = [place for place, times in Counter(places).items() if times > 1]
    if twice:
        raise ValueError(f"{twice[0]} stands twice")
    return places


class Config(Settings):
    """Places between which to count."""

    places: Annotated[
        list[Name],
        Field(min_length=2, max_length=MOST, description="names of this camera's `lines` and `zones`"),
        AfterValidator(_different),
    ]


class Trips:
    """Goes by what lines and zones find. Remembers one place per track that the tracker remembers."""

    kinds: Sequence[str]

    def __init__(self, config: Config) -> None:
        self._places = frozenset(config.places)
        self.kinds = [f"{origin}>{destination}" for origin in config.places for destination in config.places]
        self._heard: list[tuple[float, str, Finding]] = []  # of this frame: when, which place, what
        self._last: dict[int, str] = {}  # id -> where it was last
        self.counts: Counter[str] = Counter()  # by kind

    def hear(self, name: str, finding: Finding, ts: float) -> None:
        if name in self._places and finding.kind in (IN, OUT, ENTERED):
            self._heard.append((ts if finding.at is None else finding.at, name, finding))

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        found = self.finish()
        known = {track.id for track in tracks}
        self._last = {id: place for id, place in self._last.items() if id in known}
        return found

    def finish(self) -> list[Finding]:
        """What follows from what was heard, in order of time."""
        heard = sorted(self._heard, key=lambda heard: heard[0])
        self._heard.clear()
        return [found for at, name, finding in heard for found in self._arrive(at, name, finding)]

    def go_on(self, counts: Mapping[str, int]) -> None:
        self.counts = Counter(counts)

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> None:
        return None

    def _arrive(self, at: float, name: str, finding: Finding) -> list[Finding]:
        assert finding.track_id is not None  # what is in a place is a track
        origin = self._last.get(finding.track_id)
        self._last[finding.track_id] = name
        if origin is None:
            return []
        kind = f"{origin}>{name}"
        self.counts[kind] += 1
        return [finding.so(kind, self.counts[kind], at)]


def build(config: Config) -> Trips:
    return Trips(config)
