"""From a float ONNX file to one that computes with 8 bits: a quarter of the size, and faster on most CPUs.

Weights per channel and signed, activations unsigned and static: signed activations are slower than float on
x86, ranges taken anew for each picture gain nothing (both measured, a third and the same of float's speed).
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from edgevision.errors import EdgevisionError, ModelError, OutputError
from edgevision.inference.faults import explain_fault

# What only passes features on, so that they stay in 8 bits from one convolution to the next: without these a
# YOLOv8n ran 1.3 times as fast as in float, with them 2.0 times, for 0.015 AP instead of 0.010.
PASSING = ("Relu", "Sigmoid", "Mul", "Add", "Split", "Concat", "MaxPool", "Resize")
PER_CHANNEL = 13  # the opset since which DequantizeLinear knows a scale for each channel


def quantize(
    full: Path,
    out: Path,
    tensors: Iterable[np.ndarray],
    operators: Sequence[str],
    spare: Callable[[Any], list[str]],
    beside: Mapping[str, np.ndarray] | None = None,
) -> None:
    """Write `out`. Raises ModelError if the file cannot be rewritten, OutputError if `out` cannot be written.

    tensors: inputs of the network, from which the range of every activation is read; they may share memory.
    operators: kinds of nodes that are to compute with 8 bits.
    spare: names of the nodes that stay float all the same, of the graph as it was prepared.
    beside: what the inputs beside the picture are given, by their names.
    """
    try:
        import onnx
        from onnxruntime import quantization as kit
    except ImportError:
        raise ModelError(
            "rewriting a network needs the package onnx: pip install 'edgevision[quantize]'"
        ) from None
    beside = beside or {}
    with _faults_told(full, out), tempfile.TemporaryDirectory() as folder:
        model = onnx.load(full)
        weights = {each.name for each in model.graph.initializer}
        name = next(each.name for each in model.graph.input if each.name not in {*weights, *beside})
        if any(each.data_type == onnx.TensorProto.FLOAT16 for each in model.graph.initializer):
            raise ModelError(f"{full} computes in float16 inside: export it in float32")
        prepared = _prepare(model, Path(folder))
        kit.quantize_static(
            str(prepared),
            str(out),
            _Inputs(name, iter(tensors), beside),
            quant_format=kit.QuantFormat.QDQ,
            per_channel=True,
            weight_type=kit.QuantType.QInt8,
            activation_type=kit.QuantType.QUInt8,
            calibrate_method=kit.CalibrationMethod.MinMax,
            op_types_to_quantize=list(operators),
            nodes_to_exclude=spare(onnx.load(prepared)),
        )
        small = onnx.load(out)
        onnx.helper.set_model_props(small, {each.key: each.value for each in model.metadata_props})
        onnx.save(small, out)
    if not any(node.op_type == "QuantizeLinear" for node in small.graph.node):
        raise ModelError(f"{full} has nothing that could be made 8-bit here: keep the float network")


@contextmanager
def _faults_told(full: Path, out: Path) -> Iterator[None]:
    try:
        yield
    except EdgevisionError:
        raise
    except OSError as error:
        where = f"{out}, or what is needed for it in {tempfile.gettempdir()}"
        raise OutputError(f"cannot write {where}: {error.strerror}") from None
    except Exception as error:  # noqa: BLE001 - those of onnx and ONNX Runtime share no base of their own
        raise ModelError(f"{full} cannot be quantised: {explain_fault(error)}") from None


def _prepare(model: Any, folder: Path) -> Path:
    """A file in `folder` of the network and its weights, which may have been files beside it, of an opset
    that can be quantised, every node with a name: those that stay float are told by theirs."""
    import onnx
    from onnx import version_converter
    from onnxruntime import quantization as kit

    if any(each.domain in ("", "ai.onnx") and each.version < PER_CHANNEL for each in model.opset_import):
        model = version_converter.convert_version(model, PER_CHANNEL)
    whole, prepared = folder / "whole.onnx", folder / "prepared.onnx"
    onnx.save(model, whole)
    kit.quant_pre_process(str(whole), str(prepared), skip_symbolic_shape=True)
    ready = onnx.load(prepared)
    for number, node in enumerate(ready.graph.node):
        node.name = node.name or f"nameless_{number}"
    onnx.save(ready, prepared)
    return prepared


def behind_convolutions(model: Any) -> list[str]:
    """Names of the nodes after which no convolution comes: pixels and scores of one tensor, in one scale of
    256 steps, would round every score to 0."""
    before: set[str] = set()  # tensors from which a convolution is reached
    names = []
    for node in reversed(model.graph.node):  # a graph's nodes stand in the order of their computing
        if node.op_type == "Conv" or before & set(node.output):
            before |= set(node.input)
        else:
            names.append(node.name)
    return names


class _Inputs:
    """What ONNX Runtime calls a CalibrationDataReader."""

    def __init__(self, name: str, tensors: Iterator[np.ndarray], beside: Mapping[str, np.ndarray]) -> None:
        self._name, self._tensors, self._beside = name, tensors, beside

    def get_next(self) -> dict[str, Any] | None:
        tensor = next(self._tensors, None)
        return None if tensor is None else {self._name: tensor.copy(), **self._beside}
