"""Asks one camera's analytics about its frames, and makes events of what they find."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from edgevision.analytics import (
    Blindable,
    Counting,
    Finisher,
    Gauged,
    Gridded,
    Listener,
    PixelAnalytic,
    Stateful,
)
from edgevision.analytics.spots import FREED
from edgevision.core.types import Event, Finding, Floats, Frame, Shape, Size, Track
from edgevision.journal import Past
from edgevision.journal.past import Counted
from edgevision.metrics import CameraMetrics
from edgevision.outlines import outlines_of
from edgevision.pipeline.history import History
from edgevision.pipeline.memory import Memory
from edgevision.pipeline.named import Named, NamedAnalytic
from edgevision.pipeline.resets import reset_events
from edgevision.pipeline.worker import Seen

Gauges = Mapping[str, Mapping[tuple[str, ...], float]]
Kept = Mapping[str, Mapping[str, Any]]  # states of analytics by name
Asked = tuple[list[Event], Kept]


class Analysis:
    """Belongs to the thread that commits the camera's frames; only `change` may be called by another."""

    def __init__(
        self,
        analytics: Sequence[NamedAnalytic],
        past: Past,
        metrics: CameraMetrics,
        labels: Sequence[str],
        outlines: Sequence[str],
        *,
        keeps: bool,
    ) -> None:
        """past: where counts and states go on. labels: the network's classes. outlines: those of objects that
        events carry, polygons or rle. keeps: whether states are to be kept for after a restart."""
        self.counted: Counter[Counted] = Counter(past.counts)
        self.past = past
        self._numbers: Counter[str] = Counter(past.numbers)  # of the last event by name
        self._metrics = metrics
        self._labels = labels
        self._outlines = outlines
        self._keeps = keeps
        self._readings: dict[str, tuple[int | None, Gauges]] = {}  # by name
        self._next: Sequence[NamedAnalytic] | None = None
        self._analytics: Sequence[NamedAnalytic] = ()
        self._last: tuple[float, float] | None = None  # ts and wall of the last frame
        self.history = History()
        for what, number in past.counts.items():
            metrics.count(*what, by=number)
        self._use(analytics)

    def change(self, analytics: Sequence[NamedAnalytic]) -> None:
        """From the next frame on ask these. Those that are asked already go on; others of the same name go on
        from its counts."""
        self._next = analytics

    def ask(self, tracks: Sequence[Track], frame: Frame, seen: Seen, there: Sequence[int] = ()) -> Asked:
        """What happened up to this frame, and what to keep of it. there: ids of what rested before it."""
        if self._next is not None:
            self._use(self._next)
            self._next = None
        self._memory.resume(frame)
        self._last = frame.ts, frame.wall
        events = []
        for each in self._analytics:
            if frame.still is not None:
                each.rest(there, frame.still)
            pixels = self._pixels.get(each.name)
            if pixels and seen.segmentation:
                pixels.see(seen.segmentation, self._labels)
            events += self.events(each, each.analytic.update(tracks, frame.ts, frame.size), frame, tracks)
            self._read(each, frame)
            if pixels:
                self._metrics.area(each.name, pixels.covered, pixels.shares)
        return events, self._memory.of({event.name for event in events}, frame)

    def report(self) -> list[dict[str, Any]]:
        """What each analytic has counted and measures now, in JSON's types; from any thread."""
        counted = dict(self.counted)
        return [self._report(each, counted) for each in self._analytics]

    def reset(self, camera: str, name: str | None, why: str, wall: float) -> list[Event]:
        """Counts of one name, or of all, begin at 0 again; an event of each says so."""
        gone = {what: number for what, number in self.counted.items() if name in (None, what[1])}
        self.counted = Counter({what: n for what, n in self.counted.items() if what not in gone})
        for what in gone:
            self._metrics.uncount(*what)
        for each in self._analytics:
            if isinstance(each.analytic, Counting):
                each.analytic.go_on(self._counts_of(each.name))
        return reset_events(camera, self.past.prefix, gone, self._numbers, why, wall)

    def blind(self, frame: Frame) -> list[Event]:
        """From this frame on the picture shows nothing to go by; nothing is asked until it does."""
        events = []
        for each in self._analytics:
            if isinstance(each.analytic, Blindable):
                events += self.events(each, each.analytic.blind(frame.ts), frame)
            self._read(each, frame)
        return events

    def finish(self, last: Frame) -> list[Event]:
        """A file has ended: what analytics still waited with belongs to its last frame, which is through."""
        return [
            event
            for each in self._analytics
            if isinstance(each.analytic, Finisher)
            for event in self.events(each, each.analytic.finish(), last)
        ]

    def kept(self) -> Kept:
        """What to keep when nothing more will come."""
        return self._memory.all(self._last[0]) if self._last and self._keeps else {}

    def handover(self) -> Past:
        """What another takes over, of the same camera in the same process; when nothing more will come."""
        ts, wall = self._last or (0.0, 0.0)
        states = {n: (wall, dict(kept)) for n, kept in self._memory.all(ts).items()} if self._last else {}
        return replace(self.past, numbers=self._numbers, counts=self.counted, states=states)

    def shapes(self, size: Size) -> list[Shape]:
        """What to draw over a picture of `size`."""
        shapes = []
        for each in self._analytics:
            found = each.analytic.shape(size)
            if isinstance(found, Shape):
                shapes.append(replace(found, text=f"{each.name}: {found.text}"))
            else:
                shapes += found or []
        return shapes

    def grids(self) -> dict[str, Floats]:
        """What analytics know of every part of the picture, by name."""
        return {a.name: a.analytic.grid() for a in self._analytics if isinstance(a.analytic, Gridded)}

    def _read(self, each: NamedAnalytic, frame: Frame) -> None:
        """What it measures now."""
        occupancy = each.analytic.occupancy()
        if occupancy is not None or self._readings.get(each.name, (None,))[0] is not None:
            self._metrics.occupancy(each.name, math.nan if occupancy is None else occupancy)
        gauges = self._gauged[each.name].gauges() if each.name in self._gauged else {}
        if gauges:
            self._metrics.gauges(each.name, gauges)
        self._readings[each.name] = occupancy, gauges
        self.history.add(each.name, frame.wall, occupancy)
        if stateful := self._stateful.get(each.name):
            self._metrics.spots.show(stateful.states(), stateful.possible, frame.ts)

    def _report(self, each: NamedAnalytic, counted: Mapping[Counted, int]) -> dict[str, Any]:
        parts = frozenset(each.parts())
        counts: dict[str, dict[str, int]] = {}
        for (analytic, name, kind, label), number in counted.items():
            if analytic == each.kind and name in parts:
                of_kind = counts.setdefault(kind, {})
                of_kind[label] = of_kind.get(label, 0) + number
        occupancy, gauges = self._readings.get(each.name, (None, {}))
        known = {
            " ".join((gauge, *labels)): value
            for gauge, values in gauges.items()
            for labels, value in values.items()
            if not math.isnan(value)
        }
        states = each.analytic.states() if isinstance(each.analytic, Stateful) else {}
        return {
            "kind": each.kind,
            "name": each.name,
            "counts": counts,
            "occupancy": occupancy,
            "gauges": known,
            "states": {name: found.state for name, found in states.items()},
        }

    def _use(self, analytics: Sequence[NamedAnalytic]) -> None:
        known = {id(each.analytic) for each in self._analytics}
        past = replace(self.past, states={}) if known else self.past
        for each in (new for new in analytics if id(new.analytic) not in known):
            if isinstance(each.analytic, Stateful):
                self._metrics.spots.show(each.analytic.states(), each.analytic.possible, 0.0)
            if isinstance(each.analytic, Counting):
                each.analytic.go_on(self._counts_of(each.name))
        self._analytics = analytics
        self.history.keep({each.name for each in analytics})
        # Found out here and not at each frame, as that takes 13 us each.
        self._pixels = {a.name: a.analytic for a in analytics if isinstance(a.analytic, PixelAnalytic)}
        self._gauged = {a.name: a.analytic for a in analytics if isinstance(a.analytic, Gauged)}
        self._stateful = {a.name: a.analytic for a in analytics if isinstance(a.analytic, Stateful)}
        self._listeners = [each.analytic for each in analytics if isinstance(each.analytic, Listener)]
        self._memory = Memory(past, {each.name: each.analytic for each in analytics}, keeps=self._keeps)

    def _counts_of(self, name: str) -> Counter[str]:
        """By kind."""
        counts: Counter[str] = Counter()
        for (_, each, kind, _), number in self.counted.items():
            if each == name:
                counts[kind] += number
        return counts

    def events(
        self, each: Named, findings: Sequence[Finding], frame: Frame, tracks: Sequence[Track] = ()
    ) -> list[Event]:
        """Of findings, which are told to who listens, and counted."""
        for finding in findings:
            name = finding.name or each.name
            for listener in self._listeners:
                listener.hear(name, finding, frame.ts)
            what = (each.kind, name, finding.kind, finding.label)
            self.counted[what] += 1
            self._metrics.count(*what)
            self._metrics.found(*what, finding.value)
            if finding.kind == FREED:
                self._metrics.spots.stayed(finding.value)
        return [self._event(each, finding, frame, tracks) for finding in findings]

    def _event(self, each: Named, finding: Finding, frame: Frame, tracks: Sequence[Track]) -> Event:
        name = finding.name or each.name
        self._numbers[name] += 1
        at = frame.ts if finding.at is None else finding.at
        mask = next((t.mask for t in tracks if t.id == finding.track_id), None) if self._outlines else None
        return Event(
            id=f"{self.past.prefix}:{name}:{self._numbers[name]:08d}",
            camera=frame.camera,
            analytic=each.kind,
            name=name,
            kind=finding.kind,
            label=finding.label,
            track_id=finding.track_id,
            value=finding.value,
            confidence=finding.confidence,
            wall=frame.wall - (frame.ts - at),
            ts=at,
            looks=finding.looks,
            before=finding.before,
            outlines=outlines_of(mask, frame.size, self._outlines) if mask else None,
        )
