"""Builds small ONNX networks whose output is known, for tests of everything around a network."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TYPES = {
    "float32": TensorProto.FLOAT,
    "float16": TensorProto.FLOAT16,
    "uint8": TensorProto.UINT8,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
}
Companion = tuple[str, str, tuple[int | str, ...]]  # name, type, shape of an input beside the picture


def constant_network(
    path: Path,
    *outputs: np.ndarray,
    input_shape: tuple[int | str, ...] = (1, 3, 64, 64),
    dtype: str = "float32",
    metadata: dict[str, str] | None = None,
    names: list[str] | None = None,
    companions: tuple[Companion, ...] = (),
    constants: dict[str, np.ndarray] | None = None,
) -> Path:
    """A network that answers every picture with the same outputs.

    names: of the outputs; constants: arrays that stand in the file without being used.
    """
    names = names or [f"output{n}" for n in range(len(outputs))]
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array))
        for name, array in zip(names, outputs, strict=True)
    ]
    inputs = [("images", dtype, input_shape), *companions]
    graph = helper.make_graph(
        nodes,
        "constant",
        [helper.make_tensor_value_info(name, TYPES[kind], shape) for name, kind, shape in inputs],
        [
            helper.make_tensor_value_info(name, TYPES[array.dtype.name], array.shape)
            for name, array in zip(names, outputs, strict=True)
        ],
        initializer=[numpy_helper.from_array(array, name) for name, array in (constants or {}).items()],
    )
    return _save(graph, path, metadata)


def sized_network(path: Path, shares: np.ndarray, labels: np.ndarray, scores: np.ndarray) -> Path:
    """Like a deployed RT-DETR: its boxes (1, N, 4), given in shares, come in the size a second input says."""
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array))
        for name, array in {"shares": shares, "labels": labels, "scores": scores}.items()
    ]
    nodes += [
        helper.make_node("Cast", ["orig_target_sizes"], ["size"], to=TensorProto.FLOAT),
        helper.make_node("Concat", ["size", "size"], ["sides"], axis=1),
        helper.make_node("Mul", ["shares", "sides"], ["boxes"]),
    ]
    graph = helper.make_graph(
        nodes,
        "sized",
        [
            helper.make_tensor_value_info("images", TensorProto.FLOAT, ("N", 3, 64, 96)),
            helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, ("N", 2)),
        ],
        [
            helper.make_tensor_value_info("labels", TensorProto.INT64, labels.shape),
            helper.make_tensor_value_info("boxes", TensorProto.FLOAT, shares.shape),
            helper.make_tensor_value_info("scores", TensorProto.FLOAT, scores.shape),
        ],
    )
    return _save(graph, path, None)


def echo_network(path: Path, *, layout: str = "nchw", dtype: str = "float32", side: int = 64) -> Path:
    """A YOLOv8-like network that shows what it was given.

    It has one class. Its box is fixed; its score is the mean of the first channel of its input.
    """
    shape = (1, 3, side, side) if layout == "nchw" else (1, side, side, 3)
    cells = sum((side // s) ** 2 for s in (8, 16, 32))
    boxes = np.zeros((1, 4, cells), np.float32)
    boxes[0, :, 0] = (side / 2, side / 2, side / 2, side / 2)
    first = np.zeros((1, 1, cells), np.float32)
    first[0, 0, 0] = 1
    axis = 1 if layout == "nchw" else 3
    constants: dict[str, np.ndarray] = {
        "boxes": boxes,
        "first": first,
        "from": np.array([0], np.int64),
        "to": np.array([1], np.int64),
        "axis": np.array([axis], np.int64),
    }
    nodes = [
        helper.make_node("Constant", [], [name], value=numpy_helper.from_array(array))
        for name, array in constants.items()
    ]
    nodes += [
        helper.make_node("Cast", ["images"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Slice", ["floats", "from", "to", "axis"], ["channel"]),
        helper.make_node("ReduceMean", ["channel"], ["mean"], keepdims=0),
        helper.make_node("Mul", ["first", "mean"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], ["output"], axis=1),
    ]
    graph = helper.make_graph(
        nodes,
        "echo",
        [helper.make_tensor_value_info("images", TYPES[dtype], shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, (1, 5, cells))],
    )
    return _save(graph, path, {"names": "{0: 'thing'}"})


def pooling_network(
    path: Path,
    *steps: tuple[str, dict[str, Any]],
    stride: int | None = None,
    layout: str = "nchw",
    dtype: str = "float32",
    side: int = 64,
    batch: int | str = 1,
    metadata: dict[str, str] | None = None,
) -> Path:
    """A network whose classes are its input's three channels: their means over the whole picture as (1, 3),
    or with a stride over squares of it, as (1, 3, side / stride, side / stride). Then the steps, operators
    with their attributes."""
    shape = (batch, 3, side, side) if layout == "nchw" else (batch, side, side, 3)
    nodes = [helper.make_node("Cast", ["images"], ["step0"], to=TensorProto.FLOAT)]
    if stride:
        pool = ("AveragePool", {"kernel_shape": [stride] * 2, "strides": [stride] * 2})
        chain = [pool, *steps]
    else:
        chain = [("GlobalAveragePool", {}), ("Flatten", {"axis": 1}), *steps]
    if layout == "nhwc":
        chain.insert(0, ("Transpose", {"perm": [0, 3, 1, 2]}))
    for number, (operator, attributes) in enumerate(chain):
        nodes.append(helper.make_node(operator, [f"step{number}"], [f"step{number + 1}"], **attributes))
    nodes[-1].output[0] = "output"
    kind = TensorProto.INT64 if chain[-1][0] == "ArgMax" else TensorProto.FLOAT
    graph = helper.make_graph(
        nodes,
        "pooling",
        [helper.make_tensor_value_info("images", TYPES[dtype], shape)],
        [helper.make_tensor_value_info("output", kind, None)],
    )
    return _save(graph, path, metadata)


def _save(graph: onnx.GraphProto, path: Path, metadata: dict[str, str] | None) -> Path:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    for key, value in (metadata or {}).items():
        model.metadata_props.add(key=key, value=value)
    model = onnx.shape_inference.infer_shapes(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))
    return path
