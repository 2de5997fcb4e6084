"""From a float ONNX file to one whose convolutions compute with 8 bits: a quarter of the size, and faster.

Weights per channel and signed, activations unsigned. The last convolutions and what follows them stay float:
pixels and scores in one scale would round every score to 0.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quant_pre_process,
    quantize_static,
)

from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from models.train.pack import Pack

PICTURES = 200  # from which the range of every activation is read


class _Pictures(CalibrationDataReader):
    """Training pictures as the detector prepares them."""

    def __init__(self, tensors: Iterator[np.ndarray]) -> None:
        self._tensors = tensors

    def get_next(self) -> dict[str, np.ndarray] | None:
        tensor = next(self._tensors, None)
        return None if tensor is None else {"image": tensor}


def quantise(full: Path, pack: Path, out: Path) -> None:
    """Write `out`; the last convolutions, which give scores and distances, stay as they are."""
    preprocess = load_detector(ModelSettings(path=str(full.resolve())), Path(), threads=1).preprocessor()
    pictures = Pack(pack)
    chosen = np.random.default_rng(0).choice(pictures.of_split(train=True), PICTURES, replace=False)
    tensors = (preprocess(pictures.image(i))[0].copy() for i in chosen.tolist())
    with tempfile.TemporaryDirectory() as folder:
        prepared = Path(folder) / "prepared.onnx"
        quant_pre_process(str(full), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(out),
            _Pictures(tensors),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            weight_type=QuantType.QInt8,
            activation_type=QuantType.QUInt8,
            calibrate_method=CalibrationMethod.MinMax,
            op_types_to_quantize=["Conv", "Relu", "Split", "Concat", "Add", "MaxPool", "Resize"],
            nodes_to_exclude=_heads(onnx.load(prepared)),
        )
    model = onnx.load(out)
    onnx.helper.set_model_props(model, {each.key: each.value for each in onnx.load(full).metadata_props})
    onnx.save(model, out)


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
