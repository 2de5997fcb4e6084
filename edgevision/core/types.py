"""The things that travel through the pipeline. numpy only; units and ranges are in the fields' comments."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.core.shown import MOST_ROWS, as_table

Floats = NDArray[np.floating[Any]]  # float32 unless said otherwise; numpy's stubs lose the width
Ints = NDArray[np.int32]
Image = NDArray[np.uint8]


class Size(NamedTuple):
    """Width and height of a picture in pixels."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture of one camera.

    `ts` is the only clock that tracker and analytics see; within a camera it rises strictly, also over
    reconnects. `wall` is only for what leaves the process, `captured` only for latencies.
    """

    camera: str
    session: int  # rises by one at each reconnect
    index: int  # 0, 1, 2, ... per camera, counted before anything is dropped
    image: Image  # (H, W, 3) uint8 BGR
    ts: float  # seconds: media time of a file, arrival time of a live camera
    wall: float  # Unix seconds
    captured: float  # time.monotonic() seconds at which work on this frame began
    still: float | None = None  # seconds: nothing moved up to then in pictures that were left out before it

    @property
    def size(self) -> Size:
        return Size(self.image.shape[1], self.image.shape[0])


class Mask(NamedTuple):
    """Which pixels of a frame are one object, cut to the pixels that its box touches."""

    left: int  # px: where the cut lies in the frame
    top: int
    pixels: NDArray[np.bool_]  # (h, w)


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What a network saw in one picture: N boxes as parallel arrays, checked once, here.

    Raises ValueError with the expected and the actual shape.
    """

    boxes: Floats  # (N, 4) float32, x1 y1 x2 y2 in pixels of the frame
    scores: Floats  # (N,) float32, 0..1
    class_ids: Ints  # (N,) int32, index into the network's labels
    masks: tuple[Mask, ...] | None = None  # N of them, of a network that segments
    labels: Sequence[str] | None = None  # names by class id, where it is for people to look at

    def __post_init__(self) -> None:
        count = len(self.boxes)
        _require("boxes", self.boxes, (count, 4), np.float32)
        _require("scores", self.scores, (count,), np.float32)
        _require("class_ids", self.class_ids, (count,), np.int32)
        if self.masks is not None and len(self.masks) != count:
            raise ValueError(f"masks must be {count}, one per box, got {len(self.masks)}")

    def __len__(self) -> int:
        return len(self.boxes)

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.intp] | slice) -> "Detections":
        masks = self.masks and tuple(self.masks[i] for i in np.arange(len(self))[index])
        return Detections(self.boxes[index], self.scores[index], self.class_ids[index], masks, self.labels)

    def names(self) -> Sequence[str]:
        """By class id; numbers where there are no names."""
        count = int(self.class_ids.max(initial=-1)) + 1
        return self.labels if self.labels is not None else [str(number) for number in range(count)]

    def _repr_html_(self) -> str:
        """For notebooks: a table of the first rows."""
        names = self.names()
        rows = zip(self.class_ids[:MOST_ROWS], self.scores, self.boxes, strict=False)
        shown = [(names[each], f"{score:.2f}", *(f"{side:.0f}" for side in box)) for each, score, box in rows]
        return as_table(("label", "score", "x1", "y1", "x2", "y2"), shown, len(self))

    @staticmethod
    def empty() -> "Detections":
        return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int32))


class Region(NamedTuple):
    """Where an object is in a picture, or may be."""

    label: str
    box: Floats  # (4,) float32, x1 y1 x2 y2 in pixels of the frame
    mask: Mask | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Segmentation:
    """What each pixel of a picture is."""

    class_ids: Image  # (H, W) uint8 of the frame, index into the network's labels


@dataclass(frozen=True, slots=True, eq=False)
class Classification:
    """What a picture as a whole is."""

    scores: Floats  # (C,) float32, 0..1 for each of the network's labels
    exclusive: bool  # one label of all: the scores add up to 1; else each is a yes or no of its own


def _require(name: str, array: np.ndarray, shape: tuple[int, ...], dtype: type) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(
            f"{name} must be {np.dtype(dtype).name} of shape {shape}, "
            f"got {array.dtype.name} of shape {array.shape}"
        )


class Verdict(NamedTuple):
    """What the second looks at one object agree on."""

    label: str
    share: float  # 0..1, of the votes
    seen: int  # looks that voted


@dataclass(slots=True, eq=False)
class Track:
    """One confirmed object in one frame. What is not confirmed yet is not a Track: there is no id -1.

    Not to be changed by who gets it. It is not frozen, as that triples what making one costs: 1 µs.
    """

    id: int  # >= 1, never reused by its tracker
    box: Floats  # (4,) float32, x1 y1 x2 y2 in pixels, smoothed
    class_id: int  # by vote over the track's life
    label: str
    score: float  # 0..1, of the last matched detection
    age: float  # seconds since it was first detected
    missed: float  # seconds since it was last detected; 0.0 when seen in this frame
    trail: Floats  # (K, 2) float32, K >= 1: bottom centres in pixels since the last report, oldest first
    looks: Mapping[str, Verdict] = field(default_factory=dict)  # by name, of the second looks that voted
    mask: Mask | None = None  # of its detection in this frame, if it was seen and its network segments

    @property
    def anchor(self) -> Floats:
        """(2,) float32: bottom centre in pixels, where an upright object stands on the ground."""
        anchor: Floats = self.trail[-1]
        return anchor

    def is_one_of(self, classes: Collection[str]) -> bool:
        """Whether its label, or what a second look says of it, is among them. All are, if there are none."""
        return not classes or self.label in classes or any(v.label in classes for v in self.looks.values())


@dataclass(frozen=True, slots=True)
class Finding:
    """What an analytic found out. The pipeline, which knows camera and clock, makes an Event of it."""

    kind: str  # e.g. crossed_in
    label: str
    track_id: int | None
    value: float  # a running count, or seconds
    confidence: float  # 0..1
    looks: Mapping[str, Verdict] = field(default_factory=dict)  # of its object
    before: str | None = None  # of a change: the label that was so until now
    at: float | None = None  # s: when it happened, if that was before this frame
    name: str | None = None  # of the part it is about, of an analytic of many: a spot, a row

    @classmethod
    def about(cls, track: Track, kind: str, value: float, at: float | None = None) -> "Finding":
        return cls(kind, track.label, track.id, value, track.score, track.looks, at=at)

    def so(self, kind: str, value: float, at: float) -> "Finding":
        """What follows from this one, about the same object, at `at` seconds."""
        return replace(self, kind=kind, value=value, at=at)


class PlaceState(NamedTuple):
    """What is known of one place, such as a parking spot."""

    state: str  # e.g. free, occupied, unknown
    since: float | None  # s: when that began, if it is known
    label: str | None  # of what is there, if anything


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as it leaves the process."""

    id: str  # camera:name:number, the same on every run over the same file
    camera: str
    analytic: str
    name: str
    kind: str
    label: str
    track_id: int | None
    value: float
    confidence: float
    wall: float  # Unix seconds: when it happened, which may be a little before it was believed
    ts: float  # the same moment in seconds, see Frame.ts
    looks: Mapping[str, Verdict] = field(default_factory=dict)
    before: str | None = None
    outlines: Mapping[str, Any] | None = None  # of its object, where the camera asks for them; JSON's types


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A line or polygon to draw over a frame, with its text."""

    points: Floats  # (K, 2) float32 pixels
    closed: bool
    text: str
    color: tuple[int, int, int] | None = None  # BGR; that of all shapes, if it has none of its own
