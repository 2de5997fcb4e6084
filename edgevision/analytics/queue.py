"""How many wait in a queue, and how long.

An object is in the queue once it has been slow inside the polygon for `hold`, and until it has been outside
for as long; to move up with the queue is no leaving. Who only walks through is never in it. Speeds are in own
heights per second, as an object far away moves fewer pixels. The wait counts from the first slow moment to
the last one inside.

With a `front`, who was last seen near it was served, and who went elsewhere gave up. Who is lost to the
tracker far from the front tells nothing, and neither does who was in the queue when the camera went blind and
is not seen again.
"""

from collections.abc import Collection, Mapping, Sequence
from math import exp, hypot, inf
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, field_validator

from edgevision.analytics.limits import Limits, Many
from edgevision.core.durations import Durations, in_words
from edgevision.core.geometry import inside_polygon, segment_distance
from edgevision.core.stays import Stay, Stays
from edgevision.core.types import Finding, Floats, Shape, Size, Track
from edgevision.settings import Duration, Point, Polygon, Settings, as_tuple

KEY = "queues"
WAITED, GAVE_UP, WAITS_ON, LONG_WAIT = "waited", "gave_up", "waits_on", "long_wait"
LONG_QUEUE, SHORT_QUEUE = "long_queue", "short_queue"
MEMORY = 0.5  # s: over which a speed is the mean, so that a box that trembles is slow
REACH = 1.0  # heights between who is served and the front


def _two_points(value: Any) -> Any:
    if value is not None and (not isinstance(value, list | tuple) or len(value) != 2):
        raise ValueError(f"expected two points [[x, y], [x, y]], got {value!r}")
    return as_tuple(value)


class Config(Settings):
    """A place where people or vehicles wait."""

    polygon: Polygon
    front: Annotated[
        tuple[Point, Point] | None,
        BeforeValidator(_two_points, json_schema_input_type=list[list[float]]),
        Field(description="[[x, y], [x, y]]: where who was served leaves; left out: anywhere"),
    ] = None
    classes: list[str] = Field([], description="who can wait; all when left out")
    slow: float = Field(0.25, gt=0, description="own heights per second: who is faster walks through")
    hold: Duration = Field(2.0, description="how long one must be slow to wait, and outside to have left")
    long_wait: Duration | None = Field(None, gt=0, description="report who waits for longer")
    long_queue: Limits | None = Field(None, description="report when too many wait: above, below, hold")

    @field_validator("front")
    @classmethod
    def _has_length(cls, front: tuple[Point, Point] | None) -> tuple[Point, Point] | None:
        if front and front[0] == front[1]:
            raise ValueError("the front has no length: its two points are the same")
        return front


