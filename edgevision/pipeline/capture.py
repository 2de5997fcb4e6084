"""One camera's pictures, for as long as the process lives. The only reconnect loop there is.

waiting -> connecting -> streaming -> backoff -> connecting ...     ended: of a file, or at the end of all
                     \\-> refused (unknown user or path: asked again in minutes)
                     \\-> stuck (too many reads hang in the video library: the process is to be restarted)
                     \\-> paused (somebody wants that: the source is let go)
"""

import logging
import time
from contextlib import ExitStack
from threading import Event

from edgevision.core.stillness import WhenStill
from edgevision.core.types import Frame, Size
from edgevision.errors import SourceError
from edgevision.log import fields
from edgevision.metrics import CameraMetrics
from edgevision.pipeline.choice import LEAST_STEP, Choice
from edgevision.pipeline.complaints import Complaints
from edgevision.pipeline.heartbeat import NEVER, Heartbeat
from edgevision.pipeline.lane import Lane
from edgevision.pipeline.pace import LAG_PAUSE, LATE, Pacer
from edgevision.pipeline.reader import MOST_LEFT, Readers
from edgevision.pipeline.rest import LOOK, Rest
from edgevision.pipeline.retry import GOOD_SESSION, REASONS, REFUSED, Gate, backoff
from edgevision.pipeline.scheduler import Scheduler
from edgevision.sources import Described, LiveSettings, Picture, Source, chosen

STATES = ("waiting", "connecting", "streaming", "backoff", "refused", "stuck", "paused", "ended")
SLACK = 0.1  # s: the source itself is to notice first, for it knows more; it is not waited for
OPEN_SLACK = 1.0  # s: the same, while opening is a second of work

log = logging.getLogger(__name__)


