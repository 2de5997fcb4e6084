"""What a session of a live source leaves behind: nothing."""

import gc
import threading
import time
import weakref
from collections.abc import Iterator

import numpy as np
import pytest

from edgevision.errors import SourceError
from edgevision.pipeline.reader import Reader
from edgevision.sources import Picture
from edgevision.sources.base import all_of_them


class Decoder:
    """Holds much memory, as one does."""


class Lost:
    """A camera that is lost after one picture, in the midst of another error."""

    live = True
    frame_rate: float | None = None

    def __init__(self) -> None:
        self.decoders: list[weakref.ref[Decoder]] = []

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        decoder = Decoder()
        self.decoders.append(weakref.ref(decoder))
        yield Picture(np.zeros((2, 2, 3), np.uint8), None, time.monotonic())
        try:
            raise TimeoutError("not a byte")
        except TimeoutError:
            raise SourceError("stall", "no picture for 3.0 s") from None


def test_what_decoded_a_lost_stream_is_gone_at_once() -> None:
    """Without a search for garbage, which a service that makes little of it comes to after hours."""
    source = Lost()
    gc.disable()
    try:
        for _ in range(3):
            reader = Reader(source, "camera reader", all_of_them)
            assert reader.take(10.0)
            with pytest.raises(SourceError, match="no picture") as raised:
                reader.take(10.0)
            assert raised.value.reason == "stall"
            assert reader.stop(10.0)
        assert [decoder() for decoder in source.decoders] == [None] * 3
    finally:
        gc.enable()
