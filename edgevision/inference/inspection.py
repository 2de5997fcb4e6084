"""What was understood of a network, and what to beware of."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from edgevision.inference.classifier import Classifier
from edgevision.inference.detector import Detector
from edgevision.inference.devices import CPUS
from edgevision.inference.formats import FORMATS
from edgevision.inference.graphfile import GraphFile, read_graph_file
from edgevision.inference.labels import LabelsError, card_labels
from edgevision.inference.network import Network, find_task, read_network
from edgevision.inference.opened import Opened, open_network
from edgevision.inference.settings import Labels, ModelSettings

UNKNOWN_COUNT = 1000  # numbers given out as names where neither names nor their number are known
DYNAMIC = ("DynamicQuantizeLinear", "ConvInteger")


@dataclass(frozen=True, slots=True, eq=False)
class Inspection:
    """A network, looked at from all sides."""

    path: Path
    network: Network
    task: str
    why: str  # the task is believed
    reading: str  # how its output is read, and why
    graph: GraphFile
    bytes: int
    sha256: str
    licence: str  # empty where nobody says
    labels_missing: LabelsError | None
    warnings: list[str]
    card: dict[str, Any]

    def facts(self) -> dict[str, Any]:
        """For JSON."""
        return {
            **self.network.facts(),
            "task": self.task,
            "reading": self.reading,
            "opset": self.graph.opset,
            "producer": self.graph.producer,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "licence": self.licence,
            "labels": [] if self.labels_missing else self.network.labels,
            "warnings": self.warnings,
            "card": self.card,
        }


def inspect(settings: ModelSettings, base: Path, threads: int) -> Inspection:
    """Open a file and say all that can be said. Raises ModelError or ConfigError if it cannot be read."""
    opened = open_network(settings, base, threads)
    path = opened.path  # `precision: auto` may take another
    task, why = find_task(opened)
    missing = None
    try:
        network = read_network(opened)
    except LabelsError as error:
        missing = error
        network = read_network(_numbered(opened, error.classes or UNKNOWN_COUNT))
    content = path.read_bytes()
    graph = read_graph_file(path)
    licence = opened.card.licence or opened.session.metadata.get("license", "")
    warnings = list(_warnings(opened, network, graph, missing))
    digest = hashlib.sha256(content).hexdigest()
    labels = None if missing else card_labels(opened.given_labels, network.labels)
    card = _card(opened, network, labels, digest, licence)
    reading = _reading(network)
    return Inspection(
        path, network, task, why, reading, graph, len(content), digest, licence, missing, warnings, card
    )


def card_text(found: Inspection) -> str:
    """The card as YAML."""
    text: str = yaml.safe_dump(
        found.card, sort_keys=False, allow_unicode=True, default_flow_style=None, width=110
    )
    return text if not found.labels_missing else text + "# labels: [first, second, ...]  must be added\n"


def _numbered(opened: Opened, count: int) -> Opened:
    names: list[str] = [f"class {number}" for number in range(count)]
    return replace(opened, names=names, settings=opened.settings.model_copy(update={"labels": names}))


def _reading(network: Network) -> str:
    if isinstance(network, Detector):
        return f"{network.format}: {FORMATS[network.format].LAYOUT}"
    return network.why


def _warnings(
    opened: Opened, network: Network, graph: GraphFile, missing: LabelsError | None
) -> Iterator[str]:
    metadata = opened.session.metadata
    if "agpl" in metadata.get("license", "").lower() or metadata.get("author") == "Ultralytics":
        yield (
            "its weights are Ultralytics', under AGPL-3.0: who offers a service with them must offer the "
            "service's source too, or buy a licence"
        )
    elif {"names", "stride"} <= metadata.keys() and "license" not in metadata:
        yield "it looks like an export of YOLOv5 by Ultralytics, whose weights are AGPL-3.0 or GPL-3.0"
    if opened.session.provider in CPUS and any(graph.operators[name] for name in DYNAMIC):
        yield (
            "it is quantised dynamically (DynamicQuantizeLinear), which on a CPU is no faster than the float "
            "network; quantise it statically (QDQ), or take the float one"
        )
    if missing:
        yield str(missing)
    said = opened.settings.input.mean or opened.card.input.mean
    if not isinstance(network, Detector) and network.input.dtype != "uint8" and not said:
        if opened.spec.layout == "nhwc":
            yield (
                "pixels are taken as -1..1, as most networks of TensorFlow want them, but some want 0..1 or "
                "0..255: if the result is poor, change `mean` and `std` of `input:`"
            )
        elif "task" not in metadata:
            yield "pixels are normalised as for ImageNet, which is usual but is not said by the file"


def _card(
    opened: Opened, network: Network, labels: Labels | None, digest: str, licence: str
) -> dict[str, Any]:
    """What to write beside the file, so that nothing is left to be found out, or to change, by itself."""
    texts = {
        key: value
        for key, value in opened.card.model_dump(exclude_defaults=True).items()
        if isinstance(value, str)
    }
    card: dict[str, Any] = {"name": opened.path.stem, **texts}
    card |= {"licence": licence, "sha256": digest, "task": _task(network)}
    if isinstance(network, Detector):
        card["format"] = network.format
    if isinstance(network, Classifier):
        card["activation"] = network.activation
    output = opened.settings.output or opened.card.output
    if output:
        card["output"] = output
    if labels:
        card["labels"] = labels
    card["input"] = _input(network)
    return {key: value for key, value in card.items() if value}


def _task(network: Network) -> str:
    return "detect" if isinstance(network, Detector) else network.task


def _input(network: Network) -> dict[str, Any]:
    spec = network.input
    said: dict[str, Any] = {"size": list(spec.size), "color": spec.color, "resize": spec.resize}
    if spec.resize == "crop":
        said["crop"] = spec.crop
    elif spec.resize != "stretch":
        said["pad"] = spec.pad
    if spec.dtype != "uint8":
        said |= {"mean": list(spec.mean), "std": list(spec.std)}
    return said
