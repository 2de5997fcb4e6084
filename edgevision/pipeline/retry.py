"""When a camera may be asked again."""

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

FIRST, MOST = 1.0, 30.0  # s: the most to wait before the first new attempt, doubled for each further one
# Of a camera that knows us not: some lock an account, or an address, after a few wrong passwords in a minute.
FIRST_REFUSED, MOST_REFUSED = 60.0, 300.0  # s
REFUSED = ("auth", "not_found")
NOT_OPEN = ("open_failed", "open_timeout", "dns", "refused", *REFUSED)
REASONS = (*NOT_OPEN, "stall", "lag", "ended", "failed")  # to connect anew
GOOD_SESSION = 30.0  # s of pictures after which the waiting starts from its first value again
SPREAD_EACH, SPREAD_MOST = 0.1, 2.0  # s over which the cameras of one process start
AT_ONCE = 2  # cameras that open at the same time
OTHERS = 1.0  # s to wait for others that open


def backoff(attempt: int, reason: str = "") -> float:
    """Seconds to wait before the next attempt: random, so that cameras of one switch do not return as one
    ("full jitter", M. Brooker, AWS Architecture Blog, 2015), and never below a fifth of the most; who was
    refused waits for at least half of it."""
    doubled = 2.0 ** min(max(0, attempt - 1), 10)  # a float ends at 2^1023, after six hours of attempts
    if reason in REFUSED:
        most = min(MOST_REFUSED, FIRST_REFUSED * doubled)
        return random.uniform(most / 2, most)
    most = min(MOST, FIRST * doubled)
    return random.uniform(most / 5, most)


class Gate:
    """Opening decodes a second of video as fast as it can, and a power cut ends for all cameras at once: few
    open at a time. But none waits for long: those that are away keep their places for all of their timeout.
    """

    def __init__(self, cameras: int = 1) -> None:
        self._spread = min(SPREAD_MOST, SPREAD_EACH * (cameras - 1))
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def start_delay(self) -> float:
        """Seconds to wait before the first attempt of all."""
        return random.uniform(0, self._spread)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place among those that open, or for OTHERS seconds."""
        taken = self._places.acquire(timeout=OTHERS)
        try:
            yield
        finally:
            if taken:
                self._places.release()
