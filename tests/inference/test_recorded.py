"""Runs as a CUDA graph, on a CPU: everything around a graph, but no graph."""

import gc
import mmap
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper

from edgevision.errors import ConfigError, ModelError
from edgevision.inference import session
from edgevision.inference.bound import GATE, Memory
from edgevision.inference.engine import start
from edgevision.inference.recorded import OPTIONS, OneThread, Recorded
from edgevision.inference.session import Session, Tensor
from edgevision.inference.settings import ModelSettings, network_settings
from tests.inference.test_bound import NOTHING, picture
from tests.networks import Companion, constant_network, pooling_network, sized_network

OUTPUT = Tensor("output", "float32", (1, 3))


class Noted(ort.InferenceSession):  # type: ignore[misc]
    """It notes the thread of each run, whether others were kept out, and where the arrays lay."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, providers=["CPUExecutionProvider"])
        self.runs: list[tuple[str, bool, list[int]]] = []

    def run_with_iobinding(self, iobinding: Any, run_options: Any = None) -> None:
        super().run_with_iobinding(iobinding, run_options)
        arrays = [*iobinding._bound_inputs.values(), *iobinding.get_outputs()]
        found = [array.data_ptr() for array in arrays]
        self.runs.append((threading.current_thread().name, GATE._closed, found))


@pytest.fixture
def noted(tmp_path: Path) -> Noted:
    """The mean of each channel."""
    return Noted(pooling_network(tmp_path / "x.onnx"))


def recorded(session: ort.InferenceSession, *outputs: Tensor) -> Recorded:
    return Recorded(session, "images", outputs or [OUTPUT], Memory("cpu"))


def test_all_runs_are_in_one_thread_and_in_the_same_memory_the_first_alone(noted: Noted) -> None:
    runs = recorded(noted)

    def caller(own: int) -> list[np.ndarray]:
        return [runs.run(picture(own + 10 * n), NOTHING)[0] for n in range(30)]

    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(caller, range(3)))
    for own, outputs in enumerate(found):  # also after all that came later
        assert [output[0].tolist() for output in outputs] == [
            [own + 10 * n, 2 * (own + 10 * n), 3 * (own + 10 * n)] for n in range(30)
        ]
    assert {name for name, *_ in noted.runs} == {"cuda graph"}
    assert [alone for _, alone, _ in noted.runs] == [True] + [False] * 89
    assert len({tuple(places) for *_, places in noted.runs}) == 1


def test_what_goes_with_a_picture_changes_where_it_lies(tmp_path: Path) -> None:
    shares = np.array([[[0.25, 0.25, 0.5, 0.75]]], np.float32)
    path = sized_network(
        tmp_path / "x.onnx", shares, np.zeros((1, 1), np.int64), np.full((1, 1), 0.9, np.float32)
    )
    noted = Noted(path)
    tensors = [Tensor("labels", "int64", (1, 1)), Tensor("boxes", "float32", (1, 1, 4))]
    runs = recorded(noted, *tensors, Tensor("scores", "float32", (1, 1)))
    for width, height in ((96, 64), (192, 128)):
        beside = {"orig_target_sizes": np.array([[width, height]], np.int64)}
        boxes = runs.run(np.zeros((1, 3, 64, 96), np.float32), beside)[1]
        assert boxes.tolist() == [[[width / 4, height / 4, width / 2, 3 * height / 4]]]
    assert len({tuple(places) for *_, places in noted.runs}) == 1


@pytest.mark.parametrize("wrong", [picture(2, side=32), picture(2, dtype="float64"), picture(2, count=2)])
def test_a_graph_is_of_one_shape_and_type(noted: Noted, wrong: np.ndarray) -> None:
    runs = recorded(noted)
    runs.run(picture(1), NOTHING)
    with pytest.raises(ValueError, match="its CUDA graph is of pictures"):
        runs.run(wrong, NOTHING)
    assert runs.run(picture(3), NOTHING)[0].tolist() == [[3, 6, 9]]


def test_a_first_run_that_fails_lets_others_go_on(noted: Noted) -> None:
    runs = recorded(noted)
    with pytest.raises(Exception, match="Got invalid dimensions"):
        runs.run(picture(2, side=32), NOTHING)
    with GATE.run():
        pass


def test_its_thread_ends_with_it(noted: Noted) -> None:
    before = threading.enumerate()
    runs = recorded(noted)
    runs.run(picture(1), NOTHING)
    (thread,) = set(threading.enumerate()).difference(before)
    assert thread.name == "cuda graph"
    assert thread.daemon  # a run that hangs does not keep the service from ending
    del runs
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()


def test_what_a_call_raises_is_the_callers() -> None:
    thread = OneThread("x")
    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)
    assert thread.call(lambda: 7) == 7


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """A GPU is played; what was asked of ONNX Runtime is noted, and it runs on the CPU."""
    asked: list[dict[str, Any]] = []

    class Played(ort.InferenceSession):  # type: ignore[misc]
        def __init__(self, path: str, options: Any, **given: Any) -> None:
            asked.append(given)
            super().__init__(path, options, providers=["CPUExecutionProvider"])

        def get_providers(self) -> list[str]:
            return [name for name, _ in asked[-1]["providers"]]

    monkeypatch.setattr(ort, "InferenceSession", Played)
    monkeypatch.setattr(ort, "preload_dlls", lambda: None)
    names = ["TensorrtExecutionProvider", "CUDAExecutionProvider"]
    monkeypatch.setattr(ort, "get_available_providers", lambda: names)
    monkeypatch.setattr(session, "nvidia_devices", lambda: 2)
    monkeypatch.setattr(session, "Memory", lambda *_: Memory("cpu"))
    return asked


def test_a_configuration_asks_for_it_and_only_the_provider_that_runs_it_is_told(
    tmp_path: Path, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    path = constant_network(tmp_path / "x.onnx", np.array([[1, 2]], np.float32))
    for device in ("cuda:1", "tensorrt"):
        engine = start(path, ModelSettings(path=str(path), device=device, cuda_graph=True), 1, 1)
        assert engine.run(picture(1))[0].tolist() == [[1, 2]]
    start(path, ModelSettings(path=str(path), device="cuda"), 1, 1)
    (cuda, _), (first, second, _), (without, _) = (each["providers"] for each in asked)
    assert cuda == ("CUDAExecutionProvider", {"device_id": "1", "enable_cuda_graph": "1"})
    assert first[0] == "TensorrtExecutionProvider"
    assert first[1]["trt_cuda_graph_enable"] == "1"
    assert second == ("CUDAExecutionProvider", {"device_id": "0"})
    assert without == ("CUDAExecutionProvider", {"device_id": "0"})
    assert [each.get("enable_fallback") for each in asked] == [0, 0, 0]


def test_the_options_are_ones_that_onnx_runtime_knows() -> None:
    """Their names stand in its library; a wrong one is refused only where there is a GPU."""
    for kind, options in OPTIONS.items():
        library = Path(ort.__file__).parent / "capi" / f"libonnxruntime_providers_{kind}.so"
        if not library.is_file():
            pytest.skip("this onnxruntime is not made for GPUs")
        with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            assert all(content.find(name.encode()) > 0 for name in options), kind


OPEN = (
    ({"input_shape": ("N", 3, 64, 64)}, r"its input images is \(open, 3, 64, 64\)"),
    ({"input_shape": (1, 3, 64, "w")}, r"its input images is \(1, 3, 64, open\)"),
    ({"companions": (("im_shape", "float32", ("N", 2)),)}, r"its input im_shape is \(open, 2\)"),
)


@pytest.mark.parametrize(("given", "said"), OPEN, ids=["batch", "size", "companion"])
def test_a_file_that_leaves_a_size_open_is_refused(
    tmp_path: Path, asked: list[Any], given: Mapping[str, tuple[int | str, ...] | Companion], said: str
) -> None:
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 2), np.float32), **given)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=f"{said}: export it with fixed sizes and a batch of 1, or leave"):
        Session(path, "cuda", threads=1, graph=True)
    Session(path, "cuda", threads=1)


def test_outputs_of_any_size_are_refused(tmp_path: Path, asked: list[Any]) -> None:
    path = pooling_network(tmp_path / "x.onnx")
    model = onnx.load(path)
    model.graph.node.append(helper.make_node("NonZero", ["output"], ["places"]))
    del model.graph.output[:]
    model.graph.output.append(helper.make_tensor_value_info("places", TensorProto.INT64, (2, "found")))
    onnx.save(model, path)
    with pytest.raises(ModelError, match=r"its output places is \(2, open\): export"):
        Session(path, "cuda", threads=1, graph=True)


def test_what_cannot_be_recorded_is_an_error_that_says_how_to_go_on(
    tmp_path: Path, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are ONNX Runtime's own, of 1.31; a graph is never left out in silence."""
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 2), np.float32))
    loaded = Session(path, "cuda", threads=1, graph=True)

    def fails(*_: Any) -> None:
        raise RuntimeError("CUDA failure 900: operation not permitted when stream is capturing")

    monkeypatch.setattr(ort.InferenceSession, "run_with_iobinding", fails)
    with pytest.raises(ModelError, match=r"failure 900: .* capturing; `cuda_graph: true` needs .* out$"):
        loaded.run(picture(1))

    def refuses(*_: Any, **__: Any) -> None:
        raise RuntimeError("This session cannot use the graph capture feature as requested by the user")

    monkeypatch.setattr(ort.InferenceSession, "__init__", refuses)
    with pytest.raises(ModelError, match=r"as requested by the user; `cuda_graph: true` needs .* out$"):
        Session(path, "cuda", threads=1, graph=True)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "needs a GPU that is named: say `device: cuda` or `device: tensorrt`, not `auto`"),
        ({"device": "cpu"}, "needs a GPU that is named: .* not `cpu`"),
        ({"engine": "openvino"}, "is of GPUs, and engine openvino runs on the CPU"),
        ({"device": "cuda", "batch": 4}, "records the run of one picture: leave `batch: 4` out"),
    ],
)
def test_where_it_cannot_be_is_said(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        network_settings(cuda_graph=True, **values)
    network_settings(**values)


def test_where_it_can_be() -> None:
    assert network_settings(device="cuda:1", cuda_graph=True, batch=1).cuda_graph
    assert not network_settings(device="cuda").cuda_graph
