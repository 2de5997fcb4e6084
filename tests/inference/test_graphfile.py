from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from edgevision.inference.graphfile import read_graph_file, weight_files, without_weights
from tests.networks import pooling_network


def test_the_outside_of_a_file(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx", ("Softmax", {"axis": 1}))
    model = onnx.load(str(path))
    model.producer_name = "tests"
    model.opset_import.append(helper.make_opsetid("com.example", 3))
    onnx.save(model, str(path))
    found = read_graph_file(path)
    assert (found.producer, found.opset) == ("tests", 17)
    assert found.opsets == {"": 17, "com.example": 3}
    assert found.operators == {"Cast": 1, "GlobalAveragePool": 1, "Flatten": 1, "Softmax": 1}


def test_the_files_that_weights_are_in(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx")
    assert weight_files(path.read_bytes()) == []
    model = onnx.load(str(path))
    for name in ("b", "a"):
        model.graph.initializer.append(numpy_helper.from_array(np.zeros(8, np.float32), name))
        tensor = model.graph.initializer[-1]
        onnx.external_data_helper.set_external_data(tensor, f"{name}.weights")
        tensor.ClearField("raw_data")
    content = model.SerializeToString()
    assert weight_files(content) == ["a.weights", "b.weights"]
    for length in range(0, len(content), 7):
        assert set(weight_files(content[:length])) <= {"a.weights", "b.weights"}


@pytest.mark.parametrize("content", [b"", b"<html>", b"\x08\x07garbage", bytes(range(256))])
def test_what_is_no_network_is_no_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.onnx").write_bytes(content)
    assert read_graph_file(tmp_path / "x.onnx").opset == 0


def test_a_file_that_is_cut_off_is_no_error(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx")
    content = path.read_bytes()
    for length in np.linspace(0, len(content) - 1, 40).astype(int):
        path.write_bytes(content[:length])
        read_graph_file(path)


def test_real_files_are_read_as_onnx_reads_them(data: Path) -> None:
    for path in sorted((data / "models").glob("yolo*.onnx")):
        model = onnx.load(str(path))
        found = read_graph_file(path)
        assert found.producer == model.producer_name
        assert found.opsets == {each.domain: each.version for each in model.opset_import}
        assert found.operators.total() == len(model.graph.node)
        assert set(found.operators) == {node.op_type for node in model.graph.node}


def test_what_a_file_says_is_kept_without_its_weights() -> None:
    mean = np.array([0.485, 0.456, 0.406], np.float32)
    weights = np.random.default_rng(0).random(5000, np.float32)
    model = helper.make_model(
        helper.make_graph(
            [
                helper.make_node("Sub", ["x", "mean"], ["y"], name="the first"),
                helper.make_node("If", ["c"], ["z"], then_branch=helper.make_graph(
                    [helper.make_node("QLinearConv", ["y"], ["z"])], "inner", [], [])),
            ],
            "outer", [], [],
            [onnx.numpy_helper.from_array(mean, "mean"), onnx.numpy_helper.from_array(weights, "weights")],
        )
    )  # fmt: skip
    content = model.SerializeToString()
    said = without_weights(content)
    assert len(content) > 20_000 > 2_000 > len(said)
    assert mean.tobytes() in said
    assert b"the first" in said
    assert b"QLinearConv" in said
    assert weights.tobytes()[:40] not in said


@pytest.mark.parametrize("content", [b"\x08\x07garbage", bytes(range(256))])
def test_what_cannot_be_understood_is_kept_whole(content: bytes) -> None:
    assert without_weights(content) == content
