"""How many objects crossed a line, each way.

                  from ───────────────→ to
       walking from `from` to `to`, an object that passes
       from your left hand to your right hand goes IN  (crossed_in),
       from your right hand to your left hand goes OUT (crossed_out).

For a line drawn from left to right in the picture, IN is downwards.

An object has to leave a band around the line on the other side to be counted, so one that stops on the
line and jitters, or comes up to it and turns back, is not. What crosses must cross between the line's
ends: walking round an end is not crossing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import Field, model_validator

from edgevision.core.geometry import crossing_position, signed_distance
from edgevision.core.types import Finding, Floats, Shape, Size, Track
from edgevision.settings import Point, Settings

KEY = "lines"
IN, OUT = "crossed_in", "crossed_out"


class Config(Settings):
    """A line to count at."""

    from_: Point = Field(alias="from")
    to: Point
    classes: list[str] = Field([], description="count only these; all when left out")
    band: float = Field(0.1, ge=0, le=1, description="half width of the dead band, as a share of box height")

    @model_validator(mode="after")
    def _has_length(self) -> "Config":
        if self.from_ == self.to:
            raise ValueError("the line has no length: `from` and `to` are the same point")
        return self


@dataclass(slots=True)
class _Passage:
    """Where one object stands towards the line."""

    side: int  # -1 left, 1 right: the side it was last seen on, clear of the band; 0 not yet
    last: Floats  # (2,) px: its anchor when last seen
    position: float  # along the line at which it last changed sides, 0..1 between the ends


class LineCounter:
    """Counts crossings of one line. Remembers one small record per track that the tracker remembers."""

    kinds = (IN, OUT)

    def __init__(self, config: Config) -> None:
        self._config = config
        self._passages: dict[int, _Passage] = {}
        self.counts = {IN: 0, OUT: 0}

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        start, end = self._ends(size)
        findings = []
        for track in tracks:
            if track.missed == 0 and track.is_one_of(self._config.classes):
                findings += self._follow(track, start, end)
        known = {track.id for track in tracks}
        self._passages = {id: passage for id, passage in self._passages.items() if id in known}
        return findings

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> Shape:
        text = f"in {self.counts[IN]}  out {self.counts[OUT]}"
        return Shape(np.stack(self._ends(size)), closed=False, text=text)

    def _ends(self, size: Size) -> tuple[Floats, Floats]:
        scale = np.array(size, np.float32)
        return np.array(self._config.from_, np.float32) * scale, np.array(self._config.to, np.float32) * scale

    def _follow(self, track: Track, start: Floats, end: Floats) -> list[Finding]:
        band = self._config.band * (track.box[3] - track.box[1])
        passage = self._passages.setdefault(track.id, _Passage(0, track.trail[0], 0.0))
        findings = []
        for anchor, distance in zip(track.trail, signed_distance(start, end, track.trail), strict=True):
            before = signed_distance(start, end, passage.last[None])[0]
            if (before < 0) != (distance < 0):
                passage.position = crossing_position(start, end, passage.last, anchor)
            passage.last = anchor
            side = int(np.sign(distance)) if abs(distance) > band else 0
            if not side or side == passage.side:
                continue
            if passage.side and 0 <= passage.position <= 1:
                findings.append(self._count(track, IN if side > 0 else OUT))
            passage.side = side
        return findings

    def _count(self, track: Track, kind: str) -> Finding:
        self.counts[kind] += 1
        return Finding.about(track, kind, self.counts[kind])


def build(config: Config) -> LineCounter:
    return LineCounter(config)
