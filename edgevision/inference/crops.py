"""What a network says of parts of a picture: of an object, or of a place."""

import logging
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Classification, Floats, Image, Size
from edgevision.errors import ModelError
from edgevision.inference.classifier import Classifier
from edgevision.inference.preprocess import InputSpec
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import ModelSettings
from edgevision.log import fields
from edgevision.opencv import cv2

NONE = "none"  # the label where a network of yes and no for each label says no to all of them
GREY = 114  # beside a place that is not a rectangle
FINEST = 2  # times the network's input: more pixels of a place than that are not kept, however large it is

log = logging.getLogger(__name__)


class Opinion(NamedTuple):
    """What one look at a crop gave."""

    label: str
    score: float  # 0..1
    weight: float  # 0..1: the score, less where the crop has fewer pixels than the network can see


class CropReader:
    """One thread's way of looking at crops with a network that is shared. It owns its buffers.

    Of a segmenter, the share that a class takes of the crop is its score.
    """

    def __init__(self, network: Classifier | Segmenter, settings: ModelSettings, most: int) -> None:
        """settings: `confidence` and `classes` are used; most: crops to go through the network at once."""
        self.spec = network.input
        wanted = set(settings.classes or network.labels)
        self._wanted = np.array([label in wanted for label in network.labels])
        self._names = network.labels
        self._least = settings.confidence
        self._network = network
        self._preprocess = network.preprocessor()
        several = isinstance(network, Classifier) and network.batches
        self._batch = np.zeros((most, *self.spec.shape[1:]), self.spec.dtype) if several else None
        self._told = False

    @property
    def labels(self) -> list[str]:
        """All that it can say."""
        said = [label for label, wanted in zip(self._names, self._wanted, strict=True) if wanted]
        one = isinstance(self._network, Segmenter) or self._network.exclusive
        return said if one else [*said, NONE]

    def look(self, crops: Sequence[Image]) -> list[Opinion | None]:
        """What each crop (h, w, 3) uint8 BGR shows; None where no label is sure enough."""
        if self._batch is None:
            return [self._alone(crop) for crop in crops]
        found = []
        for start in range(0, len(crops), len(self._batch)):
            found += self._together(crops[start : start + len(self._batch)], self._batch)
        return found

    def _alone(self, crop: Image) -> Opinion | None:
        tensor, placement = self._preprocess(crop)
        return self._opinion(self._network.infer(tensor), placement)

    def _together(self, crops: Sequence[Image], batch: np.ndarray) -> list[Opinion | None]:
        placements = []
        for row, crop in enumerate(crops):
            tensor, placement = self._preprocess(crop)
            batch[row] = tensor[0]
            placements.append(placement)
        outputs = self._network.infer(batch[: len(crops)])
        return [self._opinion([o[row : row + 1] for o in outputs], p) for row, p in enumerate(placements)]

    def _opinion(self, outputs: list[np.ndarray], placement: Placement) -> Opinion | None:
        try:
            found = self._decode(outputs, placement)
        except ModelError as error:
            if not self._told:  # one odd crop must not end the service, nor fill the log
                log.warning(str(error), extra=fields(model=self._network.path.name))
            self._told = True
            return None
        label, score = self._best(found)
        if score < self._least:
            return None
        across = placement.frame.width / self.spec.size.width
        down = placement.frame.height / self.spec.size.height
        return Opinion(label, score, score * min(1.0, across, down))

    def _decode(self, outputs: list[np.ndarray], placement: Placement) -> Classification:
        if isinstance(self._network, Classifier):
            return self._network.decode(outputs)
        ids = self._network.decode(outputs, placement).class_ids
        shares = np.bincount(ids.ravel(), minlength=len(self._names)) / ids.size
        return Classification(shares.astype(np.float32), exclusive=True)

    def _best(self, found: Classification) -> tuple[str, float]:
        scores = np.where(self._wanted, found.scores, -1)
        index = int(scores.argmax())
        score = float(scores[index])
        if not found.exclusive and score < self._least:
            return NONE, 1 - score
        return self._names[index], score


def object_crop(image: Image, box: Floats, margin: float, spec: InputSpec) -> Image | None:
    """The part of a picture around a box (4,) x1 y1 x2 y2 px; None if no pixel of the box is in it.

    margin: of its width and height, added on each side. Where the network shows itself only the middle of
    what it is given, the part is enlarged so that the box is within: a car's ends say what kind it is. It
    is moved, and at last cut, to be inside the picture.
    """
    height, width = image.shape[:2]
    left, right = np.clip(box[0::2], 0, width)
    top, bottom = np.clip(box[1::2], 0, height)
    if right - left < 1 or bottom - top < 1:
        return None
    across, down = (float(side) * (1 + 2 * margin) for side in (right - left, bottom - top))
    if spec.resize == "crop":
        across, down = _shown_whole(across, down, spec)
    columns = _inside(float(left + right) / 2, across, width)
    rows = _inside(float(top + bottom) / 2, down, height)
    return image[rows, columns]


def place_crop(image: Image, polygon: Floats, spec: InputSpec) -> Image:
    """The part of a picture in a polygon (K, 2) px, grey around it, all of it where the network looks."""
    (left, top), (right, bottom) = np.floor(polygon.min(axis=0)), np.ceil(polygon.max(axis=0))
    columns = _inside(float(left + right) / 2, float(right - left), image.shape[1])
    rows = _inside(float(top + bottom) / 2, float(bottom - top), image.shape[0])
    height, width = rows.stop - rows.start, columns.stop - columns.start
    scale = min(1.0, FINEST * max(spec.size) / max(width, height))
    size = Size(max(1, round(width * scale)), max(1, round(height * scale)))
    part = cv2.resize(image[rows, columns], size, interpolation=cv2.INTER_AREA)
    corners = (polygon - (columns.start, rows.start)) * (size.width / width, size.height / height)
    inside = cv2.fillPoly(np.zeros(part.shape[:2], np.uint8), [np.rint(corners).astype(np.int32)], 1)
    across, down = size.width, size.height
    if spec.resize == "crop":
        across, down = (round(side) for side in _shown_whole(across, down, spec))
    canvas = np.full((down, across, 3), GREY, np.uint8)
    left, top = (across - size.width) // 2, (down - size.height) // 2
    shown = canvas[top : top + size.height, left : left + size.width]
    np.copyto(shown, part, where=inside[:, :, None] == 1)
    return canvas


def _shown_whole(width: float, height: float, spec: InputSpec) -> tuple[float, float]:
    """The sides of a picture in the input's proportions whose shown middle holds width x height."""
    aspect = spec.size.width / spec.size.height
    across = max(width, height * aspect) / spec.crop
    return across, across / aspect


def _inside(middle: float, length: float, limit: int) -> slice:
    """`length` pixels around `middle`, moved to lie in 0..limit; at least one, at most all."""
    count = min(limit, max(1, round(length)))
    start = min(max(0, round(middle - length / 2)), limit - count)
    return slice(start, start + count)
