"""Whether a network can take several pictures at once is tried, with some that cannot in different ways."""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgevision.core import Size
from edgevision.inference.batching import try_batch, wanted_batch
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.preprocess import InputSpec, Preprocessor
from edgevision.inference.session import Session
from edgevision.inference.settings import ModelSettings

SIDE = 64
CELLS = 84  # 8 x 8, 4 x 4 and 2 x 2
# Steps between the columns (N, 5, 84), which the first pixels of the red channel are, and the output.
HONEST: list[onnx.NodeProto] = [helper.make_node("Identity", ["columns"], ["output"])]
MIXED = [
    helper.make_node("ReduceMean", ["columns"], ["mean"], axes=[0], keepdims=1),
    helper.make_node("Sub", ["columns", "mean"], ["output"]),
]
FIXED = [helper.make_node("Reshape", ["columns", "one"], ["output"])]
HEAPED = [helper.make_node("Reshape", ["columns", "heap"], ["output"])]


def network(path: Path, steps: list[onnx.NodeProto], batch: int | str = "N") -> Detector:
    """Like a YOLOv8 of one class: a picture's own pixels are its boxes and scores."""
    constants = {
        "flat": np.array([0, 3 * SIDE * SIDE], np.int64),
        "start": np.array([0], np.int64),
        "end": np.array([5 * CELLS], np.int64),
        "axis": np.array([1], np.int64),
        "shape": np.array([0, 5, CELLS], np.int64),
        "one": np.array([1, 5, CELLS], np.int64),
        "heap": np.array([1, 5, -1], np.int64),
    }
    nodes = [
        helper.make_node("Reshape", ["images", "flat"], ["pixels"]),
        helper.make_node("Slice", ["pixels", "start", "end", "axis"], ["first"]),
        helper.make_node("Reshape", ["first", "shape"], ["columns"]),
        *steps,
    ]
    graph = helper.make_graph(
        nodes,
        "columns",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, (batch, 3, SIDE, SIDE))],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(path))
    settings = ModelSettings(path=str(path), device="cpu", format="yolov8", labels=["thing"])
    return load_detector(settings, Path(), threads=1)


def test_a_network_that_keeps_its_promise(tmp_path: Path) -> None:
    good = network(tmp_path / "x.onnx", HONEST)
    assert good.input.several
    assert try_batch(good, 2) is None
    assert try_batch(good, 5) is None


@pytest.mark.parametrize(
    ("steps", "batch", "why"),
    [
        (HONEST, 1, "takes one picture at a time: export it with an open"),
        (FIXED, "N", "promises any number, and does not run with 2"),
        (MIXED, "N", "gives something else beside others than alone"),
        (HEAPED, "N", r"has the shape \(1, 5, 168\) for 2 pictures and \(1, 5, 84\) for one"),
    ],
    ids=["fixed", "fixed inside", "mixed", "heaped"],
)
def test_a_network_that_cannot_says_why(
    tmp_path: Path, steps: list[onnx.NodeProto], batch: int | str, why: str
) -> None:
    fault = try_batch(network(tmp_path / "x.onnx", steps, batch), 2)
    assert fault is not None
    assert re.search(why, fault), fault


def test_on_a_gpu_every_number_is_tried_and_the_largest_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As TensorRT makes an engine for the sizes that it has seen, and what lies between."""
    tried = network(tmp_path / "x.onnx", HONEST)
    sizes: list[int] = []
    infer = tried.infer

    def recorded(tensor: np.ndarray) -> list[np.ndarray]:
        sizes.append(len(tensor))
        return infer(tensor)

    monkeypatch.setattr(tried, "infer", recorded)
    monkeypatch.setattr(tried, "provider", "TensorrtExecutionProvider")
    assert try_batch(tried, 5) is None
    assert sizes == [1, 1, 5, 2, 3, 4]


@pytest.mark.parametrize(
    ("asked", "provider", "views", "batch"),
    [
        ("auto", "CPUExecutionProvider", 20, 1),
        ("auto", "CUDAExecutionProvider", 20, 8),
        ("auto", "CUDAExecutionProvider", 3, 3),
        ("auto", "CUDAExecutionProvider", 0, 1),
        (4, "CPUExecutionProvider", 1, 4),
        (16, "CUDAExecutionProvider", 1, 16),
    ],
)
def test_how_many_are_wanted(asked: int | str, provider: str, views: int, batch: int) -> None:
    assert wanted_batch(asked, provider, views) == batch


def test_what_goes_with_a_picture_goes_with_each(tmp_path: Path) -> None:
    """An RT-DETR is told the size of every picture beside it: this one gives back what it was told."""
    graph = helper.make_graph(
        [helper.make_node("Identity", ["orig_target_sizes"], ["told"])],
        "told",
        [
            helper.make_tensor_value_info("images", TensorProto.FLOAT, ("N", 3, SIDE, SIDE)),
            helper.make_tensor_value_info("orig_target_sizes", TensorProto.INT64, ("N", 2)),
        ],
        [helper.make_tensor_value_info("told", TensorProto.INT64, ("N", 2))],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.save(model, str(tmp_path / "x.onnx"))
    session = Session(tmp_path / "x.onnx", "cpu", threads=1)
    session.accompany({"orig_target_sizes": np.array([[64, 48]], np.int64)})
    for count in (1, 3):
        (told,) = session.run(np.zeros((count, 3, SIDE, SIDE), np.float32))
        assert told.tolist() == [[64, 48]] * count


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
def test_pictures_written_side_by_side_are_what_each_is_alone(layout: str, dtype: str) -> None:
    rng = np.random.default_rng(5)
    spec = InputSpec(Size(32, 24), layout, dtype)  # type: ignore[arg-type]
    together = np.full((3, *spec.shape[1:]), 7, dtype)
    rows = [Preprocessor(spec, together[row : row + 1]) for row in range(3)]
    for _ in range(2):  # the second time other sizes come, and other bars stand beside them
        images = [rng.integers(0, 256, (*rng.integers(9, 70, 2), 3), np.uint8) for _ in range(3)]
        for preprocess, image in zip(rows, images, strict=True):
            preprocess(image)
        for row, image in enumerate(images):
            assert (together[row : row + 1] == Preprocessor(spec)(image)[0]).all()
