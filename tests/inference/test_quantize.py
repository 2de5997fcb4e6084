from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgevision.errors import ModelError, OutputError
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


def nameless(model: onnx.ModelProto) -> None:
    for node in model.graph.node:
        node.name = ""


def weights_beside(model: onnx.ModelProto) -> None:
    onnx.external_data_helper.convert_model_to_external_data(model, location="x.data", size_threshold=0)


def sized(model: onnx.ModelProto) -> None:
    """Another input before the picture, as PaddlePaddle's exports have it; what it says is added to all."""
    size = helper.make_tensor_value_info("im_shape", TensorProto.FLOAT, (1, 1))
    picture = model.graph.input.pop()
    model.graph.input.extend([size, picture])
    model.graph.node[-1].output[0] = "unsized"
    model.graph.node.append(helper.make_node("Add", ["unsized", "im_shape"], ["output"], "sizing"))


@pytest.mark.parametrize("change", [nameless, weights_beside, sized])
def test_convolutions_have_8_bits_however_the_file_is_written(
    tmp_path: Path, change: Callable[[onnx.ModelProto], None]
) -> None:
    full, out = network(tmp_path / "full.onnx", 17), tmp_path / "out" / "small.onnx"
    out.parent.mkdir()
    model = onnx.load(full)
    change(model)
    onnx.save(model, full)
    images = np.random.default_rng(1).random((8, *SHAPE), np.float32)
    beside = {"im_shape": np.zeros((1, 1), np.float32)} if change is sized else {}
    quantize(full, out, iter(images), ("Conv",), behind_convolutions, beside)
    small = onnx.load(out)
    made = {name for node in small.graph.node if node.op_type == "DequantizeLinear" for name in node.output}
    convolutions = [node for node in small.graph.node if node.op_type == "Conv"]
    assert len(convolutions) == 2
    assert all(made.issuperset(node.input[:2]) for node in convolutions)
    sessions = [
        onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]) for path in (full, out)
    ]
    one, other = (session.run(None, {"image": images[0], **beside})[0] for session in sessions)
    assert np.abs(one[:, 4:] - other[:, 4:]).max() < 0.03


def halved(model: onnx.ModelProto) -> None:
    model.graph.initializer[-1].CopyFrom(numpy_helper.from_array(np.array(100, np.float16), "hundred"))
    cast = helper.make_node("Cast", ["hundred"], ["whole"], "cast", to=TensorProto.FLOAT)
    model.graph.node.insert(0, cast)
    model.graph.node[5].input[1] = "whole"


def without_convolutions(model: onnx.ModelProto) -> None:
    del model.graph.node[:]
    model.graph.node.append(helper.make_node("Concat", ["image"] * 2 + ["more"], ["output"], axis=1))
    model.graph.initializer.append(numpy_helper.from_array(np.zeros((1, 2, 16, 16), np.float32), "more"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (halved, r"full\.onnx computes in float16 inside: export it in float32"),
        (without_convolutions, r"full\.onnx has nothing that could be made 8-bit"),
        (sized, r"full\.onnx cannot be quantised: .*image"),  # an input of which nothing is known
    ],
)
def test_what_cannot_be_quantised_is_told(
    tmp_path: Path, change: Callable[[onnx.ModelProto], None], message: str
) -> None:
    full = network(tmp_path / "full.onnx", 17)
    model = onnx.load(full)
    change(model)
    onnx.save(model, full)
    images = np.random.default_rng(1).random((2, *SHAPE), np.float32)
    with pytest.raises(ModelError, match=message):
        quantize(full, tmp_path / "small.onnx", iter(images), ("Conv",), behind_convolutions)


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    full = network(tmp_path / "full.onnx", 17)
    images = np.random.default_rng(1).random((2, *SHAPE), np.float32)
    with pytest.raises(OutputError, match="cannot write /dev/full"):
        quantize(full, Path("/dev/full"), iter(images), ("Conv",), behind_convolutions)
