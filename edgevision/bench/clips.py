"""Recordings played for a measurement: for ever and as fast as they are taken, or at a camera's pace."""

import time
from collections.abc import Iterator
from threading import Event

from edgevision.sources import Picture, Source, Wanted, chosen
from edgevision.sources.base import all_of_them

UNKNOWN_STEP = 1 / 15  # s of media time between two pictures of a source that does not say


class Valve:
    """Lets the pictures of all sources of one measurement through, or holds them back while others have their
    turn."""

    def __init__(self) -> None:
        self._open = Event()

    def turn(self, opened: bool) -> None:
        if opened:
            self._open.set()
        else:
            self._open.clear()

    def is_open(self) -> bool:
        return self._open.is_set()

    def wait(self, stop: Event) -> bool:
        """Until it is open: True; or `stop` is set: False."""
        while not self._open.wait(0.05):
            if stop.is_set():
                return False
        return True


class Looped:
    """A recording that begins again at its end; its media time goes on. The pipeline takes it for a file."""

    live = False

    def __init__(self, source: Source, valve: Valve) -> None:
        self.frame_rate: float | None = None  # until it is open
        self._source = source
        self._valve = valve

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        pictures = _forever(self._source, stop, wanted)
        while self._valve.wait(stop) and (picture := next(pictures, None)):
            self.frame_rate = self._source.frame_rate
            yield picture


class Paced:
    """A recording that comes at a camera's rate, whether it is taken or not. A picture that cannot be decoded
    in time counts from the moment it was due: being late is latency, too."""

    live = True

    def __init__(self, source: Source, valve: Valve, fps: float, phase: float) -> None:
        """phase: 0..1 of the time between two pictures, by which this camera lags behind the first."""
        self.frame_rate: float | None = fps
        self._source = source
        self._valve = valve
        self._step = 1 / fps
        self._phase = phase

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        due = time.monotonic()
        pictures = _forever(self._source, stop, lambda _: wanted(due))  # a camera's time is when it comes
        while self._valve.wait(stop):
            due = time.monotonic() + self._phase * self._step
            while self._valve.is_open() and not stop.is_set():
                stop.wait(max(0.0, due - time.monotonic()))
                picture = next(pictures, None)
                if picture is None:
                    return
                yield picture._replace(ts=None, captured=due)
                due += self._step


def _forever(source: Source, stop: Event, wanted: Wanted) -> Iterator[Picture]:
    offset = last = 0.0
    step = UNKNOWN_STEP

    def wanted_now(ts: float) -> bool:
        return wanted(offset + ts)

    while not stop.is_set():
        given = False
        for picture in chosen(source, stop, wanted_now):
            given = True
            step = 1 / source.frame_rate if source.frame_rate else step
            last = offset + (picture.ts or 0.0)
            yield picture._replace(ts=last)
        if not given:
            return  # it has nothing, or it was stopped
        offset = last + step
