"""A network with its way in and its way out: a picture goes in, boxes in the picture's pixels come out."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from edgevision.builtin import network_path
from edgevision.core.boxes import Placement
from edgevision.core.types import Detections, Size
from edgevision.document import read
from edgevision.errors import ConfigError, ModelError
from edgevision.explain import did_you_mean, validate
from edgevision.inference.formats import FORMATS, find_format
from edgevision.inference.formats.base import Candidates, Signature
from edgevision.inference.labels import metadata_labels, read_labels
from edgevision.inference.preprocess import InputSpec, Preprocessor
from edgevision.inference.session import Session, Tensor
from edgevision.inference.settings import Card, InputSettings, ModelSettings
from edgevision.opencv import cv2

USUAL_SIZE = Size(640, 640)  # what exports with an open size are made for, when nothing says otherwise
DOUBTFUL = 0.1  # score down to which boxes are still given out: the tracker extends tracks with them
MOST_CANDIDATES = 1000  # before non-maximum suppression, the best by score
MOST_BOXES = 300  # per picture


class Detector:
    """Safe to use from several threads, each with its own `preprocessor()`."""

    def __init__(self, settings: ModelSettings, card: Card, path: Path, base: Path, threads: int) -> None:
        """base: folder that relative paths in the settings start at. Raises ModelError with what to do."""
        self._session = Session(path, settings.device, threads)
        self.path = path
        self.weaknesses = " ".join(card.weaknesses.split())
        self.provider, self.precision = self._session.provider, self._session.precision
        self._overlap = settings.overlap
        spec = _declared(self._session, settings.input, card.input)
        signature = Signature(
            spec.size, self._session.run(np.zeros(spec.shape, spec.dtype)), self._session.metadata
        )
        self.format = find_format(signature, settings.format or card.format)
        self._nms = FORMATS[self.format].NEEDS_NMS
        self._decode = FORMATS[self.format].decoder(signature)
        self.input = _completed(spec, FORMATS[self.format].INPUT, card.input, settings.input)
        self.labels = self._find_labels(settings, card, base, FORMATS[self.format].classes(signature))
        self._wanted = self._find_wanted(settings.classes)

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

    def preprocessor(self) -> Preprocessor:
        return Preprocessor(self.input)

    def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
        return self._session.run(tensor)

    def decode(self, outputs: list[np.ndarray], placement: Placement, least: float = DOUBTFUL) -> Detections:
        """The boxes of at least `least` score, in frame pixels, best first."""
        found = self._decode(outputs, least)
        kept = self._suppress(found) if self._nms else np.arange(len(found.scores))
        if self._wanted is not None:
            kept = kept[np.isin(found.class_ids[kept], self._wanted)]
        kept = kept[np.argsort(-found.scores[kept], kind="stable")][:MOST_BOXES]
        class_ids = found.class_ids[kept]
        if len(class_ids) and class_ids.max() >= len(self.labels):
            raise ModelError(
                f"{self.path} gave class {class_ids.max()}, but only {len(self.labels)} labels are known; "
                "`labels:` must name them all, in its order"
            )
        return Detections(placement.to_frame(found.boxes[kept]), found.scores[kept], class_ids)

    def detect(self, image: np.ndarray, least: float) -> Detections:
        """All of it for one picture (H, W, 3) uint8 BGR; for single pictures, it allocates."""
        tensor, placement = self.preprocessor()(image)
        return self.decode(self.infer(tensor), placement, least)

    def _suppress(self, found: Candidates) -> np.ndarray:
        """Indices of the boxes that stay after class-wise non-maximum suppression."""
        best = np.argsort(-found.scores, kind="stable")[:MOST_CANDIDATES]
        boxes = found.boxes[best]
        corner_size = np.hstack([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]])
        kept = cv2.dnn.NMSBoxesBatched(
            corner_size.tolist(),
            found.scores[best].tolist(),
            found.class_ids[best].tolist(),
            0.0,
            self._overlap,
        )
        chosen: np.ndarray = best[np.array(kept, int).reshape(-1)]
        return chosen

    def _find_labels(self, settings: ModelSettings, card: Card, base: Path, classes: int) -> list[str]:
        given = settings.labels or card.labels
        labels = read_labels(given, base) if given else metadata_labels(self._session.metadata)
        if labels is None:
            raise ModelError(
                f"{self.path} does not name its {classes or ''} classes: add `labels: coco` for a network "
                f"trained on COCO, or `labels: [first, second, ...]` in its order, to the configuration or "
                f"to {self.path.with_suffix('.yaml').name} beside it"
            )
        if classes and len(labels) != classes:
            raise ModelError(
                f"{self.path} tells {classes} classes apart, but {len(labels)} labels are given; "
                "`labels:` must name them all, in its order"
            )
        return labels

    def _find_wanted(self, classes: list[str]) -> np.ndarray | None:
        if not classes:
            return None
        check_classes(classes, self.labels)
        return np.array([self.labels.index(name) for name in classes])


def check_classes(classes: list[str], labels: list[str]) -> None:
    """Raises ConfigError for a class name that the network does not have."""
    for name in classes:
        if name not in labels:
            shown = ", ".join(labels[:20]) + (", ..." if len(labels) > 20 else "")
            raise ConfigError(
                f"classes: the network has no class {name!r}{did_you_mean(name, labels)}; it knows {shown}"
            )


def load_detector(settings: ModelSettings, base: Path, threads: int) -> Detector:
    """The network that settings describe, with the card beside it; relative paths start at `base`.

    threads: cores that one run may use. Raises ModelError or ConfigError with what to do.
    """
    path = network_path(settings.path, base)
    card_path = path.with_suffix(".yaml")
    card = validate(Card, read(card_path)) if card_path.is_file() else Card()
    detector = Detector(settings, card, path, base, threads)
    if card.sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != card.sha256:
        raise ModelError(f"{path} is not the file that {card_path.name} beside it describes: sha256 differs")
    return detector


def _declared(session: Session, *settings: InputSettings) -> InputSpec:
    """What the file says of its input; a size left open is the first that settings or metadata say."""
    tensor = session.inputs[0]
    if len(tensor.shape) != 4 or tensor.dtype not in ("float32", "float16", "uint8"):
        raise ModelError(
            f"its input {tensor.name} is {tensor.dtype} of shape {tensor.shape}; known are pictures of "
            "float32, float16 or uint8 as (1, 3, height, width) or (1, height, width, 3)"
        )
    layout = _layout(tensor)
    height, width = tensor.shape[1:3] if layout == "nhwc" else tensor.shape[2:4]
    if not (width and height):
        width, height = _open_size(session, *settings)
    return InputSpec(size=Size(width, height), layout=layout, dtype=tensor.dtype)


def _open_size(session: Session, *settings: InputSettings) -> Size:
    for each in settings:
        if each.size:
            return Size(*each.size)
    found = re.findall(r"\d+", session.metadata.get("imgsz", ""))
    return Size(int(found[1]), int(found[0])) if len(found) == 2 else USUAL_SIZE


def _layout(tensor: Tensor) -> Literal["nchw", "nhwc"]:
    return "nhwc" if tensor.shape[3] == 3 else "nchw"


def _completed(spec: InputSpec, usual: Mapping[str, Any], *settings: InputSettings) -> InputSpec:
    """The input with what its format is used to, and over that what the card, then the configuration say."""
    values = dict(usual)
    for each in settings:
        values |= each.model_dump(exclude_none=True, exclude={"size"})
    return replace(spec, **values)
