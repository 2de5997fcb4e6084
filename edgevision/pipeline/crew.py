"""The threads of a pipeline: each has a name and an owner, and none ends unseen."""

import logging
import threading
import time
from collections.abc import Callable, Iterable

from edgevision.errors import EdgevisionError, InternalError
from edgevision.log import fields

log = logging.getLogger(__name__)


class Crew:
    """Starts threads and keeps the first error of any of them."""

    def __init__(self, on_error: Callable[[], None]) -> None:
        """on_error: called once, from the thread that failed first, to make all others end."""
        self._on_error = on_error
        self._lock = threading.Lock()
        self.error: EdgevisionError | None = None

    def start(self, name: str, work: Callable[[], None]) -> threading.Thread:
        # A daemon, so that a thread stuck in a driver cannot keep the process from ending.
        thread = threading.Thread(target=self._guarded, args=(work,), name=name, daemon=True)
        thread.start()
        return thread

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except EdgevisionError as error:
            self._fail(error)
        except BaseException as error:  # whatever it is: a thread must not end unseen
            thread = threading.current_thread().name
            log.exception("thread failed", extra=fields(thread=thread))
            self._fail(InternalError(f"thread {thread} failed: {type(error).__name__}: {error}"))

    def _fail(self, error: EdgevisionError) -> None:
        with self._lock:
            first = self.error is None
            if first:
                self.error = error
        if first:
            self._on_error()


def join(threads: Iterable[threading.Thread], seconds: float) -> list[str]:
    """Wait for threads to end, `seconds` altogether; the names of those that did not."""
    deadline = time.monotonic() + seconds
    late = []
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        if thread.is_alive():
            late.append(thread.name)
    return late
