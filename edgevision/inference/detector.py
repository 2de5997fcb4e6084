"""A network with its way in and its way out: a picture goes in, boxes in the picture's pixels come out."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Detections, Ints, Size
from edgevision.errors import ConfigError
from edgevision.explain import did_you_mean
from edgevision.inference.formats import FORMATS, find_format
from edgevision.inference.formats.base import Candidates
from edgevision.inference.inputs import companions
from edgevision.inference.labels import card_labels, number_classes
from edgevision.inference.masks import cut
from edgevision.inference.opened import Opened, open_network
from edgevision.inference.preprocess import Preprocessor
from edgevision.inference.settings import ModelSettings
from edgevision.inference.suppress import suppress
from edgevision.log import fields

DOUBTFUL = 0.1  # score down to which boxes are still given out: the tracker extends tracks with them
MOST_BOXES = 300  # per picture
SAMPLE = 997  # one number in so many is looked at: what goes wrong in a network spreads over all its outputs

log = logging.getLogger(__name__)


class Detector:
    """Safe to use from several threads, each with its own `preprocessor()`."""

    def __init__(self, opened: Opened) -> None:
        """Raises ModelError with what to do."""
        self._session = opened.session
        self.path, self.weaknesses = opened.path, opened.weaknesses
        self.provider, self.precision = self._session.provider, self._session.precision
        self._overlap = opened.settings.overlap
        self._said: set[str] = set()
        self.format = find_format(opened.signature, opened.format, opened.card_name)
        module = FORMATS[self.format]
        if "size" in module.INPUT:
            opened = opened.sized(Size(*module.INPUT["size"]))
        self._nms = module.NEEDS_NMS
        self._decode = module.decoder(opened.signature)
        self.input = opened.input(module.INPUT)
        count = module.classes(opened.signature)
        self.labels, self._numbers = number_classes(
            opened.names, opened.given_labels, self.format, count, self.path
        )
        self.card_labels = card_labels(opened.given_labels, self.labels)
        self._wanted = self._find_wanted(opened.settings.classes)

    def facts(self) -> dict[str, str]:
        """What a user wants to know of a loaded network, for logs and reports."""
        width, height = self.input.size
        return {
            "file": self.path.name,
            "format": self.format,
            "input": f"{width}x{height}",
            "classes": str(len(self.labels)),
            "provider": self.provider,
            "precision": self.precision,
        }

    def preprocessor(self, into: np.ndarray | None = None) -> Preprocessor:
        """into: what it writes to, if not to a tensor of its own."""
        return Preprocessor(self.input, into)

    @property
    def beside(self) -> dict[str, np.ndarray]:
        """What its inputs beside the picture are given, with every picture, by their names."""
        return companions(self._session, self.input.size)

    def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
        return self._session.run(tensor)

    def decode(self, outputs: list[np.ndarray], placement: Placement, least: float = DOUBTFUL) -> Detections:
        """The boxes of at least `least` score, in frame pixels, best first; with masks, if it draws any."""
        if any(_has_nan(output) for output in outputs):
            self._say_once("it gives numbers that are none (NaN): its weights overflow, export it as float32")
        found = self._usable(self._decode(outputs, least))
        kept = np.arange(len(found.scores))
        if self._nms:
            kept = suppress(found.boxes, found.scores, found.class_ids, self._overlap)
        found = found.take(kept[np.argsort(-found.scores[kept], kind="stable")][:MOST_BOXES])
        boxes = placement.to_frame(found.boxes)
        inside = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
        if not inside.all():  # it saw something in the bars beside the picture
            found, boxes = found.take(np.flatnonzero(inside)), boxes[inside]
        draw = found.masks
        masks = draw and tuple(cut(draw(n), box, placement) for n, box in enumerate(boxes))
        return Detections(boxes, np.minimum(found.scores, 1), found.class_ids, masks)

    def detect(self, image: np.ndarray, least: float) -> Detections:
        """All of it for one picture (H, W, 3) uint8 BGR; for single pictures, it allocates."""
        tensor, placement = self.preprocessor()(image)
        return self.decode(self.infer(tensor), placement, least)

    def _usable(self, found: Candidates) -> Candidates:
        """The candidates that are numbers and of a class that is wanted, by indices into the labels."""
        class_ids = self._class_ids(found.class_ids)
        usable = class_ids >= 0
        # A sum is no number if anything in it is none.
        if not np.isfinite(found.boxes.sum() + found.scores.sum()):
            usable &= np.isfinite(found.boxes).all(axis=1) & np.isfinite(found.scores)
            self._say_once("it gave boxes that are no numbers (NaN or infinite), which are left out")
        if self._wanted is not None:
            usable &= np.isin(class_ids, self._wanted)
        found = replace(found, class_ids=class_ids)
        return found if usable.all() else found.take(np.flatnonzero(usable))

    def _class_ids(self, numbers: Ints) -> Ints:
        """The network's class numbers (K,) as indices into the labels; what has no label is -1."""
        ids = numbers
        if self._numbers is not None:
            known = (ids >= 0) & (ids < len(self._numbers))
            ids = np.where(known, self._numbers[np.where(known, ids, 0)], np.int32(-1))
        nameless = (ids < 0) | (ids >= len(self.labels))
        if nameless.any():
            self._say_once(
                f"it gave class {numbers[nameless][0]}, but only {len(self.labels)} labels are known: such "
                "boxes are left out; `labels:` must name all its classes, in its order"
            )
            ids = np.where(nameless, np.int32(-1), ids)
        return ids

    def _say_once(self, text: str) -> None:
        if text not in self._said:
            self._said.add(text)
            log.warning(text, extra=fields(model=self.path.name))

    def _find_wanted(self, classes: list[str]) -> np.ndarray | None:
        if not classes:
            return None
        check_classes(classes, self.labels)
        return np.array([self.labels.index(name) for name in classes])


def _has_nan(output: np.ndarray) -> bool:
    return output.dtype.kind == "f" and bool(np.isnan(output.reshape(-1)[::SAMPLE]).any())


def check_classes(classes: list[str], labels: list[str]) -> None:
    """Raises ConfigError for a class name that the network does not have."""
    for name in classes:
        if name not in labels:
            shown = ", ".join(labels[:20]) + (", ..." if len(labels) > 20 else "")
            raise ConfigError(
                f"classes: the network has no class {name!r}{did_you_mean(name, labels)}; it knows {shown}"
            )


def load_detector(settings: ModelSettings, base: Path, threads: int) -> Detector:
    """The network that settings describe; see `open_network`."""
    return Detector(open_network(settings, base, threads))
