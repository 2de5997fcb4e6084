"""The kinds of networks as they are measured, and how they are loaded."""

from pathlib import Path
from typing import Protocol, runtime_checkable

from edgevision.builtin import asked_network
from edgevision.core.types import Classification, Detections, Image, Segmentation
from edgevision.cores import usable_cores
from edgevision.errors import ModelError
from edgevision.inference.network import load_network
from edgevision.inference.settings import Device, EngineName, Precision, network_settings


class Network(Protocol):
    path: Path
    labels: list[str]

    def facts(self) -> dict[str, str]: ...


@runtime_checkable
class Finder(Network, Protocol):
    """Finds objects, with masks or without."""

    def detect(self, image: Image, least: float) -> Detections: ...


@runtime_checkable
class Mapper(Network, Protocol):
    """Says of each pixel what it is."""

    def segment(self, image: Image) -> Segmentation: ...


@runtime_checkable
class Classifier(Network, Protocol):
    """Says of a picture what it is."""

    def classify(self, image: Image) -> Classification: ...


def load(
    model: str, labels: str | None, device: Device, *,
    engine: EngineName = "onnxruntime", precision: Precision = "as_is", workers: int = 0,
) -> Network:  # fmt: skip
    """A network by its path or builtin:NAME. Raises ModelError.

    workers: that will run it at once, on a core each; 0: one, on all cores.
    labels: class names, used if neither the file nor its card has any, so that several can be compared.
    """
    asked_network(model)
    settings = network_settings(path=model, device=device, engine=engine, precision=precision)
    threads = 1 if workers else usable_cores().number
    try:
        return load_network(settings, Path(), threads, max(1, workers))
    except ModelError:
        if labels is None:
            raise
        return load_network(settings.model_copy(update={"labels": labels}), Path(), threads, max(1, workers))
