"""A network's file, opened: what any task needs to know before it reads an output."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from edgevision.builtin import network_path
from edgevision.core.types import Size
from edgevision.document import read
from edgevision.errors import ModelError
from edgevision.explain import validate
from edgevision.inference.engine import Engine, start
from edgevision.inference.formats.base import Signature
from edgevision.inference.inputs import companions, completed, declared
from edgevision.inference.labels import check_count, known_labels, unnamed
from edgevision.inference.preprocess import InputSpec
from edgevision.inference.settings import Card, Labels, ModelSettings
from edgevision.inference.verdict import choose
from edgevision.opencv import cv2


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A loaded file, and what the configuration and the card beside it say. The configuration wins."""

    path: Path
    base: Path  # folder that relative paths in the settings start at
    settings: ModelSettings
    card: Card
    session: Engine
    names: list[str] | None  # of its classes, where anybody says
    spec: InputSpec  # what the file itself says of its input
    sure: bool  # whether the size of the input is said by anybody
    signature: Signature

    @property
    def weaknesses(self) -> str:
        return " ".join(self.card.weaknesses.split())

    @property
    def card_name(self) -> str:
        return self.path.with_suffix(".yaml").name

    @property
    def where(self) -> str:
        """The places where more can be said of it, for messages."""
        return f"the configuration or to {self.card_name} beside it"

    @property
    def format(self) -> str | None:
        return self.settings.format or self.card.format

    @property
    def given_labels(self) -> Labels | None:
        return self.settings.labels or self.card.labels

    @property
    def probes(self) -> list[list[np.ndarray]]:
        """All outputs for a blank picture and a few drawn ones: values tell what shapes do not."""
        pictures = [self.session.run(tensor) for tensor in _drawn(self.spec)]
        return [list(self.signature.outputs), *pictures]

    def sized(self, usual: Size) -> "Opened":
        """The same with the size that networks of its kind are used to, where nobody says one."""
        if self.sure or usual == self.spec.size:
            return self
        spec, _ = declared(self.session, self.settings.input, self.card.input, usual=usual)
        return replace(self, spec=spec, signature=_look(self.path, self.session, spec, self.names))

    def input(self, usual: Mapping[str, Any]) -> InputSpec:
        """The input with what its format is used to, over that what the card, then the settings say."""
        return completed(self.spec, usual, self.session.own_mean, self.card.input, self.settings.input)

    def labels(self, classes: int) -> list[str]:
        """The names of its classes; classes: how many it tells apart, 0 where that cannot be seen."""
        if self.names is None:
            raise unnamed(self.path, classes)
        check_count(self.names, classes, self.path)
        return self.names


def open_network(settings: ModelSettings, base: Path, threads: int, callers: int = 1) -> Opened:
    """The file that settings describe, with the card beside it; relative paths start at `base`.

    threads: cores that one run may use. callers: how many threads will run it at once. With `precision: auto`
    it may be another file beside it. Raises ModelError or ConfigError with what to do.
    """
    path, settings = choose(network_path(settings.path, base), settings)
    card_path = path.with_suffix(".yaml")
    card = validate(Card, read(card_path)) if card_path.is_file() else Card()
    session = start(path, settings, threads, callers)
    if card.sha256 and hashlib.sha256(path.read_bytes()).hexdigest() != card.sha256:
        raise ModelError(f"{path} is not the file that {card_path.name} beside it describes: sha256 differs")
    names = known_labels(settings.labels or card.labels, session.metadata, base)
    spec, sure = declared(session, settings.input, card.input)
    signature = _look(path, session, spec, names)
    return Opened(path, base, settings, card, session, names, spec, sure, signature)


def _look(path: Path, session: Engine, spec: InputSpec, names: list[str] | None) -> Signature:
    """What the network makes of a blank picture."""
    session.accompany(companions(session, spec.size))
    outputs = session.run(np.zeros(spec.shape, spec.dtype))
    for output in outputs:
        if output.dtype.kind not in "fiub":
            raise ModelError(f"{path} gives text or complex numbers, which no known kind of network does")
        if output.dtype.kind == "f" and output.size and np.isnan(output).all():
            raise ModelError(
                f"{path} gives no numbers (NaN) even for a blank picture: its weights are broken or "
                "too large for float16; export it as float32"
            )
    return Signature(
        spec.size,
        outputs,
        session.metadata,
        names=[tensor.name for tensor in session.outputs],
        companions=[tensor.name for tensor in session.inputs if tensor is not session.picture],
        labels=len(names or ()),
        normalises=session.own_mean is not None,
    )


def _drawn(spec: InputSpec) -> Iterator[np.ndarray]:
    """Inputs with fine noise, coarse noise and a slope. Normalised as for ImageNet, whatever the network is
    used to: nothing is recognised in them, they only have to be like pictures."""
    rng = np.random.default_rng(0)
    for cells in (128, 8, 2):
        pixels = cv2.resize(rng.integers(0, 256, (cells, cells, 3), np.uint8), spec.size)
        picture = pixels if spec.layout == "nhwc" else pixels.transpose(2, 0, 1)
        tensor = picture if spec.dtype == "uint8" else (picture - 116.0) / 58.0
        yield np.ascontiguousarray(tensor, spec.dtype).reshape(spec.shape)
