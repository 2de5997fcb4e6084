"""How many objects crossed a line, each way.

                  from ───────────────→ to
       walking from `from` to `to`, an object that passes
       from your left hand to your right hand goes IN  (crossed_in),
       from your right hand to your left hand goes OUT (crossed_out).

For a line drawn from left to right in the picture, IN is downwards.

An object has to leave a band around the line on the other side, and stay there for `hold`, to be counted: one
that stops on the line and jitters, or comes up to it and turns back, is not (edgevision.core.passage says
when a crossing is believed). What crosses must cross between the line's ends: walking round an end is not
crossing. Where a tracker loses an object near the line and finds it again under another id, the new id goes
on with what was known of the old one.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from edgevision.core.geometry import signed_distance
from edgevision.core.passage import Crossing, Passage, Sighting, sightings
from edgevision.core.types import Finding, Floats, Shape, Size, Track
from edgevision.settings import Duration, Point, Settings

KEY = "lines"
IN, OUT = "crossed_in", "crossed_out"

# Which point of the box crosses: its offset from the bottom centre, in widths and heights of the box.
ANCHORS = {"bottom": (0, 0), "center": (0, -0.5), "top": (0, -1), "left": (-0.5, -0.5), "right": (0.5, -0.5)}
LOST = 1.0  # s: what is unseen for so long will not speak against a crossing any more
HANDOVER = 1.0  # s: an object lost for longer than this is not taken up by a new id
NEAR = 0.5  # heights between where the old id should be and where the new one is
SIZES = 1.5  # the factor by which their heights may differ


class Config(Settings):
    """A line to count at."""

    from_: Point = Field(alias="from")
    to: Point
    classes: list[str] = Field([], description="count only these; all when left out")
    band: float = Field(0.1, ge=0, le=1, description="half width of the dead band, as a share of box height")
    hold: Duration = Field(0.2, description="how long an object must stay on the other side")
    anchor: Literal["bottom", "center", "top", "left", "right"] = Field(
        "bottom", description="which point of the box must cross: the middle of that side, or of the box"
    )

    @model_validator(mode="after")
    def _has_length(self) -> "Config":
        if self.from_ == self.to:
            raise ValueError("the line has no length: `from` and `to` are the same point")
        return self

    def ends(self, size: Size) -> tuple[Floats, Floats]:
        """(2,) and (2,) float32 px."""
        scale = np.array(size, np.float32)
        return np.array(self.from_, np.float32) * scale, np.array(self.to, np.float32) * scale


class LineCounter:
    """Counts crossings of one line. Remembers one small record per track that the tracker remembers."""

    kinds: Sequence[str] = (IN, OUT)

    def __init__(self, config: Config) -> None:
        self._config = config
        self._passages: dict[int, tuple[Passage, Track]] = {}  # by id, with the track as last seen
        self.counts = {IN: 0, OUT: 0}

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        ends = self._config.ends(size)
        seen = [track for track in tracks if track.missed == 0]
        now = {track.id for track in seen}
        findings: list[Finding] = []
        for track, places in zip(seen, self._sightings(seen, ts, ends), strict=True):
            passage = self._passage(track, places[0], now)
            self._passages[track.id] = (passage, track)
            for sighting in places:
                findings += self._count(passage.see(sighting, *ends), track)
        missed = {track.id: track.missed for track in tracks}
        for id, (passage, track) in list(self._passages.items()):
            if missed.get(id, np.inf) >= LOST:
                findings += self._count(passage.leave(), track)
            if id not in missed:
                del self._passages[id]
        return findings

    def rest(self, there: Collection[int], ts: float) -> None:
        for id in self._passages.keys() & set(there):
            self._passages[id][0].rest(ts)

    def finish(self) -> list[Finding]:
        """Who is beyond the band when a file ends is not seen to come back."""
        return [
            finding
            for passage, track in self._passages.values()
            for finding in self._count(passage.leave(), track)
        ]

    def go_on(self, counts: Mapping[str, int]) -> None:
        self.counts = {IN: 0, OUT: 0, **counts}

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> Shape:
        text = f"in {self.counts[IN]}  out {self.counts[OUT]}"
        return Shape(np.stack(self._config.ends(size)), closed=False, text=text)

    def _sightings(
        self, tracks: Sequence[Track], ts: float, ends: tuple[Floats, Floats]
    ) -> Iterator[list[Sighting]]:
        """Where each was since it was last reported, one place or more."""
        if not tracks:
            return
        boxes = np.array([track.box for track in tracks], np.float32)
        sides = boxes[:, 2:] - boxes[:, :2]
        lengths = [len(track.trail) for track in tracks]
        offsets = np.repeat(sides * np.array(ANCHORS[self._config.anchor], np.float32), lengths, axis=0)
        places = np.concatenate([track.trail for track in tracks]) + offsets
        heights = np.repeat(sides[:, 1], lengths)
        times = [at for track in tracks for at in _times(track, ts)]
        found = sightings(times, places, signed_distance(*ends, places), heights, self._config.band)
        for end, length in zip(accumulate(lengths), lengths, strict=True):
            yield found[end - length : end]

    def _passage(self, track: Track, first: Sighting, now: set[int]) -> Passage:
        """What is known of a track; of a new one, what is known of one that it continues and that is not seen
        now."""
        if track.id in self._passages:
            return self._passages[track.id][0]
        lost = [(_gap(old, first), id) for id, (old, _) in self._passages.items() if id not in now]
        gap, id = min(lost, default=(np.inf, 0))
        return self._passages.pop(id)[0] if gap <= NEAR else Passage(self._config.hold)

    def _count(self, crossing: Crossing | None, track: Track) -> Iterator[Finding]:
        if crossing is None or not 0 <= crossing.position <= 1 or not track.is_one_of(self._config.classes):
            return
        kind = IN if crossing.side > 0 else OUT
        self.counts[kind] += 1
        yield Finding.about(track, kind, self.counts[kind], at=crossing.at)


def _times(track: Track, ts: float) -> list[float]:
    """s, of each place of its trail: more than one when it has just been confirmed, all its life."""
    count = len(track.trail)
    return np.linspace(ts - track.age, ts, count).tolist() if count > 1 else [ts]


def _gap(old: Passage, new: Sighting) -> float:
    """Heights between where a lost object should be and where a new one is; `inf` if it cannot be that one.

    It may stand still or go on as it went. What shows up clear on the other side must have been on its
    way there, else the next in a queue would be taken for the one before it.
    """
    last = old.last
    if not 0 < new.at - last.at <= HANDOVER:
        return float("inf")
    if not 1 / SIZES <= new.height / last.height <= SIZES:
        return float("inf")
    if new.side and new.side == -old.side and old.approach() * new.side <= 0:
        return float("inf")
    ahead = last.place + old.velocity() * (new.at - last.at)
    gap = min(np.hypot(*(new.place - last.place)), np.hypot(*(new.place - ahead)))
    return float(gap) / new.height


def build(config: Config) -> LineCounter:
    return LineCounter(config)
