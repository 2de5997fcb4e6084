"""What a network is given: any layout, size and number, as its file declares it."""

from pathlib import Path

import numpy as np
import onnx
import pytest

from edgevision.errors import ModelError
from edgevision.inference.settings import InputSettings
from tests.inference.reading import load, look
from tests.networks import constant_network

ROWS = np.zeros((1, 300, 6), np.float32)
ROWS[0, 0] = (8, 16, 24, 32, 0.9, 0)
SHAPE = tuple[int | str, ...]


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
@pytest.mark.parametrize(
    ("shape", "size"),
    [
        ((1, 3, 64, 96), (96, 64)),
        ((1, 64, 96, 3), (96, 64)),
        ((3, 64, 96), (96, 64)),
        ((64, 96, 3), (96, 64)),
        (("N", 3, 64, 96), (96, 64)),
        (("N", 3, 64, "w"), (640, 64)),
        (("N", 3, "h", "w"), (640, 640)),
        (("N", "h", "w", 3), (640, 640)),
        ((3, "h", "w"), (640, 640)),
        (("N", "c", "h", "w"), (640, 640)),
    ],
)
def test_any_shape_of_a_picture(tmp_path: Path, shape: SHAPE, size: tuple[int, int], dtype: str) -> None:
    path = constant_network(tmp_path / "x.onnx", ROWS, input_shape=shape, dtype=dtype)
    detector = load(path, labels=["a"])
    assert detector.input.size == size
    assert look(detector).boxes.tolist() == [[8, 16, 24, 32]]  # it ran: ONNX Runtime checks shape and type


def test_a_picture_without_any_shape(tmp_path: Path) -> None:
    """Which the standard forbids, and ONNX Runtime takes."""
    path = constant_network(tmp_path / "x.onnx", ROWS)
    model = onnx.load(str(path))
    model.graph.input[0].type.tensor_type.ClearField("shape")
    path.write_bytes(model.SerializeToString())
    detector = load(path, labels=["a"])
    assert detector.input.size == (640, 640)
    assert look(detector).boxes.tolist() == [[8, 16, 24, 32]]


def test_an_open_size_is_the_one_the_format_is_used_to_unless_it_is_said(tmp_path: Path) -> None:
    outputs = [np.full((1, 50, 4), 0.5, np.float32), np.full((1, 50, 2), 0.5, np.float32)]  # an SSD
    path = constant_network(tmp_path / "x.onnx", *outputs, input_shape=(1, 3, "h", "w"))
    assert load(path, labels=["a"]).input.size == (300, 300)
    assert load(path, labels=["a"], input=InputSettings(size=(96, 64))).input.size == (96, 64)
    half_open = constant_network(tmp_path / "y.onnx", *outputs, input_shape=(1, 3, 64, "w"))
    assert load(half_open, labels=["a"]).input.size == (300, 64)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4, 3, 64, 64), "takes 4 pictures at a time; export it with a batch of 1"),
        ((1, 1, 64, 64), "has 1 channels; known are pictures of three colours"),
        ((1, 64, 64, 4), "has 64 channels"),
        ((1, 3, 64, 100000), "of 100000x64 pixels is too large"),
        ((1, 3, 8192, 8192), "of 8192x8192 pixels is too large: at most 8192 a side and 16 megapixels"),
        ((1, 3, 8, 64, 64), r"its input images is float32 of shape \(1, 3, 8, 64, 64\)"),
    ],
)
def test_what_is_no_picture_is_told(tmp_path: Path, shape: SHAPE, message: str) -> None:
    path = constant_network(tmp_path / "x.onnx", ROWS, input_shape=shape)
    with pytest.raises(ModelError, match=message):
        load(path, labels=["a"])


def test_numbers_of_another_type_are_told(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", ROWS, dtype="int64")
    with pytest.raises(ModelError, match="is int64 of shape"):
        load(path, labels=["a"])
