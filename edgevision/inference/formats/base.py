"""What an output format is. One file in this folder is one format; roles, queries and gfl are what some
share, and refused is what is known and not read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats, Ints, Size
from edgevision.inference.masks import MaskSource

Index = NDArray[np.intp]  # into the rows of an array

STRIDES = (8, 16, 32)  # input pixels between the cells of a detector's three grids
# The grids that detectors are made with: the usual ones, one coarser for large pictures, one finer.
GRIDS = (STRIDES, (8, 16, 32, 64), (4, 8, 16, 32))
MOST_CANDIDATES = 1000  # the best by score; bounds what a network that sees things everywhere can cost
# Below this score, as only evaluations ask for, a cell's second guess is a candidate as well: COCO's AP gives
# points for it, 0.9 of 42 for YOLOv8n. An object that is counted is one thing.
SECOND_GUESSES = 0.1
MOST_CLASSES = 60_000  # a class number beyond is none; as float16 it still is a number
IMAGENET_MEAN = (123.675, 116.28, 103.53)  # of red, green, blue in 0..255
IMAGENET_STD = (58.395, 57.12, 57.375)

# What several formats are used to; each says so in its INPUT.
LETTERBOXED: Mapping[str, object] = {
    "color": "rgb", "resize": "letterbox", "pad": 114, "std": (255.0, 255.0, 255.0),
}  # fmt: skip
STRETCHED: Mapping[str, object] = {"color": "rgb", "resize": "stretch", "std": (255.0, 255.0, 255.0)}
IMAGENET: Mapping[str, object] = {
    "color": "rgb", "resize": "stretch", "mean": IMAGENET_MEAN, "std": IMAGENET_STD,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What can be seen of a network from outside."""

    size: Size  # of its input
    outputs: Sequence[np.ndarray]  # what one run on a blank picture really gave
    metadata: Mapping[str, str]  # of the file
    names: Sequence[str] = ()  # of the outputs
    companions: Sequence[str] = ()  # names of the inputs beside the picture
    labels: int = 0  # how many class names are known; 0: none
    normalises: bool = False  # whether the graph itself subtracts ImageNet's mean

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [output.shape for output in self.outputs]

    @property
    def cells(self) -> int:
        """How many cells the three grids have over this input: 8400 at 640x640."""
        return sum(self.level(stride) for stride in STRIDES)

    def level(self, stride: int) -> int:
        """How many cells one grid has over this input."""
        return -(-self.size.width // stride) * -(-self.size.height // stride)

    def strides(self, cells: int) -> tuple[int, ...] | None:
        """The strides of the grids that have so many cells together."""
        return next((grid for grid in GRIDS if sum(map(self.level, grid)) == cells), None)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Boxes as the network gave them, above the threshold."""

    boxes: Floats  # (K, 4) float32, x1 y1 x2 y2 in input pixels
    scores: Floats  # (K,) float32, 0..1
    class_ids: Ints  # (K,) int32, in the network's own numbers
    masks: MaskSource | None = None  # of a network that segments

    def take(self, index: Index) -> "Candidates":
        """Some of them, or all in another order."""
        boxes, scores, class_ids, draw = (
            self.boxes[index],
            self.scores[index],
            self.class_ids[index],
            self.masks,
        )
        masks = None if draw is None else lambda n: draw(int(index[n]))
        return Candidates(boxes, scores, class_ids, masks)


Decode = Callable[[list[np.ndarray], float], Candidates]
"""All outputs of one run, and the least score to keep, into candidates."""


class Format(Protocol):
    """A module of this folder."""

    @property
    def LAYOUT(self) -> str:  # noqa: N802
        """What its outputs look like, for messages."""

    @property
    def INPUT(self) -> Mapping[str, Any]:  # noqa: N802
        """The fields of InputSpec that networks of this format are used to; `size` is for open ones."""

    @property
    def NEEDS_NMS(self) -> bool:  # noqa: N802
        """Whether one object comes as several boxes."""

    def fits(self, signature: Signature) -> bool:
        """Whether the outputs can be this format, by their number, shapes and types."""

    def classes(self, signature: Signature) -> int:
        """How many classes it tells apart; 0 where the outputs do not say."""

    def decoder(self, signature: Signature) -> Decode:
        """How to read them."""


def corners(center_boxes: Floats) -> Floats:
    """(K, 4) centre x, centre y, width, height -> (K, 4) x1 y1 x2 y2, float32."""
    boxes = np.empty((len(center_boxes), 4), np.float32)
    half = center_boxes[:, 2:] * np.float32(0.5)
    np.subtract(center_boxes[:, :2], half, out=boxes[:, :2])
    np.add(center_boxes[:, :2], half, out=boxes[:, 2:])
    return boxes


def strongest(scores: Floats, least: float) -> Index:
    """Indices of the scores (N,) of at least `least`, and only the best of them where there are too many."""
    kept = np.flatnonzero(scores >= least)
    if len(kept) > MOST_CANDIDATES:
        best = np.argpartition(scores[kept], -MOST_CANDIDATES)[-MOST_CANDIDATES:]
        kept = np.sort(kept[best])
    return kept


def guesses(scores: Floats, least: float) -> tuple[Index, Ints, Floats]:
    """What rows of class scores (K, C) take their objects for: the row, class and score of each guess."""
    if least < SECOND_GUESSES:
        rows, class_ids = np.nonzero(scores >= least)
    else:
        rows, class_ids = np.arange(len(scores)), best_classes(scores).astype(np.intp)
    found = scores[rows, class_ids]
    kept = strongest(found, least)
    return rows[kept], class_ids[kept].astype(np.int32), found[kept].astype(np.float32)


def row_maxima(scores: Floats) -> Floats:
    """The highest score of each row: (K, C) -> (K,). Column by column: 2184 rows of 5 take 5 us, where
    numpy takes 77 us along the rows."""
    maxima: Floats = np.ascontiguousarray(scores.T).max(axis=0)
    return maxima


def best_classes(scores: Floats) -> Ints:
    """The column of the highest score in each row: (K, C) -> (K,) int32."""
    if not len(scores):
        return np.zeros(0, np.int32)
    ids: Ints = scores.argmax(axis=1).astype(np.int32)
    return ids


def class_numbers(values: np.ndarray) -> Ints:
    """Class numbers of any type as int32; what is no number is class -1."""
    numbers: Ints = np.clip(np.nan_to_num(values, nan=-1.0), -1, MOST_CLASSES).astype(np.int32)
    return numbers


def plain(output: np.ndarray) -> np.ndarray:
    """An output of one picture without its batch dimension, where it has one."""
    return output[0] if output.ndim > 2 and len(output) == 1 else output


def in_shares(values: np.ndarray) -> bool:
    """Whether all are 0..1, but for what rounding to 8 bits adds; as scores are."""
    return bool(values.size) and bool(values.min() >= -0.05) and bool(values.max() <= 1.05)


def sigmoid(values: Floats) -> Floats:
    """1 / (1 + e^-v), float32, for any v."""
    result: Floats = 0.5 * (1 + np.tanh(0.5 * values.astype(np.float32)))
    return result


def in_pixels(boxes: Floats, size: Size) -> Floats:
    """Finished boxes (K, 4) in input pixels. Some exports give shares of the input instead; then none reaches
    beyond 1, and no network sees all its objects within the first two pixels."""
    if len(boxes) and boxes.max() <= 2:
        return boxes * np.array([size.width, size.height] * 2, np.float32)
    return boxes
