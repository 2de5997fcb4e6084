"""One camera, captured for real, and what is to be known of it: for faults.py."""

import logging
import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np

from edgevision.metrics import Metrics
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.retry import REASONS, Gate
from edgevision.pipeline.scheduler import Scheduler
from edgevision.sources import LiveSettings, Source

PATIENCE = 60.0  # s to wait for anything
NAME = "camera"


class Usage(NamedTuple):
    """Of this process."""

    megabytes: float
    threads: int
    files: int

    @staticmethod
    def now() -> "Usage":
        status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
        return Usage(
            int(status["VmRSS"].split()[0]) / 1024,
            threading.active_count(),
            len(os.listdir("/proc/self/fd")),  # noqa: PTH208
        )


class Watched:
    """Its arrivals, and the state of its capture."""

    def __init__(self, source: Source, live: LiveSettings, gate: Gate) -> None:
        self.metrics, self._scheduler = Metrics(), Scheduler(1)
        self.capture = Capture(
            NAME,
            source,
            self._scheduler,
            self.metrics.camera(NAME),
            fps=None,
            start=0.0,
            live=live,
            gate=gate,
        )
        self.arrivals: list[float] = []
        self.size = (0, 0)
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=work, name=f"bench {work.__name__}", daemon=True)
            for work in (self._take, self._capture)
        ]
        for thread in self._threads:
            thread.start()

    def _capture(self) -> None:
        self.capture.run(self._stop)

    def _take(self) -> None:
        while ticket := self._scheduler.take():
            self.arrivals.append(time.monotonic())
            self.size = ticket.frame.size
            self._scheduler.done(ticket, "seen")
            self._scheduler.committed(ticket)

    def close(self) -> None:
        self._stop.set()
        self._scheduler.stop()
        for thread in self._threads:
            thread.join(10)

    def value(self, name: str, **labels: str) -> float:
        return self.metrics.value(name, camera=NAME, **labels) or 0.0

    def reconnects(self) -> dict[str, int]:
        counts = {reason: int(self.value("source_reconnects_total", reason=reason)) for reason in REASONS}
        return {reason: count for reason, count in counts.items() if count}

    def wait(self, streams: bool) -> float:
        """Seconds until pictures come, or do not any more; infinite if that does not happen."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            if (self.value("source_up") == 1) == streams:
                return time.monotonic() - began
            time.sleep(0.01)
        return float("inf")

    def wait_for_loss(self) -> float:
        """Seconds from now until the first connection is told to be lost, or not to have been made."""
        began = time.monotonic()
        while time.monotonic() - began < PATIENCE:
            if self.reconnects():
                return time.monotonic() - began
            time.sleep(0.01)
        return float("inf")

    def rate(self, since: float, until: float) -> float:
        """Frames per second in a time."""
        return sum(since <= each < until for each in self.arrivals) / (until - since)

    def gap(self, since: float, until: float) -> float:
        """Seconds between two frames, at the 99th percentile."""
        gaps = np.diff([each for each in self.arrivals if since <= each < until])
        return float(np.percentile(gaps, 99)) if len(gaps) else float("inf")


class Waits(logging.Handler):
    """Remembers how long captures said that they would wait."""

    def __init__(self) -> None:
        super().__init__()
        self.last = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        self.last = getattr(record, "fields", {}).get("retry_in", self.last)
