"""Watches over a network that is being loaded: TensorRT makes engines for minutes, silently."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from edgevision.log import fields

EVERY = 30.0  # s between two words
END = 5.0  # s: for the last word to be said

log = logging.getLogger(__name__)

Tell = Callable[[str], None]
"""Is told what is being done, in words: at once where it may take long, and every EVERY seconds."""


@contextmanager
def watched(what: str, tell: Tell, *, long: bool = False, every: float = EVERY) -> Iterator[None]:
    """Say what goes on, and for how long, until it is over. ONNX Runtime lets other threads run meanwhile:
    the longest pause was 16 ms in 4 s of loading (1.31)."""
    over = threading.Event()
    began = time.monotonic()

    def say() -> None:
        while not over.wait(every):
            log.info(what, extra=fields(seconds=round(time.monotonic() - began)))
            tell(what)

    if long:
        tell(what)
    thread = threading.Thread(target=say, name=f"watch: {what}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(END)
