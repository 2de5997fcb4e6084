"""A network with its way in and its way out: a picture goes in, boxes in the picture's pixels come out."""

from pathlib import Path

import numpy as np

from edgevision.core.boxes import Placement
from edgevision.core.types import Detections
from edgevision.errors import ConfigError, ModelError
from edgevision.explain import did_you_mean
from edgevision.inference.formats import FORMATS, find_format
from edgevision.inference.formats.base import Candidates
from edgevision.inference.opened import Opened, open_network
from edgevision.inference.preprocess import Preprocessor
from edgevision.inference.settings import ModelSettings
from edgevision.opencv import cv2

DOUBTFUL = 0.1  # score down to which boxes are still given out: the tracker extends tracks with them
MOST_CANDIDATES = 1000  # before non-maximum suppression, the best by score
MOST_BOXES = 300  # per picture


class Detector:
    """Safe to use from several threads, each with its own `preprocessor()`."""

    def __init__(self, opened: Opened) -> None:
        """Raises ModelError with what to do."""
        self._session = opened.session
        self.path, self.weaknesses = opened.path, opened.weaknesses
        self.provider, self.precision = self._session.provider, self._session.precision
        self._overlap = opened.settings.overlap
        self.format = find_format(opened.signature, opened.settings.format or opened.card.format)
        self._nms = FORMATS[self.format].NEEDS_NMS
        self._decode = FORMATS[self.format].decoder(opened.signature)
        self.input = opened.input(FORMATS[self.format].INPUT)
        self.labels = opened.labels(FORMATS[self.format].classes(opened.signature))
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
    """The network that settings describe; see `open_network`."""
    return Detector(open_network(settings, base, threads))
