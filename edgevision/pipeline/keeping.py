"""Keeps events on the disk before anybody else is told of them. One thread does it for all cameras."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable
from threading import Condition

from edgevision.errors import OutputError
from edgevision.journal import RESET, Entry
from edgevision.journal.watched import EVERY
from edgevision.log import fields
from edgevision.metrics import Metrics
from edgevision.outputs import Result
from edgevision.outputs.sqlite import Sqlite
from edgevision.pipeline.heartbeat import Heartbeat

QUEUE = 1000  # results that wait, a few hundred bytes each
AT_ONCE = 500  # results in one transaction: a commit costs 1 ms on an SSD and 50 ms on a memory card
RETRY = 1.0  # s
TIDY_EVERY = 600.0  # s
GRACE = 50.0  # s: a worn memory card may be busy with itself for half a minute; a restart loses what waits

log = logging.getLogger(__name__)


class Keeping:
    """The journal's queue and its thread. A file waits for room; of a live camera the oldest give way."""

    def __init__(self, output: Sqlite, metrics: Metrics, on_news: Callable[[bool], None]) -> None:
        """on_news: called after something was kept; with True after the last time."""
        self.output = output
        self.heartbeat = Heartbeat(f"output {output.name}", grace=GRACE)
        self._on_news = on_news
        self._waiting: deque[Result] = deque()
        self._changed = Condition()
        self._closed = False
        self._failing: str | None = None
        self.behind: float | None = None  # time.monotonic() when what is being kept was handed on
        self._seen: dict[str, float] = {}  # by camera: Unix s of what was put last
        self._tidied = 0.0
        self._dropped = metrics.events_dropped
        self._errors = metrics.output_errors.labels(output.name)
        self._dropped.labels(output.name)

    def due(self, result: Result) -> bool:
        """Whether it is to be kept that this camera is seen, even if nothing happens."""
        return not 0 <= result.wall - self._seen.get(result.camera, -math.inf) < EVERY

    def put(self, result: Result, live: bool) -> None:
        self._seen[result.camera] = result.wall
        with self._changed:
            if not live:
                self._changed.wait_for(lambda: self._closed or len(self._waiting) < QUEUE)
            elif len(self._waiting) >= QUEUE:
                self._drop([self._least()])
            if self._closed:
                self._drop([result])  # the process is ending
            else:
                self._waiting.append(result)
            self._changed.notify_all()

    def run(self) -> None:
        """Until it is closed and everything is kept, or cannot be."""
        try:
            while batch := self._take():
                self.behind = batch[0].at
                if self._keep_at_last(batch):
                    self._on_news(False)
                    self.behind = None
                else:
                    self._give_up(batch)
        finally:
            with self.heartbeat.doing("close"):
                self._on_news(True)
                self.output.close()

    def close(self) -> None:
        """No more results will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def trouble(self) -> str | None:
        """Why nothing is kept, in words, or None."""
        return f"output {self.output.name}: {self._failing}" if self._failing else None

    def _least(self) -> Result:
        """The oldest that waits and is no reset: one that was lost would bring old counts back with the next
        start. There are few, as none is begun while nothing can be kept."""
        for index, result in enumerate(self._waiting):
            if not any(event.kind == RESET for event in result.events):
                del self._waiting[index]
                return result
        return self._waiting.popleft()

    def _take(self) -> list[Result]:
        """What waits, as soon as something does; empty when it is closed and nothing does."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            count = min(AT_ONCE, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
            self._changed.notify_all()
            return batch

    def _keep_at_last(self, batch: list[Result]) -> bool:
        """Try until it is kept. False when the process ends and the disk still fails."""
        while not self._keep(batch):
            with self._changed:
                if self._closed:
                    return False
                self._changed.wait_for(lambda: self._closed, RETRY)
        return True

    def _keep(self, batch: list[Result]) -> bool:
        entries = [Entry(each.run, each.events, each.kept, each.wall) for each in batch]
        try:
            with self.heartbeat.doing("write"):
                self.output.journal.append(entries)
                self._tidy()
        except OutputError as error:
            self._errors.inc()
            if not self._failing:
                log.error("nothing is kept: %s", error, extra=fields(output=self.output.name))
            self._failing = str(error)
            return False
        if self._failing:
            log.info("events are kept again", extra=fields(output=self.output.name))
        self._failing = None
        return True

    def _tidy(self) -> None:
        now = time.monotonic()
        if self._tidied and now - self._tidied < TIDY_EVERY:
            return
        self._tidied = now
        for address, number in self.output.journal.tidy(self.output.keep, self.output.size).items():
            log.warning(
                "events are too old to be given to an output", extra=fields(output=address, events=number)
            )
            self._dropped.labels(self.output.name).inc(number)

    def _give_up(self, batch: list[Result]) -> None:
        """The process ends and the disk still fails."""
        with self._changed:
            batch += self._waiting
            self._waiting.clear()
        self._drop(batch)

    def _drop(self, results: list[Result]) -> None:
        lost = sum(len(result.events) for result in results)
        self._dropped.labels(self.output.name).inc(lost)
        if lost and self._closed:
            log.error("events are lost", extra=fields(output=self.output.name, events=lost))
