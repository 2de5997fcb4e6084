"""Parking spots: which are free, which are taken and since when.

A spot is taken while a vehicle stands in it: one whose ground (see core/plots.py) covers TAKES of the spot,
or lies in it by as much, and which has not moved for STOOD seconds. A vehicle takes the spot that it covers
most, if no other covers that more; a second one only if it lies across both about equally. What moves takes
none.

That nothing is seen in a spot says something only where a car could be seen: another vehicle's box over it
hides it, as far as it covers it, and one that stands in no spot for certain may stand in any that it touches.
So a spot behind a halting truck stays as it was. For the rest see core/belief.py: a change must be seen for
`hold` seconds, longer where the network misses cars. No identity is needed for all that: a car that comes out
from behind a truck under a new id has not been away, and need not stand for STOOD seconds again.

After a start, and after the camera was blind, spots are unknown until there is as much evidence. A state
that is found again goes on, with its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from pydantic import Field, model_validator

from edgevision.core.belief import FREE, TAKEN, UNKNOWN, Belief
from edgevision.core.moments import EPSILON
from edgevision.core.plots import Plots
from edgevision.core.standing import Standing
from edgevision.core.types import Finding, Floats, PlaceState, Shape, Size, Track
from edgevision.placesfile import MOST, FromFile, Places
from edgevision.settings import Duration, Settings

KEY = "spots"
SINGLE = True
OCCUPIED, FREED, LOST, FOUND = "occupied", "freed", "unknown", "known"
NAMES = {UNKNOWN: "unknown", FREE: "free", TAKEN: "occupied"}
COLORS = {UNKNOWN: (160, 160, 160), FREE: (115, 158, 0), TAKEN: (0, 94, 213)}  # BGR, Okabe and Ito
PERSON = "person"  # takes no spot, unless `classes` says so

# Measured on 6 drawn car parks seen from 5 to 8 m (tests/analytics/lot.py, seeds 100 to 105): cars cover 0.67
# or more of their own spot, 0.61 of it in 19 of 20 cases if half of them is hidden, and 0.35 or less of
# others in 99 of 100.
TAKES = 0.5
WITHIN = 0.5  # of its ground lies in spots: less, and it stands in front of them
ACROSS, ALIKE = 0.4, 0.7  # of each of two spots, and the lesser share by this of the larger: across both
HIDES = 0.7  # a spot of which this share lies behind something tells nothing; chosen on the same seeds
REMEMBERED = 2.0  # s: what was not seen for longer hides nothing; it may be anywhere
STOOD = 1.0  # s a vehicle must not have moved to count as standing
AWAY, LONGER = 10.0, 2.0  # s between two frames, and times the pause before: longer, and the camera was away
CERTAIN = 1.0  # the confidence of what is about no vehicle


class Config(Settings):
    """The parking spots of a camera."""

    file: FromFile | None = Field(None, description="a YAML file with `places:`, relative to this one")
    places: Places = Field(default_factory=dict, description="name of each spot: three or more points")
    classes: list[str] = Field([], description="what takes a spot; all but people when left out")
    hold: Duration = Field(5.0, ge=1, description="how long a change must be seen to be believed")

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        twice = sorted({*(self.file or {})} & {*self.places})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands in the file and in `places`; choose another name")
        if not 0 < len(self.spots) <= MOST:
            raise ValueError(f"expected 1 to {MOST} spots, in `file:` or `places:`, got {len(self.spots)}")
        return self

    @property
    def spots(self) -> dict[str, tuple[tuple[float, float], ...]]:
        """Those of the file, then the others."""
        return {**(self.file or {}), **self.places}


class Spots:
    """Watches all spots of a camera. Remembers a few numbers and the last vehicle of each."""

    kinds: Sequence[str] = (OCCUPIED, FREED, LOST, FOUND)
    possible: Sequence[str] = tuple(NAMES.values())

    def __init__(self, config: Config) -> None:
        count = len(config.spots)
        self._config = config
        self.places: Sequence[str] = list(config.spots)
        self._belief = Belief(count, config.hold)
        self._standing = Standing()
        self._plots: tuple[Size, Plots] | None = None
        self._ts: float | None = None
        self._pause = 0.0  # s between the last two frames: keyframes may come every 20 s
        self._last = np.full(count, UNKNOWN)  # the state as it was last known, also while it is not
        self._since = np.zeros(count)  # s: when that began
        self._seen = np.zeros(count)  # s: when something was last seen standing there
        self._begun = np.full(
            count, np.nan
        )  # s: since when something stands there, until it is believed gone
        self._lost = np.full(count, np.nan)  # s: since when it is unknown, if that was told
        self._who: list[Track | Finding] = [Finding(OCCUPIED, "", None, 0, 0.0)] * count  # the last there
        self._states = {name: PlaceState(NAMES[UNKNOWN], None, None) for name in self.places}

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        if self._plots is None or self._plots[0] != size:
            self._plots = size, Plots(self._polygons(size))
        passed = 0.0 if self._ts is None else ts - self._ts
        away = passed > max(AWAY, LONGER * self._pause)
        self._ts, self._pause = ts, passed
        taker, visible = self._look(self._plots[1], tracks, ts)
        looked = 0.0 if away else min(passed, self._config.hold / 2)
        changed = self._belief.update(taker >= 0, visible, looked)
        self._begun[self._belief.odds <= -1] = np.nan
        findings = [finding for place in changed.tolist() for finding in self._change(place, ts)]
        self._tell(changed)
        return findings

    def blind(self, ts: float) -> list[Finding]:
        known = np.flatnonzero(self._belief.state != UNKNOWN)
        self._belief.forget()
        self._standing, self._ts = Standing(), None
        self._begun[:] = np.nan
        self._lost[known] = ts
        self._tell(known)
        return [self._finding(place, LOST, ts - self._since[place], ts) for place in known.tolist()]

    def keep(self, ts: float) -> dict[str, Any]:
        return {
            name: {
                "state": NAMES[int(self._last[place])],
                "since": ts - self._since[place],
                "seen": ts - self._seen[place],
                "lost": None if np.isnan(self._lost[place]) else ts - self._lost[place],
                "label": self._who[place].label,
                "confidence": self._vehicle(place).confidence,
            }
            for place, name in enumerate(self.places)
            if self._last[place] != UNKNOWN
        }

    def resume(self, kept: Mapping[str, Any], ts: float) -> None:
        numbers = {name: number for number, name in NAMES.items()}
        for place, name in enumerate(self.places):
            if name not in kept:
                continue
            was = kept[name]
            self._last[place] = numbers[was["state"]]
            self._since[place], self._seen[place] = ts - was["since"], ts - was["seen"]
            self._lost[place] = np.nan if was["lost"] is None else ts - was["lost"]
            self._who[place] = Finding(OCCUPIED, was["label"], None, 0, was["confidence"])

    def occupancy(self) -> int:
        return int(np.count_nonzero(self._belief.state == TAKEN))

    def states(self) -> Mapping[str, PlaceState]:
        return self._states

    def shape(self, size: Size) -> list[Shape]:
        each = zip(self.places, self._polygons(size), self._belief.state.tolist(), strict=True)
        return [Shape(points, True, name, COLORS[state]) for name, points, state in each]

    def _polygons(self, size: Size) -> list[Floats]:
        """(K, 2) px of each."""
        return [np.array(p, np.float32) * np.array(size, np.float32) for p in self._config.spots.values()]

    def _look(self, plots: Plots, tracks: Sequence[Track], ts: float) -> tuple[np.ndarray, Floats]:
        """Which track stands in each spot, its number (S,) or -1; and how much of each can be seen (S,)."""
        if not tracks:
            self._standing = Standing()
            return np.full(len(plots), -1), np.ones(len(plots), np.float32)
        boxes = np.array([track.box for track in tracks], np.float32)
        missed = np.array([track.missed for track in tracks])
        ids = np.array([track.id for track in tracks])
        since, moved = self._standing.update(ids, boxes, missed == 0, ts)
        shares, inside = plots.shares(boxes)
        may = (missed == 0) & (inside.sum(axis=0) >= WITHIN)
        may &= np.array([self._may_take(track) for track in tracks])
        stands = may & (ts - since >= STOOD - EPSILON)
        again = may & ~moved & (self._belief.state == TAKEN)[:, None]
        taker = _takers(np.where(stands | again, shares, 0))
        for place in np.flatnonzero(taker >= 0).tolist():
            self._seen[place], self._who[place] = ts, tracks[taker[place]]
            if np.isnan(self._begun[place]):
                free_since = self._since[place] if self._last[place] == FREE else -np.inf
                self._begun[place] = max(since[taker[place]], free_since)
        near = (boxes[:, 3] > plots.middle[:, None]) & (missed <= REMEMBERED)
        hidden = np.where(near, plots.covered(boxes, taker < 0) / HIDES, 0).max(axis=1)
        unsettled = missed <= REMEMBERED
        unsettled[taker[taker >= 0]] = False
        perhaps = np.where(unsettled, shares / TAKES, 0).max(axis=1)
        return taker, np.clip(1 - np.maximum(hidden, perhaps), 0, 1)

    def _may_take(self, track: Track) -> bool:
        return track.is_one_of(self._config.classes) if self._config.classes else track.label != PERSON

    def _change(self, place: int, ts: float) -> list[Finding]:
        """What is to be told of a spot whose state is believed now."""
        state, last = int(self._belief.state[place]), int(self._last[place])
        lost, self._lost[place] = self._lost[place], np.nan
        self._last[place] = state
        if state == last:
            return [] if np.isnan(lost) else [self._finding(place, FOUND, ts - lost, ts)]
        if state == TAKEN:
            self._since[place] = self._begun[place]
            return [self._finding(place, OCCUPIED, self.occupancy(), self._since[place])]
        if last == UNKNOWN:  # nothing has happened: it is free, and nobody knows since when
            self._since[place] = ts
            return []
        stay, self._since[place] = self._seen[place] - self._since[place], self._seen[place]
        return [self._finding(place, FREED, stay, self._seen[place])]

    def _vehicle(self, place: int) -> Finding:
        """About what stood there last; made only when it is asked for, which is rarer than frames."""
        who = self._who[place]
        return Finding.about(who, OCCUPIED, 0) if isinstance(who, Track) else who

    def _finding(self, place: int, kind: str, value: float, at: float) -> Finding:
        who = self._vehicle(place)
        if self._last[place] == FREE and kind != FREED:
            who = Finding(kind, NAMES[FREE], None, 0, CERTAIN)
        return replace(who.so(kind, round(float(value), 3), float(at)), name=self.places[place])

    def _tell(self, changed: np.ndarray) -> None:
        """Make the states anew where they changed; whoever still reads the old ones has them as they were."""
        if not len(changed):
            return
        states = dict(self._states)
        for place in changed.tolist():
            state = int(self._belief.state[place])
            since = self._lost[place] if state == UNKNOWN else self._since[place]
            label = self._who[place].label if state == TAKEN else None
            states[self.places[place]] = PlaceState(NAMES[state], float(since), label)
        self._states = states


def _takers(shares: Floats) -> np.ndarray:
    """Which of the vehicles (N) takes each spot, by the shares (S, N) 0..1: (S,) of indices, or -1."""
    least = np.where((shares >= ACROSS).sum(axis=0) > 1, ACROSS, TAKES)
    fits = np.where(shares >= np.maximum(least, ALIKE * shares.max(axis=0)), shares, 0)
    return np.where(fits.any(axis=1), fits.argmax(axis=1), -1)


def build(config: Config) -> Spots:
    return Spots(config)
