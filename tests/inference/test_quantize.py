from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgevision.inference.quantize import PASSING, behind_convolutions, quantize

SHAPE = (1, 3, 16, 16)


def network(path: Path, opset: int) -> Path:
    """Two convolutions; then pixels, as large as the second gives them times 100, beside scores of 0..1."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.3, (4, 3, 3, 3)), rng.normal(0, 0.3, (4, 4, 3, 3))]
    constants = [numpy_helper.from_array(w.astype(np.float32), f"w{n}") for n, w in enumerate(weights)]
    constants.append(numpy_helper.from_array(np.array(100, np.float32), "hundred"))
    nodes = [
        helper.make_node("Conv", ["image", "w0"], ["a"], "first", pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["b"], "between"),
        helper.make_node("Conv", ["b", "w1"], ["c"], "second", pads=[1] * 4),
        helper.make_node("Sigmoid", ["c"], ["scores"], "score"),
        helper.make_node("Mul", ["c", "hundred"], ["pixels"], "scale"),
        helper.make_node("Concat", ["pixels", "scores"], ["output"], "together", axis=1),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes,
        "two",
        [value("image", TensorProto.FLOAT, SHAPE)],
        [value("output", TensorProto.FLOAT, (1, 8, 16, 16))],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)
    model.metadata_props.add(key="names", value="{0: 'thing'}")
    onnx.save(model, str(path))
    return path


def test_only_what_comes_after_all_convolutions_is_spared(tmp_path: Path) -> None:
    model = onnx.load(network(tmp_path / "a.onnx", 17))
    assert set(behind_convolutions(model)) == {"score", "scale", "together"}


def answer(path: Path, image: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    output: np.ndarray = session.run(None, {"image": image})[0]
    return output


@pytest.mark.parametrize("opset", [11, 17])  # scales for each channel came with 13
def test_scores_beside_pixels_survive_8_bits(tmp_path: Path, opset: int) -> None:
    full = network(tmp_path / "full.onnx", opset)
    images = np.random.default_rng(1).random((8, *SHAPE), np.float32)
    out = tmp_path / "small.onnx"
    quantize(full, out, iter(images), ("Conv", *PASSING), behind_convolutions)
    one, other = (answer(path, images[0]) for path in (full, out))
    assert np.ptp(one[:, 4:]) > 0.2
    assert np.abs(one[:, 4:] - other[:, 4:]).max() < 0.03
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.99
    small = onnx.load(out)
    assert any(node.op_type == "QuantizeLinear" for node in small.graph.node)
    assert [(each.key, each.value) for each in small.metadata_props] == [("names", "{0: 'thing'}")]
