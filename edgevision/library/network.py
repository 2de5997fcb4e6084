"""A loaded network that finds objects."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from edgevision.core.types import Detections, Image
from edgevision.cores import usable_cores
from edgevision.errors import ModelError
from edgevision.inference.detector import Detector
from edgevision.inference.network import load_network
from edgevision.inference.settings import ModelSettings
from edgevision.library.checked import checked


class Network:
    """Call it with a picture. Not for several threads at once: each loads its own."""

    def __init__(self, detector: Detector, confidence: float) -> None:
        self.labels: Sequence[str] = tuple(detector.labels)
        self.confidence = confidence
        self.facts: Mapping[str, str] = detector.facts()
        self._detector = detector
        self._preprocess = detector.preprocessor()

    def __call__(self, image: Image) -> Detections:
        """What is in a picture (H, W, 3) uint8 BGR, from `confidence` on, best first."""
        if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.shape[2:] != (3,):
            came = f"{image.dtype} of shape {image.shape}" if isinstance(image, np.ndarray) else type(image)
            raise ValueError(f"a picture must be uint8 of shape (height, width, 3), in BGR, got {came}")
        tensor, placement = self._preprocess(image)
        found = self._detector.decode(self._detector.infer(tensor), placement, self.confidence)
        return replace(found, labels=self.labels)

    def __repr__(self) -> str:
        return f"Network({', '.join(f'{name}={fact}' for name, fact in self.facts.items())})"


def load(
    path: str | Path = "builtin:default",
    *,
    labels: str | Sequence[str] | None = None,
    classes: Collection[str] = (),
    confidence: float = 0.35,
    device: Literal["auto", "cpu", "cuda", "tensorrt"] = "auto",
    threads: int | None = None,
) -> Network:
    """A network that finds objects: an .onnx file, builtin:NAME or pulled:NAME, with the card beside it.

    labels: coco, voc, a file with one name per line, or the names, where the file does not say them.
    classes: only these. confidence: 0..1; 0.1 for a tracker, which extends tracks with doubtful boxes.
    threads: cores that it may use; all, if left out. Raises ModelError or ConfigError with what to do.
    """
    settings = checked(
        ModelSettings,
        "edgevision.load",
        path=str(path),
        labels=labels if labels is None or isinstance(labels, str) else list(labels),
        classes=list(classes),
        confidence=confidence,
        device=device,
    )
    network = load_network(settings, Path(), threads or usable_cores().number)
    if not isinstance(network, Detector):
        raise ModelError(
            f"{network.path} does not find objects, which is what edgevision.load is for; "
            "`edgevision detect` shows what classifiers and segmenters see"
        )
    return Network(network, confidence)
