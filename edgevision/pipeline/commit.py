"""What happens to one camera's frames after the network, in their order and in one thread: they are
tracked, looked at again, the analytics ask their questions, and what they find is handed to the outputs."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from edgevision.core.tracker import Tracker
from edgevision.core.types import Event, Floats, Frame, Region, Size, Track
from edgevision.core.unmoved import Unmoved
from edgevision.metrics import CameraMetrics
from edgevision.outputs import Result
from edgevision.pipeline.analysis import Analysis, Kept
from edgevision.pipeline.chain import Chain
from edgevision.pipeline.delivery import Delivery
from edgevision.pipeline.errands import Errand
from edgevision.pipeline.heartbeat import Heartbeat
from edgevision.pipeline.ignored import without_ignored
from edgevision.pipeline.lane import Lane, Ticket
from edgevision.pipeline.lookout import Lookout
from edgevision.pipeline.scheduler import Scheduler
from edgevision.pipeline.trails import Trails
from edgevision.pipeline.worker import Seen


class Committer:
    """One camera's tracker and analytics. All their state belongs to the thread that runs this."""

    def __init__(
        self,
        lane: Lane,
        scheduler: Scheduler,
        tracker: Tracker,
        chain: Chain,
        analysis: Analysis,
        lookout: Lookout,
        delivery: Delivery,
        metrics: CameraMetrics,
        labels: Sequence[str],
        frame_rate: Callable[[], float],
        stop: threading.Event,
        ignored: Sequence[Floats] = (),
    ) -> None:
        """labels: the network's classes. frame_rate: frames per second to expect, asked when frames come.
        stop: set before frames are dropped because the camera or the pipeline ends. ignored: the plan's."""
        self.heartbeat = Heartbeat(f"{lane.camera} commit")
        self.analysis = analysis
        self._lookout = lookout
        self.followed: Counter[str] = Counter()  # objects now, by label; replaced as a whole
        self._lane = lane
        self._scheduler = scheduler
        self._tracker = tracker
        self._chain = chain
        self._delivery = delivery
        self._metrics = metrics
        self._labels = labels
        self._frame_rate = frame_rate
        self._stop = stop
        self._size: Size | None = None
        self._ignored = ignored
        self.trails = Trails()
        self._unmoved = Unmoved()
        self._tracks: Sequence[Track] = ()  # of the frame before

    def run(self) -> None:
        """Until no frame will come any more."""
        last: Frame | None = None
        while ticket := self._scheduler.next_done(self._lane):
            self._commit(ticket)
            self._scheduler.committed(ticket)
            last = ticket.frame
        if last and not self._lane.given_up:
            self._end(last)

    def use(self, chain: Chain, lookout: Lookout, ignored: Sequence[Floats]) -> None:
        """From the next frame on look again, and judge the view, with these; may be called by any thread."""
        self._chain, self._lookout, self._ignored = chain, lookout, ignored

    def trouble(self) -> str | None:
        """Why the pictures show nothing to go by, in words; None where they do."""
        return self._lookout.trouble()

    def reset(self, name: str | None, why: str) -> Errand | None:
        """Have counts begin at 0 again, of one name or of all; None: too much is asked of it already."""

        def begin_again() -> list[Event]:
            with self.heartbeat.doing("reset"):
                events = self.analysis.reset(self._lane.camera, name, why, time.time())
                at, run = time.monotonic(), self.analysis.past.run
                self._delivery.hand_on(Result(self._lane.camera, events, run=run, at=at), self._lane.live)
            return events

        errand = Errand(begin_again)
        return errand if self._scheduler.ask(self._lane, errand) else None

    def _commit(self, ticket: Ticket) -> None:
        frame, seen = ticket.frame, ticket.result
        began = time.monotonic()
        lookout = self._lookout
        kept: Kept = {}
        with self.heartbeat.doing("look at the view", frame):
            events = self._look(lookout, frame)
        with self.heartbeat.doing("track", frame):
            tracks, there = self._track(frame, seen, lookout.clear)
        tracked = chained = time.monotonic()
        if lookout.clear:
            with self.heartbeat.doing("second looks", frame):
                tracks = self._chain.look(frame, tracks)
            chained = time.monotonic()
            with self.heartbeat.doing("analytics", frame):
                found, kept = self.analysis.ask(tracks, frame, seen, there)
            events += found
        analysed = time.monotonic()
        if self._lane.given_up:
            return
        # No activity: a file waits here for an output that is slow, or for a disk that is full.
        self._delivery.hand_on(self._result(events, tracks, frame, seen, kept), self._lane.live)
        handed = time.monotonic()
        stages = {
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
        with self.heartbeat.doing("metrics", frame):  # it waits for a scrape
            self._metrics.frame_done(stages)

    def _look(self, lookout: Lookout, frame: Frame) -> list[Event]:
        """Whether the picture can be trusted. Where it cannot, nothing is tracked for the analytics."""
        was_clear = lookout.clear
        events = self.analysis.events(lookout, lookout.look(frame), frame)
        if was_clear and not lookout.clear:
            events += self.analysis.blind(frame)
        elif lookout.clear and not was_clear:
            self._tracker.renew()  # who was on the way to where in the meantime is not known
        return events

    def _track(self, frame: Frame, seen: Seen, clear: bool) -> tuple[list[Track], Sequence[int]]:
        """Who is in the frame; and of who was in the one before, the ids of those that rested until this."""
        there: Sequence[int] = ()
        if self._size not in (None, frame.size):
            self._tracker.reset()  # positions in pixels of another picture mean nothing
            self.trails.clear()
            self._tracks = ()
        self._size = frame.size
        # What outputs hide is hidden there as well: `regions` has all boxes.
        found = without_ignored(seen.detections, self._ignored, frame.size)
        if frame.still is None:
            self._unmoved.looked_on()
        else:
            there = self._unmoved.there(self._tracks)
            self._tracker.rest(there, frame.still)
        tracks = self._tracks = self._tracker.update(found, frame.ts)
        if not clear:
            tracks = []  # but the tracker goes on: what outputs hide must stay hidden where it is missed
        self.trails.add(tracks, frame.size)
        self.followed = Counter(track.label for track in tracks)
        self._metrics.tracks(self.followed)
        return tracks, there

    def _end(self, last: Frame) -> None:
        """Nothing more will come. Who was not told to stop was a file that came to its end."""
        with self.heartbeat.doing("analytics", last):
            events = [] if self._stop.is_set() else self.analysis.finish(last)
            kept = self.analysis.kept()
        if events or kept:
            self._delivery.hand_on(self._plain(events, last, kept), self._lane.live)

    def _plain(self, events: Sequence[Event], frame: Frame, kept: Kept) -> Result:
        """A result without its frame."""
        at = time.monotonic()
        run, live = self.analysis.past.run, self._lane.live
        return Result(frame.camera, events, run=run, kept=kept, wall=frame.wall, at=at, live=live)

    def _result(
        self, events: Sequence[Event], tracks: Sequence[Track], frame: Frame, seen: Seen, kept: Kept
    ) -> Result:
        plain = self._plain(events, frame, kept)
        if not self._delivery.shows(frame.camera):
            return plain
        found = seen.detections
        masks = found.masks or [None] * len(found)
        boxes = [
            Region(self._labels[class_id], box, mask)
            for class_id, box, mask in zip(found.class_ids, found.boxes, masks, strict=True)
        ]
        return replace(
            plain,
            frame=frame,
            tracks=tracks,
            shapes=self.analysis.shapes(frame.size) + self._lookout.shapes(frame.size),
            regions=[*boxes, *self._tracker.remembered()],
            segmentation=seen.segmentation,
            labels=self._labels,
            frame_rate=self._frame_rate(),
            grids=self.analysis.grids(),
        )
