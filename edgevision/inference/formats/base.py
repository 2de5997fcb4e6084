"""What an output format is. One file in this folder is one format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from edgevision.core.types import Floats, Ints, Size

STRIDES = (8, 16, 32)  # input pixels between the cells of a detector's three grids


@dataclass(frozen=True, slots=True, eq=False)
class Signature:
    """What can be seen of a network from outside."""

    size: Size  # of its input
    outputs: Sequence[np.ndarray]  # what one run on a blank picture really gave
    metadata: Mapping[str, str]  # of the file

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        return [output.shape for output in self.outputs]

    @property
    def cells(self) -> int:
        """How many cells the three grids have over this input: 8400 at 640x640."""
        return sum(-(-self.size.width // s) * -(-self.size.height // s) for s in STRIDES)


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Boxes as the network gave them, above the threshold."""

    boxes: Floats  # (K, 4) float32, x1 y1 x2 y2 in input pixels
    scores: Floats  # (K,) float32, 0..1
    class_ids: Ints  # (K,) int32


Decode = Callable[[list[np.ndarray], float], Candidates]
"""All outputs of one run, and the least score to keep, into candidates."""


class Format(Protocol):
    """A module of this folder."""

    @property
    def LAYOUT(self) -> str:  # noqa: N802
        """What its outputs look like, for messages."""

    @property
    def INPUT(self) -> Mapping[str, Any]:  # noqa: N802
        """The fields of InputSpec that networks of this format are used to."""

    @property
    def NEEDS_NMS(self) -> bool:  # noqa: N802
        """Whether one object comes as several boxes."""

    def fits(self, signature: Signature) -> bool:
        """Whether the outputs can be this format."""

    def classes(self, signature: Signature) -> int:
        """How many classes it tells apart; 0 where the outputs do not say."""

    def decoder(self, signature: Signature) -> Decode:
        """How to read them."""


def corners(center_boxes: Floats) -> Floats:
    """(K, 4) centre x, centre y, width, height -> (K, 4) x1 y1 x2 y2, float32."""
    boxes = center_boxes.astype(np.float32)
    half = boxes[:, 2:] / 2
    return np.hstack([boxes[:, :2] - half, boxes[:, :2] + half])
