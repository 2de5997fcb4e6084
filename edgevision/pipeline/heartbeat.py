"""What a thread is doing and since when, so that a hang can be named by somebody else."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Heartbeat:
    """Written by one thread, read by any. Waiting for work is no activity and never too long."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._activity: tuple[str, float] | None = None  # replaced as a whole: no lock needed

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        self._activity = (what, time.monotonic())
        try:
            yield
        finally:
            self._activity = None

    def stuck(self, seconds: float) -> str | None:
        """What has been going on for longer than that, in words, or None."""
        activity = self._activity
        if activity is None:
            return None
        what, since = activity
        busy = time.monotonic() - since
        return f"{self.name}: {what} for {busy:.0f} s" if busy > seconds else None
