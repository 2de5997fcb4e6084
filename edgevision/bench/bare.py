"""The least that any design would have to do for a frame, and nothing else: read it, make it small, run the
network, read its boxes. Nothing is tracked, counted, measured, kept in order or written."""

import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from edgevision.bench.callers import rate
from edgevision.bench.ceiling import Way, one_after_the_other
from edgevision.bench.clips import Looped, Valve
from edgevision.bench.turns import Turn
from edgevision.bench.usage import meter
from edgevision.core.types import Image, Size
from edgevision.inference.region import WHOLE, Window
from edgevision.inference.tiles import Tiles, views_of
from edgevision.pipeline.choice import Choice
from edgevision.sources import Source


class Read(NamedTuple):
    """What frames of a network come from, and which parts of which of them it is shown."""

    open_source: Callable[[], Source]
    tiles: Tiles | None = None
    region: Window = WHOLE
    fps: float | None = None  # None: all of them


class Bare:
    """A loop on each core, which has its own place in the recording; all share the network's session."""

    def __init__(self, ways: Mapping[str, Way], reads: Mapping[str, Read]) -> None:
        """By network: a caller per core, and what it is to look at."""
        self._open = Valve()
        self._open.turn(True)
        self._never = threading.Event()
        self._loops = {
            name: [self._loop(way, reads[name]) for _ in range(way.callers)] for name, way in ways.items()
        }

    def turn(self, seconds: float) -> Turn:
        read = meter()
        each = seconds / len(self._loops)
        by_model = {
            name: rate(len(loops), functools.partial(_turn_of, loops), each) * loops[0].runs
            for name, loops in self._loops.items()
        }
        return one_after_the_other(by_model, read())

    def _loop(self, way: Way, read: Read) -> "_Loop":
        pictures = self._pictures(read)
        return _Loop(way, lambda: next(pictures), read.tiles)

    def _pictures(self, read: Read) -> Iterator[Image]:
        """All that the network is to see, for ever."""
        choice = Choice(read.fps, None, fine=False)
        for picture in Looped(read.open_source(), self._open).chosen(self._never, choice.due):
            if not choice.leaves_out(picture.image, picture.ts or 0.0):
                yield read.region.of(picture.image)


def _turn_of(loops: Sequence["_Loop"], number: int) -> None:
    loops[number]()


class _Loop:
    """Takes one picture the whole way each time that it is called; of one thread at a time."""

    def __init__(self, way: Way, take: Callable[[], Image], tiles: Tiles | None) -> None:
        self._network, self._take, self._tiles = way.network, take, tiles
        self._preprocess = self._network.preprocessor()
        self.runs = len(self._parts(take()))  # of the network a picture

    def __call__(self) -> None:
        for part in self._parts(self._take()):
            tensor, placement = self._preprocess(part)
            self._network.decode(self._network.infer(tensor), placement)

    def _parts(self, image: Image) -> list[Image]:
        if not self._tiles:
            return [image]
        height, width = image.shape[:2]
        frame = Size(width, height)
        return [view.of(image) for view in views_of(frame, self._tiles, self._network.input.size)]
