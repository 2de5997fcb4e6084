"""Takes kept events from the journal to one output, in order, until it has them: while a broker is down
they wait on the disk, over a restart too."""

import logging
import random
import time
from contextlib import suppress
from threading import Condition

from edgevision.core.types import Event
from edgevision.errors import OutputError, RefusedError
from edgevision.journal import Follower
from edgevision.log import fields
from edgevision.metrics import Metrics
from edgevision.outputs import Output, Result
from edgevision.pipeline.heartbeat import Heartbeat

RETRY_FIRST, RETRY_MOST = 0.5, 30.0  # s between two attempts to give one event; doubled each time
MARK_EVERY = 1.0  # s: after a crash an output is given its last second again, with the same ids
GRACE = 890.0  # s: its events wait on the disk meanwhile, while a restart makes all cameras blind for some
LAST_TRY = 10.0  # s: a run over files ends this long after its last event, though an output fails

log = logging.getLogger(__name__)


class Following:
    """One output behind the journal, with its thread."""

    def __init__(self, output: Output, follower: Follower, metrics: Metrics) -> None:
        self.output = output
        self.heartbeat = Heartbeat(f"output {output.name}", grace=GRACE)
        self._follower = follower
        self._changed = Condition()
        self._news = False
        self._closed_at: float | None = None  # time.monotonic()
        self._attempts = 0  # failures in a row
        self._marked = 0.0
        self.behind: float | None = None  # time.monotonic() since when there is something to give
        self._dropped = metrics.events_dropped.labels(output.name)
        self._errors = metrics.output_errors.labels(output.name)

    def run(self) -> None:
        """Give events until the journal is closed and all are given, or cannot be."""
        try:
            while self._give_next() or self._wait():
                pass
        finally:
            with self.heartbeat.doing("close"):
                with suppress(OutputError):  # else its last second is given again
                    self._follower.mark()
                self._follower.close()
                self.output.close()

    def news(self) -> None:
        with self._changed:
            self._news = True
            self.behind = self.behind or time.monotonic()
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more will be kept."""
        with self._changed:
            self._closed_at = time.monotonic()
            self._changed.notify_all()

    def _wait(self) -> bool:
        """For something to do: news, or after a failure some time. False when there will be nothing more."""
        with self._changed:
            if self._attempts:
                wait = random.uniform(0.5, 1) * min(RETRY_MOST, RETRY_FIRST * 2.0 ** (self._attempts - 1))
                wait = wait if self._closed_at is None else min(wait, RETRY_FIRST)
                self._changed.wait_for(lambda: self._closed_at is not None, wait)
                return self._closed_at is None or time.monotonic() - self._closed_at < LAST_TRY
            if self._closed_at is not None and not self._news:
                return False
            self._changed.wait_for(lambda: self._news or self._closed_at is not None)
            self._news = False
            return True

    def _give_next(self) -> bool:
        """Give what there is; False when there is nothing, or it failed."""
        try:
            with self.heartbeat.doing("read"):
                events = self._follower.next()
            self.behind = (self.behind or time.monotonic()) if events else None
            for seq, event in events:
                with self.heartbeat.doing("write"):
                    self._give(event, seq)
                self._follower.given(seq)
                self._recovered()
                self._mark()
        except (OSError, OutputError) as error:
            self._errors.inc()
            if not self._attempts:
                log.error("output fails, its events wait: %s", error, extra=fields(output=self.output.name))
            self._attempts += 1
            return False
        return bool(events)

    def _give(self, event: Event | None, seq: int) -> None:
        if event is None:
            # Skipped, or a bad sector would hold up all that comes after it, restart after restart.
            self._dropped.inc()
            log.error("an event is damaged", extra=fields(output=self.output.name, row=seq))
            return
        try:
            self.output.write(Result(event.camera, [event]))
        except RefusedError as error:
            self._dropped.inc()
            log.error("an event is refused: %s", error, extra=fields(output=self.output.name))

    def _recovered(self) -> None:
        if self._attempts:
            log.info("output works again", extra=fields(output=self.output.name))
        self._attempts = 0

    def _mark(self) -> None:
        now = time.monotonic()
        if now - self._marked >= MARK_EVERY:
            with self.heartbeat.doing("mark"):
                self._follower.mark()
            self._marked = now