class Queue:
    """Watches one polygon. Remembers two small records per track that the tracker remembers."""

    def __init__(self, config: Config) -> None:
        self.waits = Durations()  # of those who were served, since the count began
        self._config = config
        self._waiting = Stays(config.hold)
        self._paces: dict[int, _Pace] = {}  # by track id
        self._many = Many(config.long_queue, LONG_QUEUE, SHORT_QUEUE) if config.long_queue else None
        self._blind = False
        self._now = 0.0  # s: the last frame
        self.kinds: Sequence[str] = (
            WAITED,
            *((GAVE_UP,) if config.front else ()),
            WAITS_ON,
            *((LONG_WAIT,) if config.long_wait else ()),
            *(self._many.kinds if self._many else ()),
        )

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        self._blind, self._now = False, ts
        changed = self._waiting.update(tracks, self._looks_waiting(tracks, ts, size), ts)
        findings = [finding for stay in changed for finding in self._end(stay, size)]
        waiting = self._waiting.inside()
        findings += self._long_waits(waiting)
        return findings + (self._many.judge(waiting, ts) if self._many else [])

    def rest(self, there: Collection[int], ts: float) -> None:
        self._waiting.rest(there, ts)

    def finish(self) -> list[Finding]:
        """Who waits when a file ends was not served: the wait so far, which is no `waited`."""
        return [
            Finding.about(stay.track, WAITS_ON, round(stay.seconds, 3), at=self._now)
            for stay in self._waiting.inside()
        ]

    def occupancy(self) -> int | None:
        """How many wait; None while the camera is blind."""
        return None if self._blind else len(self._waiting.inside())

    def longest(self) -> float:
        """Seconds that who waits longest has waited up to now; 0 if nobody does."""
        return max((self._so_far(stay) for stay in self._waiting.inside()), default=0.0)

    def gauges(self) -> Mapping[str, Mapping[tuple[str, ...], float]]:
        length = self.occupancy()
        known = (np.nan, np.nan) if length is None else (length, self.longest())
        names = ("queue_length", "queue_longest_wait_seconds")
        return {name: {(): value} for name, value in zip(names, known, strict=True)}

    def shape(self, size: Size) -> Shape:
        length = self.occupancy()
        text = "?" if length is None else str(length)
        if length:
            text += f", longest {in_words(self.longest())}"
        if self._many and self._many.limit.is_above:
            text += ", too long"
        if len(self.waits):
            text += f"; waits {self.waits.text()}"
        return Shape(_pixels(self._config.polygon, size), closed=True, text=text)

    def blind(self, ts: float) -> list[Finding]:
        self._blind = True
        self._waiting.blind()
        self._paces.clear()
        if self._many:
            self._many.limit.forget()
        return []

    def keep(self, ts: float) -> dict[str, Any]:
        """How long waits were, and whether the queue was too long. Who waits has another id after a restart,
        and begins to wait anew."""
        return {"waits": self.waits.keep()} | ({"long": self._many.keep()} if self._many else {})

    def resume(self, kept: Mapping[str, Any], ts: float) -> None:
        if "waits" in kept:
            self.waits.resume(kept["waits"])
        if self._many and "long" in kept:
            self._many.resume(kept["long"])

    def _looks_waiting(self, tracks: Sequence[Track], ts: float, size: Size) -> list[bool]:
        anchors = np.array([track.anchor for track in tracks], np.float32).reshape(-1, 2)
        inside = inside_polygon(_pixels(self._config.polygon, size), anchors).tolist()
        known = {track.id: self._paces.get(track.id) or _Pace(track, ts) for track in tracks}
        self._paces = known
        return [
            is_inside
            and track.is_one_of(self._config.classes)
            and (known[track.id].speed(track, ts) < self._config.slow or self._waiting.has(track.id))
            for track, is_inside in zip(tracks, inside, strict=True)
        ]

    def _end(self, stay: Stay, size: Size) -> list[Finding]:
        """What is told of who is not in the queue any more."""
        if stay.inside or stay.doubted:
            return []
        kind = WAITED
        if self._config.front:
            ends = _pixels(self._config.front, size)
            height = stay.track.box[3] - stay.track.box[1]
            if segment_distance(ends[0], ends[1], stay.track.anchor) > REACH * height:
                kind = GAVE_UP
        if kind == GAVE_UP and stay.lost:
            return []
        seconds = round(stay.seconds, 3)
        if kind == WAITED:
            self.waits.add(seconds)
        return [Finding.about(stay.track, kind, seconds)]

    def _so_far(self, stay: Stay) -> float:
        """Seconds that one who waits has waited. Who is hidden waits on; who looks outside does not."""
        return (self._now if stay.differs is None else stay.until) - stay.since

    def _long_waits(self, waiting: Sequence[Stay]) -> list[Finding]:
        limit = self._config.long_wait
        if limit is None:
            return []
        late = [stay for stay in waiting if not stay.told and self._so_far(stay) > limit]
        for stay in late:
            stay.told = True
        return [Finding.about(stay.track, LONG_WAIT, round(self._so_far(stay), 3)) for stay in late]


class _Pace:
    """An object's mean velocity of late, in plain numbers: numpy takes longer for two of them."""

    __slots__ = ("_at", "_down", "_right", "_weight", "_x", "_y")

    def __init__(self, track: Track, ts: float) -> None:
        self._x, self._y = track.anchor.tolist()
        self._at = ts
        self._right = self._down = 0.0  # heights/s, of its steps, later ones weighing more
        self._weight = 0.0  # of all of them

    def speed(self, track: Track, ts: float) -> float:
        """Heights per second, in the mean of MEMORY seconds; `inf` of one that was seen once only."""
        if track.missed == 0 and ts > self._at:
            x, y = track.anchor.tolist()
            _, top, _, bottom = track.box.tolist()
            long = (bottom - top) * (ts - self._at)
            share = 1 - exp(-(ts - self._at) / MEMORY)
            self._right += share * ((x - self._x) / long - self._right)
            self._down += share * ((y - self._y) / long - self._down)
            self._weight += share * (1 - self._weight)
            self._x, self._y, self._at = x, y, ts
        return hypot(self._right, self._down) / self._weight if self._weight else inf


def _pixels(points: Sequence[tuple[float, float]], size: Size) -> Floats:
    """(K, 2) float32 px."""
    return np.array(points, np.float32) * np.array(size, np.float32)


def build(config: Config) -> Queue:
    return Queue(config)