class Capture:
    """Runs in a thread of its own, which reads a file; a live source is read in another one, see Reader.

    fps      frames per second to use; the others are dropped and counted
    start    Unix seconds of a file's first frame
    live     a live source's patience; gate: shared by all cameras of the process
    lane     its way to the workers, else one is added
    """

    def __init__(
        self,
        camera: str,
        source: Source,
        scheduler: Scheduler,
        metrics: CameraMetrics,
        *,
        fps: float | None,
        start: float,
        live: LiveSettings | None = None,
        gate: Gate | None = None,
        when_still: WhenStill | None = None,
        lane: Lane | None = None,
    ) -> None:
        self.camera = camera
        self.source = source
        self.lane: Lane = lane or scheduler.lane(camera, source.live)
        self.error: SourceError | None = None
        self.heartbeat = Heartbeat(f"{camera} capture", grace=NEVER)  # of a file; a live source has readers
        self.rest = Rest()  # of a live source
        self._scheduler = scheduler
        self._metrics = metrics
        fine = self.lane.tiles is not None
        self.choice = Choice(fps, when_still, fine=fine, region=self.lane.region)
        self._start = start
        self._live = live or LiveSettings()
        self._gate = gate or Gate()
        self._complaints = Complaints(camera, metrics)
        self._readers = Readers(source, camera, self._wants)
        self._last_ts = self._lag_pause = float("-inf")  # s
        self._last_frame = self._lag = 0.0  # time.monotonic(); s that it came late
        self._streaming_since: float | None = None
        self._size: Size | None = None
        self._session, self._index = 0, 0
        for reason in REASONS:
            metrics.reconnect(reason, by=0)
        self._enter("connecting")

    def run(self, stop: Event) -> None:
        """Until a file ends, or `stop` is set."""
        try:
            if self.source.live:
                self._run_forever(stop)
            else:
                self._run_once(stop)
        finally:
            self._enter("ended")
            self._scheduler.end(self.lane)

    def trouble(self) -> str | None:
        """Why no pictures come, or late ones, in words, or None when all is well."""
        silence = time.monotonic() - self._last_frame
        if self.state == "streaming" and self.source.live:
            if silence > 2 * self._live.stall:
                return f"camera {self.camera}: stuck, no picture for {silence:.0f} s"
            if self._lag > LATE:
                return f"camera {self.camera}: pictures come {self._lag:.0f} s late"
        if self.state in ("streaming", "ended", "paused"):
            return None
        return f"camera {self.camera}: {self.state}" + (f", {self._reason}" if self._reason else "")

    def hanging(self) -> int:
        """How many of its reads hang in the video library and will hardly return."""
        return self._readers.hanging()

    def _run_once(self, stop: Event) -> None:
        self._session += 1
        try:
            for picture in self.heartbeat.each("read", chosen(self.source, stop, self._wants)):
                self._tell_size(picture)
                if not self._give(picture, picture.captured if picture.ts is None else picture.ts):
                    return
        except SourceError as error:
            # Kept, not raised: what was read before is still to be counted to the end.
            self.error = error
            log.error(str(error), extra=fields(camera=self.camera, reason=error.reason))

    def _run_forever(self, stop: Event) -> None:
        attempt = 0
        if delay := self._gate.start_delay():
            self._enter("waiting")
            stop.wait(delay)
        while not stop.is_set():
            if self.rest.wanted:
                self._enter("paused")
                self.rest.take(stop)
                continue
            try:
                self._session_of_pictures(stop)
            except SourceError as error:
                attempt = 0 if self._was_good(error.reason) else attempt + 1
                self._lose(error, backoff(attempt, error.reason), stop)

    def _was_good(self, reason: str) -> bool:
        return reason == "lag" or time.monotonic() - (self._streaming_since or float("inf")) >= GOOD_SESSION

    def _lose(self, error: SourceError, wait: float, stop: Event) -> None:
        """Tell why there are no pictures, and wait."""
        self._metrics.reconnect(error.reason)
        self._enter("refused" if error.reason in REFUSED else "backoff", str(error))
        facts = fields(camera=self.camera, reason=error.reason, retry_in=round(wait, 1))
        log.warning(str(error), extra=facts)
        self._complaints.tell()
        self.rest.wait(wait, stop)
        while self._readers.left() >= MOST_LEFT and not stop.is_set():
            if self.state != "stuck":
                self._enter("stuck", f"{MOST_LEFT} reads hang in the video library")
                log.error(self._reason, extra=fields(camera=self.camera))
            stop.wait(LOOK)

    def _session_of_pictures(self, stop: Event) -> None:
        """Open the source and take its pictures until `stop` is set. Raises SourceError."""
        self._session += 1
        self._streaming_since, self._lag, self._size = None, 0.0, None
        pacer = Pacer()
        with ExitStack() as opening:
            self._enter("waiting", "for others that open")
            opening.enter_context(self._gate.place())
            self._enter("connecting")
            reader = self._readers.begin(self._session)
            try:
                deadline = time.monotonic() + self._live.open + OPEN_SLACK
                while not (stop.is_set() or self.rest.wanted):
                    picture = reader.take(max(0.0, min(LOOK, deadline - time.monotonic())))
                    now = time.monotonic()
                    if picture:
                        opening.close()  # others may open now
                        deadline = now + self._live.patience(self.source.frame_rate) + SLACK
                        self._drop("overload", by=reader.overwritten_since())
                        self._look(picture, pacer)
                    elif now >= deadline:
                        raise self._silence()
            finally:
                if not self._readers.leave(reader):
                    self._metrics.reader_left()

    def _look(self, picture: Picture, pacer: Pacer) -> None:
        """One live picture."""
        self._last_frame = picture.captured
        self._complaints.hear(picture.faults)
        pace = "good"
        if picture.position is not None:
            pace = pacer.arrived(picture.position, picture.captured)
            self._lag = pacer.lag
            self._metrics.lag(pacer.lag)
        if pace == "burst":
            self._drop("burst")
            return
        if pace == "jump":
            self._metrics.jumped()
        if pace == "late" and picture.captured >= self._lag_pause:
            self._lag_pause = picture.captured + LAG_PAUSE
            text = f"pictures come {pacer.lag:.1f} s late: is the network or this machine too slow?"
            raise SourceError("lag", text)
        self._tell_size(picture)
        self._give(picture, picture.captured)

    def _wants(self, ts: float) -> bool:
        """Whether an image is to be made of the picture of `ts` s: a session's first, or due."""
        return self._size is None or self.choice.due(max(ts, self._last_ts + LEAST_STEP))

    def _tell_size(self, picture: Picture) -> None:
        height, width = picture.image.shape[:2]
        if self._size == (width, height) or not picture.made:
            return
        facts = dict(self.source.facts) if isinstance(self.source, Described) else {}
        text = "pictures have another size now" if self._size else "pictures arrive"
        log.info(text, extra=fields(camera=self.camera, width=width, height=height, **facts))
        self._size = Size(width, height)
        self.choice.anew()
        if self._streaming_since is None:
            self._streaming_since = time.monotonic()
            self._enter("streaming")

    def _silence(self) -> SourceError:
        """The source was to tell this itself, and does not."""
        if self._streaming_since is None:
            return SourceError("open_timeout", f"no picture within {self._live.open:g} s of opening")
        return SourceError("stall", f"no picture for {time.monotonic() - self._last_frame:.1f} s")

    def _give(self, picture: Picture, ts: float) -> bool:
        """Make a frame of a picture and hand it on. False when the pipeline has stopped."""
        ts = max(ts, self._last_ts + LEAST_STEP)
        wall = time.time() if self.source.live else self._start + ts
        index, self._last_ts = self._index, ts
        self._index += 1
        self._metrics.frame_captured(wall)
        if reason := self.choice.leaves_out(picture.image, ts):
            self._scheduler.drop(self.lane, reason)
            return True
        still = self.choice.still_until()
        frame = Frame(self.camera, self._session, index, picture.image, ts, wall, picture.captured, still)
        overwritten = self.lane.dropped["overload"]
        goes_on = self._scheduler.put(self.lane, frame, time.monotonic())
        self.choice.lost(self.lane.dropped["overload"] - overwritten)
        return goes_on

    def _drop(self, reason: str, by: int = 1) -> None:
        for _ in range(by):
            self._index += 1
            self._scheduler.drop(self.lane, reason)

    def _enter(self, state: str, reason: str = "") -> None:
        self.state, self._reason = state, reason  # one of STATES, and in words
        self._metrics.source_state(state, STATES)
