"""One camera's pictures, for as long as the process lives. The only reconnect loop there is."""

import logging
import random
import time
from threading import Event

from edgevision.core.moments import next_due
from edgevision.core.types import Frame
from edgevision.errors import SourceError
from edgevision.inference.tiles import Tiles
from edgevision.log import fields
from edgevision.metrics import CameraMetrics
from edgevision.pipeline.scheduler import Lane, Scheduler
from edgevision.sources import Picture, Source

STATES = ("connecting", "streaming", "backoff", "ended")
REASONS = ("open_failed", "open_timeout", "stall", "ended")
BACKOFF_FIRST = 1.0  # s: the most to wait before the first new attempt; doubled for each further one
BACKOFF_MOST = 30.0  # s
GOOD_SESSION = 30.0  # s of pictures after which the waiting starts from its first value again
LEAST_STEP = 1e-3  # s: between two frames whose source gave the same time twice

log = logging.getLogger(__name__)


class Capture:
    """Runs in a thread of its own, which opens, reads and closes the source.

    fps      frames per second to use; the others are dropped and counted
    start    Unix seconds of a file's first frame
    stall    seconds without a frame after which a live camera counts as silent
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
        stall: float,
        tiles: Tiles | None = None,
    ) -> None:
        self.camera = camera
        self.source = source
        self.lane: Lane = scheduler.lane(camera, source.live, tiles)
        self.error: SourceError | None = None
        self._scheduler = scheduler
        self._metrics = metrics
        self._interval = 1 / fps if fps else 0.0
        self._start = start
        self._stall = stall
        self._due = float("-inf")
        self._last_ts = float("-inf")
        self._last_frame = 0.0  # time.monotonic()
        self._session = 0
        self._index = 0
        self._state, self._reason = "connecting", ""
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

    @property
    def state(self) -> str:
        """One of STATES."""
        return self._state

    def trouble(self) -> str | None:
        """Why no pictures come, in words, or None when they do."""
        silence = time.monotonic() - self._last_frame
        if self._state == "streaming" and self.source.live and silence > 2 * self._stall:
            return f"camera {self.camera}: stuck, no picture for {silence:.0f} s"
        if self._state in ("streaming", "ended"):
            return None
        return f"camera {self.camera}: {self._state}" + (f", {self._reason}" if self._reason else "")

    def _run_once(self, stop: Event) -> None:
        try:
            self._session_of_pictures(stop)
        except SourceError as error:
            # Kept, not raised: what was read before is still to be counted to the end.
            self.error = error
            log.error(str(error), extra=fields(camera=self.camera, reason=error.reason))

    def _run_forever(self, stop: Event) -> None:
        attempt = 0
        while not stop.is_set():
            self._enter("connecting")
            began = time.monotonic()
            try:
                self._session_of_pictures(stop)
            except SourceError as error:
                self._metrics.reconnect(error.reason)
                attempt = 0 if time.monotonic() - began >= GOOD_SESSION else attempt + 1
                wait = backoff(attempt)
                self._enter("backoff", str(error))
                log.warning(
                    str(error), extra=fields(camera=self.camera, reason=error.reason, retry_in=round(wait, 1))
                )
                stop.wait(wait)

    def _session_of_pictures(self, stop: Event) -> None:
        self._session += 1
        for picture in self.source.pictures(stop):
            if self._state != "streaming":
                height, width = picture.image.shape[:2]
                self._enter("streaming")
                log.info("pictures arrive", extra=fields(camera=self.camera, width=width, height=height))
            if not self._give(picture):
                return

    def _give(self, picture: Picture) -> bool:
        """Make a frame of a picture and hand it on. False when the pipeline has stopped."""
        self._last_frame = time.monotonic()
        ts = picture.captured if picture.ts is None else picture.ts
        ts = max(ts, self._last_ts + LEAST_STEP)
        wall = time.time() if self.source.live else self._start + ts
        frame = Frame(self.camera, self._session, self._index, picture.image, ts, wall, picture.captured)
        self._last_ts = ts
        self._index += 1
        self._metrics.frame_captured(wall)
        if not self._wanted(ts):
            self._scheduler.drop(self.lane, "rate")
            return True
        return self._scheduler.put(self.lane, frame, time.monotonic())

    def _wanted(self, ts: float) -> bool:
        if ts < self._due - LEAST_STEP:
            return False
        # On a raster, so that 25 frames/s give 10 and not 8.3.
        self._due = next_due(self._due, ts, self._interval)
        return True

    def _enter(self, state: str, reason: str = "") -> None:
        self._state, self._reason = state, reason
        self._metrics.source_state(state, STATES)


def backoff(attempt: int) -> float:
    """Seconds to wait before the next attempt: random, so that cameras of one switch do not return as one
    ("full jitter", M. Brooker, AWS Architecture Blog, 2015), and never below a fifth of the most."""
    most = min(BACKOFF_MOST, BACKOFF_FIRST * 2.0 ** max(0, attempt - 1))
    return random.uniform(most / 5, most)
