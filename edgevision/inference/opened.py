"""A network's file, opened: what any task needs to know before it reads an output."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from edgevision.builtin import network_path
from edgevision.core.types import Size
from edgevision.document import read
from edgevision.errors import ModelError
from edgevision.explain import validate
from edgevision.inference.formats.base import Signature
from edgevision.inference.labels import LabelsError, metadata_labels, read_labels
from edgevision.inference.preprocess import InputSpec
from edgevision.inference.session import Session, Tensor
from edgevision.inference.settings import Card, InputSettings, ModelSettings
from edgevision.opencv import cv2

USUAL_SIZE = Size(640, 640)  # what exports with an open size are made for, when nothing says otherwise


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A loaded file, and what the configuration and the card beside it say. The configuration wins."""

    path: Path
    base: Path  # folder that relative paths in the settings start at
    settings: ModelSettings
    card: Card
    session: Session
    spec: InputSpec  # what the file itself says of its input
    signature: Signature

    @property
    def weaknesses(self) -> str:
        return " ".join(self.card.weaknesses.split())

    @property
    def where(self) -> str:
        """The places where more can be said of it, for messages."""
        return f"the configuration or to {self.path.with_suffix('.yaml').name} beside it"

    @property
    def probes(self) -> list[list[np.ndarray]]:
        """All outputs for a blank picture and a few drawn ones: values tell what shapes do not."""
        pictures = [self.session.run(tensor) for tensor in _drawn(self.spec)]
        return [list(self.signature.outputs), *pictures]

    def input(self, usual: Mapping[str, Any]) -> InputSpec:
        """The input with what its format is used to, over that what the card, then the settings say."""
        values = dict(usual)
        for each in (self.card.input, self.settings.input):
            values |= each.model_dump(exclude_none=True, exclude={"size"})
        return replace(self.spec, **values)

    def labels(self, classes: int) -> list[str]:
        """The names of its classes; classes: how many it tells apart, 0 where that cannot be seen."""
        given = self.settings.labels or self.card.labels
        labels = read_labels(given, self.base) if given else metadata_labels(self.session.metadata)
        if labels is None:
            raise LabelsError(
                f"{self.path} does not name its {classes or ''} classes: add `labels: coco` for a network "
                "trained on COCO, `labels: voc` for PASCAL VOC, or `labels: [first, second, ...]` in its "
                f"order, to {self.where}",
                classes,
            )
        if classes and len(labels) != classes:
            raise LabelsError(
                f"{self.path} tells {classes} classes apart, but {len(labels)} labels are given; "
                "`labels:` must name them all, in its order",
                classes,
            )
        return labels


def open_network(settings: ModelSettings, base: Path, threads: int) -> Opened:
    """The file that settings describe, with the card beside it; relative paths start at `base`.

    threads: cores that one run may use. Raises ModelError or ConfigError with what to do.
    """
    path = network_path(settings.path, base)
    card_path = path.with_suffix(".yaml")
    card = validate(Card, read(card_path)) if card_path.is_file() else Card()
    session = Session(path, settings.device, threads)
    if card.sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != card.sha256:
        raise ModelError(f"{path} is not the file that {card_path.name} beside it describes: sha256 differs")
    spec = _declared(session, settings.input, card.input)
    outputs = session.run(np.zeros(spec.shape, spec.dtype))
    return Opened(path, base, settings, card, session, spec, Signature(spec.size, outputs, session.metadata))


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


def _drawn(spec: InputSpec) -> Iterator[np.ndarray]:
    """Inputs with fine noise, coarse noise and a slope. Normalised as for ImageNet, whatever the network is
    used to: nothing is recognised in them, they only have to be like pictures."""
    rng = np.random.default_rng(0)
    for cells in (128, 8, 2):
        pixels = cv2.resize(rng.integers(0, 256, (cells, cells, 3), np.uint8), spec.size)
        picture = pixels if spec.layout == "nhwc" else pixels.transpose(2, 0, 1)
        tensor = picture if spec.dtype == "uint8" else (picture - 116.0) / 58.0
        yield np.ascontiguousarray(tensor[None], spec.dtype)
