"""Says whether the process is well: to systemd, which restarts it when it is not, to /readyz, to the log."""

import logging
import time
from collections.abc import Sequence

from edgevision.log import fields
from edgevision.pipeline.heartbeat import STUCK, Vital
from edgevision.pipeline.pipeline import Pipeline
from edgevision.service import Notifier

SURE = 2.0  # s: after the whole process was stopped for a while everything seems to hang for a moment

log = logging.getLogger(__name__)


class Watchdog:
    """Belongs to the main thread, but for `troubles`."""

    def __init__(self, notifier: Notifier, pipeline: Pipeline, others: Sequence[Vital]) -> None:
        """others: what else may hang in this process."""
        self._notifier = notifier
        self._pipeline = pipeline
        self._others = others
        self._alive = time.monotonic()  # when systemd was last told
        self._stuck_since: float | None = None
        self._named: set[str] = set()

    def troubles(self) -> list[str]:
        """All that keeps frames from coming through or being told of, in words."""
        return self._slow_others() + self._pipeline.troubles()

    def look(self) -> None:
        """To be called a few times a second."""
        now = time.monotonic()
        self._tell(self._slow_others() + self._pipeline.slow())
        stuck = self._pipeline.stuck()
        stuck += [text for each in self._others if (text := each.stuck(STUCK + each.grace))]
        if not stuck:
            self._stuck_since = None
        elif self._stuck_since is None:
            self._stuck_since = now
        if self._notifier.watchdog is None:
            return
        # A camera that is away must not get the process killed; a hang inside it must.
        if self._stuck_since is None and now - self._alive >= self._notifier.watchdog / 3:
            self._notifier.alive()
            self._alive = now
        elif self._stuck_since is not None and now - self._stuck_since >= SURE:
            log.critical("it hangs for good: asking for a restart", extra=fields(what="; ".join(stuck)))
            self._notifier.trigger()
            self._stuck_since = now  # again, should nothing come of it

    def _slow_others(self) -> list[str]:
        return [text for each in self._others if (text := each.stuck(STUCK))]

    def _tell(self, slow: Sequence[str]) -> None:
        """In the log, once."""
        named = {text.partition(" for ")[0] for text in slow}
        for text in slow:
            if text.partition(" for ")[0] not in self._named:
                log.error("it hangs", extra=fields(what=text))
        for name in self._named - named:
            log.info("it goes on", extra=fields(what=name))
        self._named = named
