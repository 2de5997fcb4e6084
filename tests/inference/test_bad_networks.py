"""Networks that are broken or hostile: one sentence with what to do, or a box left out; never a crash."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgevision.errors import ModelError
from edgevision.inference.formats.base import MOST_CANDIDATES
from tests.inference.reading import CELLS, load, look
from tests.networks import constant_network

THREE = CELLS[8] + CELLS[16] + CELLS[32]


def save(
    path: Path, nodes: list[onnx.NodeProto], *, opset: int = 17, ir: int = 8, domain: str = "",
    weights: onnx.TensorProto | None = None, shape: tuple[int | str, ...] = (1, 3, 64, 64),
) -> Path:  # fmt: skip
    """Unchecked: what is wrong with it is what is tested."""
    graph = helper.make_graph(
        nodes,
        "bad",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, None)],
        initializer=[weights] if weights else [],
    )
    opsets = [helper.make_opsetid("", opset)] + ([helper.make_opsetid(domain, 1)] if domain else [])
    path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=ir).SerializeToString())
    return path


def relu() -> onnx.NodeProto:
    return helper.make_node("Relu", ["images"], ["output"])


@pytest.mark.parametrize("options", [{"opset": 99}, {"ir": 99}])
def test_a_file_that_is_too_new_for_the_runtime(tmp_path: Path, options: dict[str, int]) -> None:
    path = save(tmp_path / "x.onnx", [relu()], **options)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"is 99, and this onnxruntime (runs|reads) [0-9]+ at most: "):
        load(path)


@pytest.mark.parametrize(
    ("operator", "domain", "imported"),
    [("EfficientNMS_TRT", "", ""), ("Foo", "my.ops", "my.ops"), ("Foo", "my.ops", "")],
)
def test_operators_that_are_not_there(tmp_path: Path, operator: str, domain: str, imported: str) -> None:
    node = helper.make_node(operator, ["images"], ["output"], domain=domain)
    path = save(tmp_path / "x.onnx", [node], domain=imported)
    with pytest.raises(ModelError, match=f"operators that this onnxruntime has not.*{operator}"):
        load(path)


@pytest.mark.parametrize("location", ["../secret.bin", "{folder}/secret.bin", "gone.bin"])
def test_weights_outside_the_folder_are_not_read(tmp_path: Path, location: str) -> None:
    (tmp_path / "models").mkdir()
    np.ones(64, np.float32).tofile(tmp_path / "secret.bin")
    weights = onnx.TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[64])
    weights.data_location = TensorProto.EXTERNAL
    weights.external_data.add(key="location", value=location.format(folder=tmp_path))
    path = save(
        tmp_path / "models" / "x.onnx",
        [helper.make_node("Add", ["images", "w"], ["output"])],
        weights=weights,
    )
    with pytest.raises(ModelError, match="a part of its weights is another file, which must lie in the same"):
        load(path)


def test_a_file_that_is_cut_short(tmp_path: Path) -> None:
    whole = constant_network(tmp_path / "x.onnx", np.ones((1, 6, THREE), np.float32))
    whole.write_bytes(whole.read_bytes()[:1000])
    with pytest.raises(
        ModelError, match="damaged or cut short, or no ONNX file: download or export it again"
    ):
        load(whole)


def test_an_output_that_no_memory_can_hold(tmp_path: Path) -> None:
    shape = numpy_helper.from_array(np.array([1, 3, 8_000_000, 8_000_000], np.int64), "shape")
    nodes = [
        helper.make_node("ConstantOfShape", ["shape"], ["zeros"]),
        helper.make_node("Add", ["zeros", "zeros"], ["output"]),
    ]
    with pytest.raises(ModelError, match="wants more memory than there is"):
        load(save(tmp_path / "x.onnx", nodes, weights=shape))


def test_a_size_that_the_graph_cannot_take(tmp_path: Path) -> None:
    shape = numpy_helper.from_array(np.array([1, 3, 320 * 320], np.int64), "shape")
    path = save(
        tmp_path / "x.onnx",
        [helper.make_node("Reshape", ["images", "shape"], ["output"])],
        weights=shape,
        shape=(1, 3, "h", "w"),
    )
    with pytest.raises(
        ModelError, match=r"shape \(1, 3, 640, 640\): it may want another size of picture: say which"
    ):
        load(path)


def test_a_network_that_only_gives_nan(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.full((1, 6, THREE), np.nan, np.float32))
    with pytest.raises(
        ModelError, match=r"gives no numbers \(NaN\) even for a blank picture.*export it as float32"
    ):
        load(path, labels=["a", "b"])


def test_nan_that_comes_later_is_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 6, THREE), np.float32))
    detector = load(path, labels=["a", "b"])
    _, placement = detector.preprocessor()(np.zeros((64, 64, 3), np.uint8))
    for _ in range(3):
        assert len(detector.decode([np.full((1, 6, THREE), np.nan, np.float32)], placement)) == 0
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "it gives numbers that are none (NaN)"
    ]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_box_that_is_no_number_is_left_out_and_said_once(
    tmp_path: Path, bad: float, caplog: pytest.LogCaptureFixture
) -> None:
    rows = np.zeros((1, 6, THREE), np.float32)
    rows[0, :, 7] = (32, 32, 20, 20, 0.9, 0)
    rows[0, :, 9] = (32, bad, 20, 20, 0.8, 0)
    detector = load(constant_network(tmp_path / "x.onnx", rows), labels=["a", "b"])
    for _ in range(3):
        assert look(detector).scores == pytest.approx([0.9])
    assert len(caplog.records) == 1


@pytest.mark.parametrize("number", [np.nan, np.inf, -5, 1e9, 1.0])
def test_a_class_that_is_no_number_is_left_out(tmp_path: Path, number: float) -> None:
    rows = np.zeros((1, 300, 6), np.float32)
    rows[0, 0] = (8, 8, 20, 20, 0.9, 0)
    rows[0, 1] = (8, 8, 20, 20, 0.8, number)
    detector = load(constant_network(tmp_path / "x.onnx", rows), labels=["a"])
    assert look(detector).class_ids.tolist() == [0]


@pytest.mark.parametrize("least", [0.3, 0.01])
def test_a_hundred_thousand_boxes_are_cut_to_the_best(tmp_path: Path, least: float) -> None:
    rng = np.random.default_rng(0)
    cells = sum((2048 // stride) ** 2 for stride in (8, 16, 32))
    rows = np.empty((1, 6, cells), np.float32)
    rows[0, :4] = rng.uniform(0, 2048, (4, cells))
    rows[0, 4:] = rng.uniform(0.5, 1, (2, cells))
    path = constant_network(tmp_path / "x.onnx", rows, input_shape=(1, 3, 2048, 2048))
    detector = load(path, labels=["a", "b"], format="yolov8")
    candidates = detector._decode([rows], least)
    best = np.sort(rows[0, 4:].max(axis=0))[-MOST_CANDIDATES:]
    assert cells > 80_000
    assert len(candidates.scores) == MOST_CANDIDATES
    if least > 0.1:
        assert np.sort(candidates.scores) == pytest.approx(best)
    assert len(look(detector, least)) == 300
