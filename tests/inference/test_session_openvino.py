"""The same networks in both engines; and what OpenVINO is not to do: report to anybody, or compute otherwise
than it was asked to."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from edgevision.errors import ModelError
from edgevision.inference.openvino_package import is_installed
from edgevision.inference.processor import has_bf16
from edgevision.inference.quantize import behind_convolutions, quantize
from edgevision.inference.session_openvino import OpenvinoSession
from edgevision.inference.settings import Precision
from tests.inference.test_quantize import SHAPE, network
from tests.networks import constant_network, echo_network

pytestmark = pytest.mark.skipif(
    not is_installed(), reason="openvino is not installed: pip install 'edgevision[openvino]'"
)
needs_bf16 = pytest.mark.skipif(not has_bf16(), reason="this CPU has no instructions for bfloat16")


def load(path: Path, precision: Precision = "as_is", callers: int = 1) -> OpenvinoSession:
    return OpenvinoSession(path, precision, threads=1, callers=callers)


def elsewhere(path: Path, image: np.ndarray) -> np.ndarray:
    """What ONNX Runtime says."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    found: np.ndarray = session.run(None, {session.get_inputs()[0].name: image})[0]
    return found


IMAGE = np.random.default_rng(2).random(SHAPE, np.float32)


@pytest.mark.parametrize("precision", ["as_is", "fp32"])
def test_it_says_what_onnxruntime_says(tmp_path: Path, precision: Precision) -> None:
    path = network(tmp_path / "x.onnx", 17)
    session = load(path, precision)
    (found,) = session.run(IMAGE)
    assert np.abs(found - elsewhere(path, IMAGE)).max() < 1e-3  # of pixels, up to 400
    assert (session.provider, session.precision) == ("OpenVINO CPU", "fp32")
    assert session.metadata == {"names": "{0: 'thing'}"}
    assert [each._asdict() for each in (session.picture, *session.outputs)] == [
        {"name": "image", "dtype": "float32", "shape": SHAPE},
        {"name": "output", "dtype": "float32", "shape": (1, 8, 16, 16)},
    ]


@needs_bf16
def test_bf16_is_what_it_says(tmp_path: Path) -> None:
    """8 bits of mantissa: scores differ in the third digit, and differ they must."""
    path = network(tmp_path / "x.onnx", 17)
    session = load(path, "bf16")
    difference = np.abs(session.run(IMAGE)[0] - elsewhere(path, IMAGE))[:, 4:].max()
    assert session.precision == "bf16"
    assert 1e-5 < difference < 2**-6


@needs_bf16
def test_a_file_of_8_bits_stays_one_and_is_not_run_in_bf16(tmp_path: Path) -> None:
    """Wider, so that OpenVINO finds 8 bits worth while."""
    rng = np.random.default_rng(0)
    weights = [rng.normal(0, 0.1, shape).astype(np.float32) for shape in ((32, 3, 3, 3), (32, 32, 3, 3))]
    nodes = [
        helper.make_node("Conv", ["image", "w0"], ["a"], "first", pads=[1] * 4),
        helper.make_node("Relu", ["a"], ["b"], "between"),
        helper.make_node("Conv", ["b", "w1"], ["output"], "second", pads=[1] * 4),
    ]
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, "wide", [value("image", TensorProto.FLOAT, SHAPE)],
        [value("output", TensorProto.FLOAT, (1, 32, 16, 16))],
        [numpy_helper.from_array(each, f"w{n}") for n, each in enumerate(weights)],
    )  # fmt: skip
    full, small = tmp_path / "full.onnx", tmp_path / "small.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(full))
    quantize(full, small, iter([IMAGE]), ("Conv", "Relu"), behind_convolutions)
    session = load(small)
    assert session.precision == "int8"
    found, expected = session.run(IMAGE)[0], elsewhere(full, IMAGE)
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.999
    with pytest.raises(ModelError, match=r"small\.onnx (would run in int8|cannot be loaded by OpenVINO)"):
        load(small, "bf16")


def test_a_cpu_without_bf16_refuses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgevision.inference.session_openvino.has_bf16", lambda: False)
    with pytest.raises(ModelError, match="needs a CPU with instructions for it"):
        load(echo_network(tmp_path / "x.onnx"), "bf16")


@pytest.mark.parametrize("callers", [1, 2])
def test_many_threads_each_get_their_own_answer_and_may_keep_it(tmp_path: Path, callers: int) -> None:
    """The network says what the mean of its picture is."""
    session = load(echo_network(tmp_path / "x.onnx"), callers=callers)
    answers: dict[int, list[np.ndarray]] = {}

    def work(number: int) -> None:
        picture = np.ones((1, 3, 64, 64), np.float32)
        answers[number] = [session.run(picture * (number + n / 100))[0] for n in range(20)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    for number in range(4):
        scores = [float(answer[0, 4, 0]) for answer in answers[number]]
        assert scores == pytest.approx([number + n / 100 for n in range(20)], abs=1e-4)


@pytest.mark.parametrize("shape", [("N", 3, 64, 64), (1, 3, "h", "w")])
def test_open_dimensions_are_told(tmp_path: Path, shape: tuple[int | str, ...]) -> None:
    path = constant_network(tmp_path / "x.onnx", np.ones((1, 4), np.float32), input_shape=shape)
    expected = tuple(None if isinstance(each, str) else each for each in shape)
    assert load(path).picture.shape == expected


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"pip install 'edgevision\[openvino\]'"):
        load(echo_network(tmp_path / "x.onnx"))


def test_what_it_cannot_run_is_one_sentence(tmp_path: Path) -> None:
    path = echo_network(tmp_path / "x.onnx")
    with pytest.raises(ModelError, match=r"on a picture of shape \(1, 3, 9, 9\): .*incompatible") as caught:
        load(path).run(np.zeros((1, 3, 9, 9), np.float32))
    assert "\n" not in str(caught.value)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ModelError, match=r"loaded by OpenVINO: .*onnxruntime` may run it") as caught:
        load(path)
    assert "Exception from" not in str(caught.value)


TELLTALE = (
    "import pathlib, os; pathlib.Path(os.environ['TOLD']).touch(); raise ImportError('not to be asked')"
)


@pytest.mark.parametrize(
    ("script", "reports"),
    [
        ("import openvino", True),  # else this test would show nothing
        ("from edgevision.inference.openvino_package import load_openvino; load_openvino().Core()", False),
    ],
)
def test_nobody_is_told_of_it(tmp_path: Path, script: str, reports: bool) -> None:
    """OpenVINO's telemetry is a package of its own, for which one stands here that tells when it is asked."""
    (tmp_path / "openvino_telemetry").mkdir()
    (tmp_path / "openvino_telemetry/__init__.py").write_text(TELLTALE)
    told = tmp_path / "told"
    paths = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    env = {**os.environ, "PYTHONPATH": paths, "TOLD": str(told), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=env, check=True, timeout=60)
    assert told.exists() == reports
