"""uvicorn's HTTP/1.1 with an end to its patience: a client that connects and sends nothing, or a byte now and
then, would otherwise keep its connection, and its file descriptor, for ever."""

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

PATIENCE = 10.0  # s for a request to come, from connecting or from the last answer
LOOK_EVERY = 1.0  # s
MOST_CONNECTIONS = 64  # of 1024 file descriptors that a process usually has; cameras and journal need some


class Impatient(H11Protocol):
    """One connection."""

    _since = 0.0  # s, of the loop's clock: when it began to wait for a request
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look = self.loop.call_later(LOOK_EVERY, self._check)
        if len(self.connections) > MOST_CONNECTIONS:
            # Whoever has waited longest gives way; who sends its request at once is not kept out.
            waiting = [each for each in self.connections if isinstance(each, Impatient) and each.waits]
            min(waiting, key=lambda each: each._since).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._look:
            self._look.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self._since = self.loop.time()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Told to who begins with nonsense; in the midst of a request there is nothing to answer any more."""
        if self.conn.our_state is h11.IDLE:
            super().send_400_response(msg)
        else:
            self.cycle.disconnected = True
            self.transport.abort()

    @property
    def waits(self) -> bool:
        """For a request, or for the rest of one that was answered already."""
        return self.cycle is None or self.cycle.response_complete

    def _check(self) -> None:
        if self.waits and self.loop.time() - self._since > PATIENCE:
            self.transport.abort()
        else:
            self._look = self.loop.call_later(LOOK_EVERY, self._check)
