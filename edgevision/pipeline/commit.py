"""What happens to one camera's frames after the network, in their order and in one thread: they are
tracked, looked at again, the analytics ask their questions, and what they find is handed to the outputs."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from edgevision.analytics import Analytic, Finisher, Listener, PixelAnalytic, Stateful
from edgevision.analytics.spots import FREED
from edgevision.core.tracker import Tracker
from edgevision.core.types import Event, Finding, Frame, Region, Shape, Size, Track
from edgevision.metrics import CameraMetrics
from edgevision.outlines import outlines_of
from edgevision.outputs import Result
from edgevision.pipeline.chain import Chain
from edgevision.pipeline.delivery import Delivery
from edgevision.pipeline.heartbeat import Heartbeat
from edgevision.pipeline.scheduler import Lane, Scheduler, Ticket
from edgevision.pipeline.worker import Seen


@dataclass(frozen=True, slots=True)
class NamedAnalytic:
    """An analytic as it was configured."""

    kind: str  # line, zone, ...
    name: str
    analytic: Analytic


class Committer:
    """One camera's tracker and analytics. All their state belongs to the thread that runs this."""

    def __init__(
        self,
        lane: Lane,
        scheduler: Scheduler,
        tracker: Tracker,
        chain: Chain,
        analytics: Sequence[NamedAnalytic],
        delivery: Delivery,
        metrics: CameraMetrics,
        labels: Sequence[str],
        outlines: Sequence[str],
        frame_rate: Callable[[], float],
        stop: threading.Event,
    ) -> None:
        """labels: the network's classes. outlines: those of objects that events carry, polygons or rle.
        frame_rate: frames per second to expect, asked when frames come.
        stop: set before frames are dropped because the pipeline ends."""
        self.heartbeat = Heartbeat(f"{lane.camera} commit")
        self.counts: Counter[tuple[str, str, str]] = Counter()  # of (name, kind, label)
        self._lane = lane
        self._scheduler = scheduler
        self._tracker = tracker
        self._chain = chain
        self._analytics = analytics
        self._listeners = [each.analytic for each in analytics if isinstance(each.analytic, Listener)]
        self._delivery = delivery
        self._metrics = metrics
        self._labels = labels
        self._outlines = outlines
        self._frame_rate = frame_rate
        self._stop = stop
        self._size: Size | None = None
        self._numbers: Counter[str] = Counter()  # events so far by name
        for each in analytics:
            if isinstance(each.analytic, Stateful):
                metrics.spots.show(each.analytic.states(), each.analytic.possible, 0.0)

    def run(self) -> None:
        """Until no frame will come any more."""
        last: Frame | None = None
        while ticket := self._scheduler.next_done(self._lane):
            with self.heartbeat.doing("commit"):
                self._commit(ticket)
            self._scheduler.committed(ticket)
            last = ticket.frame
        if last and not self._stop.is_set():  # so it is a file that came to its end
            with self.heartbeat.doing("commit"):
                self._finish(last)

    def _commit(self, ticket: Ticket) -> None:
        frame, seen = ticket.frame, ticket.result
        began = time.monotonic()
        tracks = self._track(frame, seen)
        tracked = time.monotonic()
        tracks = self._chain.look(frame, tracks)
        chained = time.monotonic()
        events = self._analyse(tracks, frame, seen)
        analysed = time.monotonic()
        self._delivery.hand_on(self._result(events, tracks, frame, seen), self._lane.live)
        handed = time.monotonic()
        self._metrics.frame_done(
            {
                "capture": ticket.queued - frame.captured,
                "queue": (seen.taken - ticket.queued) + (began - seen.finished),
                "preprocess": seen.preprocessed - seen.taken,
                "infer": seen.inferred - seen.preprocessed,
                "postprocess": seen.finished - seen.inferred,
                "track": tracked - began,
                "chain": chained - tracked,
                "analytics": analysed - chained,
                "output": handed - analysed,
            }
        )

    def _track(self, frame: Frame, seen: Seen) -> list[Track]:
        if self._size not in (None, frame.size):
            self._tracker.reset()  # positions in pixels of another picture mean nothing
        self._size = frame.size
        tracks = self._tracker.update(seen.detections, frame.ts)
        self._metrics.tracks(Counter(track.label for track in tracks))
        return tracks

    def _analyse(self, tracks: Sequence[Track], frame: Frame, seen: Seen) -> list[Event]:
        events = []
        for each in self._analytics:
            pixels = each.analytic if isinstance(each.analytic, PixelAnalytic) else None
            if pixels and seen.segmentation:
                pixels.see(seen.segmentation, self._labels)
            events += self._events(each, each.analytic.update(tracks, frame.ts, frame.size), frame, tracks)
            occupancy = each.analytic.occupancy()
            if occupancy is not None:
                self._metrics.occupancy(each.name, occupancy)
            if pixels:
                self._metrics.area(each.name, pixels.covered, pixels.shares)
            if isinstance(each.analytic, Stateful):
                self._metrics.spots.show(each.analytic.states(), each.analytic.possible, frame.ts)
        return events

    def _finish(self, last: Frame) -> None:
        """A file has ended: what analytics still waited with belongs to its last frame, which is through."""
        events = []
        for each in self._analytics:
            if isinstance(each.analytic, Finisher):
                events += self._events(each, each.analytic.finish(), last, ())
        if events:
            self._delivery.hand_on(Result(last.camera, events), self._lane.live)

    def _events(
        self, each: NamedAnalytic, findings: Sequence[Finding], frame: Frame, tracks: Sequence[Track]
    ) -> list[Event]:
        """Of findings, which are told to who listens, and counted."""
        for finding in findings:
            name = finding.name or each.name
            for listener in self._listeners:
                listener.hear(name, finding, frame.ts)
            self.counts[name, finding.kind, finding.label] += 1
            self._metrics.count(each.kind, name, finding.kind, finding.label)
            if finding.kind == FREED:
                self._metrics.spots.stayed(finding.value)
        return [self._event(each, finding, frame, tracks) for finding in findings]

    def _result(self, events: Sequence[Event], tracks: Sequence[Track], frame: Frame, seen: Seen) -> Result:
        if not self._delivery.shown:
            return Result(frame.camera, events)
        found = seen.detections
        masks = found.masks or [None] * len(found)
        boxes = [
            Region(self._labels[class_id], box, mask)
            for class_id, box, mask in zip(found.class_ids, found.boxes, masks, strict=True)
        ]
        return Result(
            frame.camera,
            events,
            frame,
            tracks,
            self._shapes(frame.size),
            [*boxes, *self._tracker.remembered()],
            seen.segmentation,
            self._labels,
            self._frame_rate(),
        )

    def _shapes(self, size: Size) -> list[Shape]:
        shapes: list[Shape] = []
        for each in self._analytics:
            shape = each.analytic.shape(size)
            if isinstance(shape, list):
                shapes += shape
            elif shape:
                shapes.append(replace(shape, text=f"{each.name}: {shape.text}"))
        return shapes

    def _event(self, each: NamedAnalytic, finding: Finding, frame: Frame, tracks: Sequence[Track]) -> Event:
        name = finding.name or each.name
        self._numbers[name] += 1
        at = frame.ts if finding.at is None else finding.at
        masks = (track.mask for track in tracks if track.id == finding.track_id)
        mask = next(masks, None) if self._outlines else None
        return Event(
            id=f"{frame.camera}:{name}:{self._numbers[name]:08d}",
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
