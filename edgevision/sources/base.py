"""What a source is. One file in this folder is one kind of source."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from typing import NamedTuple, Protocol

from edgevision.core.types import Image


class Picture(NamedTuple):
    """One picture as a source gives it; the pipeline, which knows camera and session, makes a Frame of it."""

    image: Image  # (H, W, 3) uint8 BGR, the receiver's to keep
    ts: float | None  # media time in seconds, rising; None: the picture has no other time than now
    captured: float  # time.monotonic() at which work on this picture began


class Source(Protocol):
    """Runs and raises; it neither retries nor counts nor logs."""

    live: bool
    """A live source cannot wait for us, so frames are dropped when we are slow, and its end is a failure."""

    frame_rate: float | None
    """Pictures per second as announced, once open; None when unknown."""

    def pictures(self, stop: Event) -> Iterator[Picture]:
        """Open, give pictures until the end or until `stop` is set, and close, all in the calling thread.

        Raises SourceError when nothing can be opened, or when a live source falls silent.
        """


@dataclass(frozen=True, slots=True)
class Timeouts:
    """For live sources, seconds."""

    open: float = 5.0  # from the first attempt to the first picture
    stall: float = 3.0  # between two pictures
