"""From a float ONNX file to one whose convolutions compute with 8 bits: a quarter of the size, and faster.

Weights per channel and signed, activations unsigned. The last convolutions and what follows them stay float:
pixels and scores in one scale would round every score to 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edgevision.inference.detector import load_detector
from edgevision.inference.quantize import quantize
from edgevision.inference.settings import ModelSettings
from models.train.pack import Pack

# Nothing but features passes through these.
OPERATORS = ("Conv", "Relu", "Split", "Concat", "Add", "MaxPool", "Resize")
PICTURES = 200  # from which the range of every activation is read


def quantise(full: Path, pack: Path, out: Path) -> None:
    """Write `out`; the last convolutions, which give scores and distances, stay as they are."""
    preprocess = load_detector(ModelSettings(path=str(full.resolve())), Path(), threads=1).preprocessor()
    pictures = Pack(pack)
    chosen = np.random.default_rng(0).choice(pictures.of_split(train=True), PICTURES, replace=False)
    tensors = (preprocess(pictures.image(i))[0] for i in chosen.tolist())
    quantize(full, out, tensors, OPERATORS, _heads)


def _heads(model: Any) -> list[str]:
    """Names of everything behind the network's last convolutions, and of these."""
    sizes = {each.name: each.dims for each in model.graph.initializer}
    last = {n.output[0] for n in model.graph.node if n.op_type == "Conv" and sizes[n.input[1]][0] < 16}
    names = []
    for node in model.graph.node:
        if last & set(node.input) or node.output[0] in last:
            last |= set(node.output)
            names.append(node.name)
    return names
