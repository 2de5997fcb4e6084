"""What a source is. One file in this folder is one kind of source."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np

from edgevision.core.types import Image

UNMADE: Image = np.empty((0, 0, 3), np.uint8)  # the image of a picture that nobody wanted


class Picture(NamedTuple):
    """One picture as a source gives it; the pipeline, which knows camera and session, makes a Frame of it."""

    image: Image  # (H, W, 3) uint8 BGR, the receiver's to keep; or UNMADE
    ts: float | None  # media time in seconds, rising; None: the picture has no other time than now
    captured: float  # time.monotonic() at which work on this picture began
    position: float | None = None  # s: of a live stream, when it was taken, by a clock of the camera's own
    faults: tuple[str, ...] = ()  # what the decoder complained of since the last picture

    @property
    def made(self) -> bool:
        return self.image.size > 0


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


# By the time of a picture in s: its `ts`, or if it has none when it was captured.
Wanted = Callable[[float], bool]


@runtime_checkable
class Choosy(Protocol):
    """A source that knows the time of a picture before it makes an image of it: at 1280 x 720 that takes 0.4
    to 0.6 ms of 2.5 for the whole (tests/bench/decoding.py)."""

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        """As `pictures`, which wants all: those that are not wanted come too, without an image."""


def chosen(source: Source, stop: Event, wanted: Wanted) -> Iterator[Picture]:
    """The pictures of any source; those that are not wanted may be UNMADE."""
    return source.chosen(stop, wanted) if isinstance(source, Choosy) else source.pictures(stop)


def all_of_them(_: float) -> bool:
    return True


@runtime_checkable
class Described(Protocol):
    """A source that has more to tell about what it opened, for the log."""

    facts: Mapping[str, str]


PICTURES = 3  # a camera this slow, of one picture in 5 s say, may be silent for as long as these take
SLOWEST = 0.1  # pictures/s; a stream that announces less is not believed

Backend = Literal["auto", "opencv", "pyav"]
Decode = Literal["all", "keyframes"]
Acceleration = Literal["none", "auto", "vaapi", "nvdec"]


@dataclass(frozen=True, slots=True)
class LiveSettings:
    """How live sources are opened and read; of this, files know `decode` only."""

    open: float = 5.0  # s from the first attempt to the first picture
    stall: float = 3.0  # s between two pictures
    backend: Backend = "auto"  # of streams: the library that reads and decodes them
    hwaccel: Acceleration = "none"  # of streams: decode on a GPU
    decode: Decode = "all"  # of streams and files: which pictures, the others come without an image

    def patience(self, frame_rate: float | None) -> float:
        """Seconds that a source may be silent: `stall`, longer for one that is known to be slow."""
        return max(self.stall, PICTURES / max(frame_rate, SLOWEST)) if frame_rate else self.stall
