"""A network that takes bytes says what it said of floats; compared with a convolution in plain loops."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgevision.core.types import Size
from edgevision.errors import ModelError
from edgevision.inference.fold import take_bytes
from edgevision.inference.preprocess import InputSpec

SIDE = 8
RNG = np.random.default_rng(0)
WEIGHTS = RNG.normal(0, 1, (4, 3, 3, 3)).astype(np.float32)
BIAS = RNG.normal(0, 1, 4).astype(np.float32)
PICTURE = RNG.integers(0, 256, (SIDE, SIDE, 3), np.uint8)  # BGR
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def network(path: Path, *, pads: int = 1, bias: bool = True, first: str = "Conv", **attributes: Any) -> Path:
    inputs = ["image", "w", "b"] if bias else ["image", "w"]
    if not attributes.get("auto_pad"):
        attributes["pads"] = [pads] * 4
    nodes = [helper.make_node("Conv", inputs, ["output"], **attributes)]
    if first != "Conv":
        nodes[0].input[0] = "before"
        nodes.insert(0, helper.make_node(first, ["image"], ["before"]))
    constants = [numpy_helper.from_array(WEIGHTS, "w"), numpy_helper.from_array(BIAS, "b")]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "x", [value("image", TensorProto.FLOAT, ("N", 3, SIDE, SIDE))],
        [value("output", TensorProto.FLOAT, ("N", 4, "h", "w"))], constants,
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.metadata_props.add(key="names", value="{0: 'thing'}")
    onnx.save(model, str(path))
    return path


def convolved(picture: np.ndarray, spec: InputSpec, pads: int, bias: bool) -> np.ndarray:
    """(4, H, W) by loops, of a picture (H, W, 3) BGR."""
    ordered = picture[:, :, ::-1] if spec.color == "rgb" else picture
    floats = (ordered.astype(np.float64) - spec.mean) / spec.std
    padded = np.pad(floats, ((pads, pads), (pads, pads), (0, 0)))
    size = padded.shape[0] - 2
    found = np.zeros((4, size, size))
    for o in range(4):
        for y in range(size):
            for x in range(size):
                window = padded[y : y + 3, x : x + 3].transpose(2, 0, 1)
                found[o, y, x] = (window * WEIGHTS[o]).sum() + (BIAS[o] if bias else 0)
    return found


def spec_of(**values: Any) -> InputSpec:
    return InputSpec(Size(SIDE, SIDE), **values)


@pytest.mark.parametrize(
    ("values", "pads", "bias"),
    [
        ({}, 1, True),  # RGB by 255, as YOLOv8's
        ({"color": "bgr", "std": (255.0, 128.0, 64.0)}, 1, False),
        ({"mean": MEAN, "std": STD}, 0, True),
        ({"mean": MEAN, "std": STD, "color": "bgr"}, 0, False),
        ({"color": "bgr", "std": (1.0,) * 3}, 1, True),  # YOLOX's: nothing to fold
    ],
)
def test_bytes_give_what_floats_gave(tmp_path: Path, values: dict[str, Any], pads: int, bias: bool) -> None:
    full, out = network(tmp_path / "x.onnx", pads=pads, bias=bias), tmp_path / "u8.onnx"
    take_bytes(full, out, spec_of(**values))
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    assert (given.type, given.shape) == ("tensor(uint8)", ["N", SIDE, SIDE, 3])
    assert session.get_modelmeta().custom_metadata_map == {"names": "{0: 'thing'}"}
    (found,) = session.run(None, {"image": PICTURE[None]})
    expected = convolved(PICTURE, spec_of(**values), pads, bias)
    assert np.abs(found[0] - expected).max() < 1e-5 * np.abs(expected).max()
    onnx.checker.check_model(onnx.load(out), full_check=True)


def test_what_is_before_a_convolution_may_stay_if_there_is_nothing_to_fold(tmp_path: Path) -> None:
    full, out = network(tmp_path / "x.onnx", first="Relu"), tmp_path / "u8.onnx"
    spec = spec_of(color="bgr", std=(1.0,) * 3)
    take_bytes(full, out, spec)
    session = onnxruntime.InferenceSession(out, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"image": PICTURE[None]})
    assert np.abs(found[0] - convolved(PICTURE, spec, 1, True)).max() < 0.01


@pytest.mark.parametrize(
    ("changes", "values", "message"),
    [
        ({"pads": 1}, {"mean": MEAN, "std": STD}, "it subtracts a mean, and pads edges"),
        ({"auto_pad": "SAME_UPPER"}, {"mean": MEAN, "std": STD}, "it subtracts a mean, and pads edges"),
        ({"first": "Relu"}, {}, "a picture goes into Relu first, not into one convolution"),
        ({}, {"dtype": "float16"}, "its input is NCHW of float16"),
        ({}, {"layout": "nhwc"}, "its input is NHWC of float32"),
        ({}, {"batched": False}, "its input is NCHW of float32, not"),
    ],
)
def test_what_would_not_be_exact_is_refused(
    tmp_path: Path, changes: dict[str, Any], values: dict[str, Any], message: str
) -> None:
    full, out = network(tmp_path / "x.onnx", **changes), tmp_path / "u8.onnx"
    with pytest.raises(ModelError, match=message):
        take_bytes(full, out, spec_of(**values))
    assert not out.exists()
