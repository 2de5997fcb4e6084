"""One camera's frames on their way through the workers: what waits, what is in flight, what was dropped."""

from collections import Counter, deque
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from edgevision.accounts import FrameCounts
from edgevision.core.types import Frame
from edgevision.inference.region import Window
from edgevision.inference.tiles import Tiles
from edgevision.pipeline.errands import Errand

STEPS = ("captured", "inferred", "committed")


@dataclass(slots=True, eq=False)
class Ticket:
    """One frame on its way through a worker."""

    lane: "Lane"
    frame: Frame
    queued: float  # time.monotonic() when it began to wait
    taken: float = 0.0  # when a worker took it
    result: Any = None  # what the worker made of it; None until then
    permit: bool = False  # whether, once it is done, its worker gives back the permit that it has


@dataclass(slots=True, eq=False)
class Lane:
    """One camera's way through the scheduler; the scheduler's lock guards all of it."""

    camera: str
    live: bool
    room: Condition  # of a file that waits for room
    first: Condition  # of the committer, until the oldest frame in flight is done
    tiles: Tiles | None = None  # how its frames are cut for the network
    region: Window | None = None  # the part of them that it is shown; None: all
    views: int = 1  # pictures for the network that a frame makes; the most there can be until one was cut
    priority: float = 1.0  # its share of the workers under overload, beside the others'
    served: float = 0.0  # virtual time: pictures that it had of the network, divided by its priority
    waiting: deque[Ticket] = field(default_factory=deque)
    in_flight: deque[Ticket] = field(default_factory=deque)  # in order of frames, done or not
    errands: deque[Errand] = field(default_factory=deque)  # for the committer, at most MOST
    ended: bool = False  # no more frames will come
    left: bool = False  # and none is wanted
    given_up: bool = False  # nor what is in flight: who takes its place gives out the same numbers
    captured: int = 0
    processed: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    progress: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STEPS, 0.0))
    # time.monotonic() when a frame was last through with each step

    @property
    def cost(self) -> float:
        """Virtual time that a frame takes."""
        return self.views / self.priority

    def counts(self) -> FrameCounts:
        in_flight = len(self.waiting) + len(self.in_flight)
        return FrameCounts(self.captured, self.processed, dict(self.dropped), in_flight)
