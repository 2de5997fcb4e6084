"""A server of the standard library for a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from socketserver import BaseServer
from threading import Thread
from typing import TypeVar

S = TypeVar("S", bound=BaseServer)


@contextmanager
def serving(server: S) -> Iterator[S]:
    """It answers in a thread of its own, and is closed when that has ended."""
    with server:
        thread = Thread(target=server.serve_forever, args=(0.01,), name="test server")
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
