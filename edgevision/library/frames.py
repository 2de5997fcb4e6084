"""The pictures of any source, one after the other."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

from edgevision.core.types import Frame
from edgevision.errors import SourceError
from edgevision.sources import LiveSettings, Source, parse_address
from edgevision.sources import open_source as source_at

LEAST_STEP = 1e-3  # s between two frames whose source gave the same time twice, as in the service


class Frames:
    """Opened at each `for` anew, and closed when that ends. Raises SourceError where no picture comes.

    A camera is not connected anew, and one that is read too slowly lags behind: that is what `edgevision run`
    is for.
    """

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.name = name

    def __iter__(self) -> Iterator[Frame]:
        last = float("-inf")
        for index, picture in enumerate(self.source.pictures(Event())):
            last = max(picture.captured if picture.ts is None else picture.ts, last + LEAST_STEP)
            yield Frame(self.name, 0, index, picture.image, last, time.time(), picture.captured)


def open_source(address: str | Path, name: str = "camera") -> Frames:
    """address: a video, a folder of pictures, rtsp://..., /dev/video0, synthetic:carpark; as `source:` of a
    camera. name: what its frames say they are from. Raises SourceError for what can be no source."""
    try:
        return Frames(source_at(parse_address(str(address), Path()), LiveSettings()), name)
    except ValueError as error:
        raise SourceError("open_failed", str(error)) from None
