"""Whether the HTTP server's event loop still goes round."""

import asyncio
import time
from contextlib import suppress


class Pulse:
    """Asked a few times a second by the thread that watches. A connection to ourselves would ask more, but
    also be refused when somebody takes all connections, and that is no reason to be restarted."""

    grace = 50.0  # s: without HTTP it still counts

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked: float | None = None  # time.monotonic() of the question that waits for an answer

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def stuck(self, seconds: float) -> str | None:
        """For how long it has not answered, in words, if that is longer; None before it has begun."""
        if self._loop is None:
            return None
        now = time.monotonic()
        asked = self._asked
        if asked is None:
            asked = self._asked = now
            with suppress(RuntimeError):  # it has ended: so nobody will answer
                self._loop.call_soon_threadsafe(self._answer)
        silent = now - asked
        return f"http: no answer for {silent:.0f} s" if silent > seconds else None

    def _answer(self) -> None:
        self._asked = None
