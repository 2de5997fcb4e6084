"""What an output is. One file in this folder is one destination."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from edgevision.core.types import Event, Floats, Frame, Region, Segmentation, Shape, Track


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one frame; or, without a frame, what is known only because a file has ended."""

    camera: str
    events: Sequence[Event]
    frame: Frame | None = None  # only for outputs that want frames, likewise all but the last
    tracks: Sequence[Track] = ()
    shapes: Sequence[Shape] = ()
    regions: Sequence[Region] = ()  # of all that is or may be in the frame: all boxes of the network, however
    # doubtful, and all that the tracker remembers, confirmed or not
    segmentation: Segmentation | None = None  # of a network that makes a map
    labels: Sequence[str] = ()  # of the network's classes
    frame_rate: float = 15.0  # frames per second to expect of this camera
    grids: Mapping[str, Floats] = field(default_factory=dict)  # heatmaps: (rows, columns) s
    run: int = 0  # of the journal
    kept: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # states of analytics, by name
    wall: float = 0.0  # Unix s, of those
    at: float = 0.0  # time.monotonic() when it was handed on
    live: bool = True  # of a camera, that waits for nobody; else of a file

    def without_frame(self) -> "Result":
        """What waits in a queue of events: the frame alone is some MB."""
        return Result(self.camera, self.events, run=self.run, kept=self.kept, wall=self.wall, at=self.at)


class Output(Protocol):
    """Writes results somewhere, all from one thread of its own. The pipeline queues, times and counts.

    It is open once it is built; building raises OutputError with what to do.
    """

    name: str
    """Short and unique: the label of its metrics."""

    address: str
    """What it writes to, without secrets. By it is known after a restart what it has been given already."""

    camera: str | None
    """Wants only this camera's results; None: those of all."""

    wants_frames: bool
    """False: it is given only results with events, without their frame."""

    def write(self, result: Result) -> None:
        """Raises OSError or OutputError; the pipeline counts it and goes on."""

    def close(self) -> None:
        """Flush and end."""


@runtime_checkable
class Telling(Protocol):
    """An output that passes on how things stand, too, and not only what happens."""

    def tell(self, state: dict[str, Any]) -> None:
        """The state of the process as the API has it, in JSON's types; every few seconds, from another thread
        than `write`. It must not wait."""


@runtime_checkable
class Losing(Protocol):
    """An output that goes on without what it cannot keep, and says so in the log itself."""

    def lost(self) -> int:
        """How much was left out since the last call; from the thread of `write`."""


@runtime_checkable
class Remembering(Protocol):
    """An output that can look up what it was given last."""

    def last_id(self) -> str | None:
        """Of the last event that certainly arrived; None if it cannot tell."""
