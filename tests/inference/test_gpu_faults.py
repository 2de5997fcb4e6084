"""What goes wrong with a GPU on its first day, and what is said. ONNX Runtime's words are those of 1.31."""

import ctypes
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest

from edgevision.errors import ModelError
from edgevision.inference import bound, devices, session
from edgevision.inference.bound import Bound, Memory
from edgevision.inference.devices import check_there, driver_fault
from edgevision.inference.engines import engine_folder
from edgevision.inference.faults import explain_fault
from edgevision.inference.probe import NETWORK, load_libraries
from edgevision.inference.session import Session

SOURCE = "/onnxruntime_src/onnxruntime/core/providers/cuda/cuda_execution_provider_info.cc:63"
OLD_DRIVER = (
    f"{SOURCE} static onnxruntime::CUDAExecutionProviderInfo onnxruntime::CUDAExecutionProviderInfo::"
    "FromProviderOptions(const onnxruntime::ProviderOptions&) [ONNXRuntimeError] : 1 : FAIL : "
    'provider_options_utils.h:187 Parse Failed to parse provider option "device_id": CUDA failure 35: '
    "CUDA driver version is insufficient for CUDA runtime version ; GPU=0 ; hostname=box ; file=/x.cc ; "
    "line=70 ; expr=cudaGetDeviceCount(&num_devices); "
)
NO_CUDNN = (
    "[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Error in execution: Non-zero status code returned while "
    "running Conv node. Name:'' Status Message: static cudnnContext* onnxruntime::cuda::CudaKernel::"
    "RequireCudnnHandle(cudnnHandle_t) [ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : cuDNN is unavailable or "
    "disabled for CUDA Execution Provider"
)
NO_TENSORRT = (
    "/onnxruntime_src/onnxruntime/python/onnxruntime_pybind_state.cc:729 void onnxruntime::python::"
    "RegisterTensorRTPluginsAsCustomOps(PySessionOptions&, const onnxruntime::ProviderOptions&) Please "
    "install TensorRT libraries as mentioned in the GPU requirements page"
)
CUT_SHORT = "[ONNXRuntimeError] : 11 : EP_FAIL : TensorRT EP could not deserialize engine from cache: /x"
CUT_SHORT_OPEN = "running TRTKernel_graph_0 node. Status Message: TensorRT EP Failed to Build Engine."


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            OLD_DRIVER,
            "driver is too old .* 580 or newer. .CUDA failure 35: CUDA driver .* runtime version.$",
        ),
        ("CUDA failure 209: no kernel image is available ; GPU=0 ; x", "not made for that GPU .*available.$"),
        ("CUDA failure 2: out of memory ; GPU=0", "the GPU's memory is full"),
        (NO_CUDNN, r"^cuDNN is missing: pip install 'edgevision\[cuda\]'"),
        (NO_TENSORRT, "^TensorRT is missing, .* docs/performance.md"),
    ],
)
def test_what_fails_on_a_gpu_comes_with_what_to_do(words: str, said: str) -> None:
    assert re.search(said, explain_fault(RuntimeError(words)))


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One GPU is played, and a cache of engines of its own."""
    providers = ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"]
    monkeypatch.setattr(ort, "get_available_providers", lambda: providers)
    monkeypatch.setattr(session, "nvidia_devices", lambda: 1)
    monkeypatch.setattr(session, "driver_fault", lambda: None)
    monkeypatch.setattr(session, "Memory", lambda *_: Memory("cpu"))
    monkeypatch.setenv("CACHE_DIRECTORY", str(tmp_path / "cache"))
    path = tmp_path / "x.onnx"
    path.write_bytes(NETWORK)
    return path


@pytest.fixture
def created(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The first providers of all sessions; what is asked for is run on the CPU, under the name asked for."""
    created: list[str] = []
    real = ort.InferenceSession._create_inference_session

    def played(self: Any, providers: list[Any], *_: Any) -> None:
        name = providers[0] if isinstance(providers[0], str) else providers[0][0]
        created.append(name)
        real(self, ["CPUExecutionProvider"], None)
        self.get_providers = lambda: [name]
        self.get_provider_graph_assignment_info = list  # nothing is said to be on the CPU

    monkeypatch.setattr(ort.InferenceSession, "_create_inference_session", played)
    return created


def refuse(monkeypatch: pytest.MonkeyPatch, words: str, error: type[Exception] = RuntimeError) -> None:
    """No session can be made but on the CPU."""
    real = ort.InferenceSession._create_inference_session

    def refused(self: Any, providers: list[Any], *others: Any) -> None:
        if providers[0][0] != "CPUExecutionProvider" and providers[0] != "CPUExecutionProvider":
            raise error(words)
        real(self, providers, *others)

    monkeypatch.setattr(ort.InferenceSession, "_create_inference_session", refused)


def test_the_reason_is_told_and_nothing_is_printed(
    network: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The standard output may be for events; and that a library is missing would be wrong."""
    refuse(monkeypatch, OLD_DRIVER)
    with pytest.raises(ModelError, match="on device cuda: NVIDIA's driver is too old"):
        Session(network, "cuda", threads=1)
    assert Session(network, "auto", threads=1).provider == "CPUExecutionProvider"
    assert capsys.readouterr().out == ""


def test_what_is_missing_is_told_and_not_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if not ort.cuda_version:
        pytest.skip("this onnxruntime is not made for GPUs")

    def missing(name: str) -> None:
        raise OSError(f"{name}: cannot open shared object file")

    monkeypatch.setattr(ctypes, "CDLL", missing)
    said = load_libraries.__wrapped__()
    assert any("libcudart" in line and "cannot open" in line for line in said)
    assert capsys.readouterr().out == ""
    assert "print" not in vars(ort)


def test_auto_takes_a_gpu_that_runs_a_network(network: Path, created: list[str]) -> None:
    assert Session(network, "auto", threads=1).provider == "CUDAExecutionProvider"
    assert created == ["CUDAExecutionProvider"] * 2  # the first is the trial


def test_auto_leaves_a_gpu_that_does_not_run_a_network_and_says_why(
    network: Path, created: list[str], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Without cuDNN a session is made all the same."""

    def fails(*_: Any) -> None:
        raise RuntimeError(NO_CUDNN)

    monkeypatch.setattr(Bound, "run", fails)
    found = Session(network, "auto", threads=1)
    assert found.provider == "CPUExecutionProvider"
    assert created == ["CUDAExecutionProvider", "CPUExecutionProvider"]
    (record,) = caplog.records
    assert "a GPU is here, and the network runs on the CPU" in record.getMessage()
    assert "cuDNN is missing" in record.fields["why"]  # type: ignore[attr-defined]


def test_a_broken_file_is_no_fault_of_the_gpu(
    network: Path, created: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    network.write_bytes(NETWORK[:50])
    with pytest.raises(ModelError, match="it is damaged or cut short"):
        Session(network, "auto", threads=1)
    assert caplog.records == []


def kept_engine(path: Path) -> Path:
    folder = engine_folder(path, 0, ort.__version__)
    folder.mkdir(parents=True)
    (folder / "x.engine").write_bytes(b"half of")
    return folder


def test_an_engine_that_was_cut_short_is_removed(network: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else no start would ever succeed again."""
    folder = kept_engine(network)
    refuse(monkeypatch, CUT_SHORT, ort.capi.onnxruntime_pybind11_state.EPFail)
    with pytest.raises(ModelError, match="its engine was kept damaged, and is removed: the next start makes"):
        Session(network, "tensorrt", threads=1)
    assert not folder.exists()
    assert sorted(folder.parent.iterdir()) == []  # nor what was timed


def test_with_open_sizes_only_a_run_finds_it(
    network: Path, created: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded, folder = Session(network, "tensorrt", threads=1), engine_folder(network, 0, ort.__version__)

    def fails(*_: Any) -> None:
        raise RuntimeError(
            "running TRTKernel_graph_0 node. Status Message: TensorRT EP Failed to Build Engine."
        )

    monkeypatch.setattr(bound.Inputs, "take", fails)
    assert folder.is_dir()
    with pytest.raises(ModelError, match="its engine was kept damaged, and is removed"):
        loaded.run(np.zeros((1, 1, 4, 4), np.float32))
    assert not folder.exists()


def test_what_is_not_its_fault_leaves_an_engine_where_it_is(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = kept_engine(network)
    refuse(monkeypatch, "CUDA failure 2: out of memory ; GPU=0")
    with pytest.raises(ModelError, match="the GPU's memory is full"):
        Session(network, "tensorrt", threads=1)
    assert (folder / "x.engine").is_file()


class Driver:
    """libcuda.so.1, whose start says a number."""

    @staticmethod
    def cuGetErrorString(code: int, text: Any) -> None:  # noqa: N802 - its name in C
        text._obj.value = b"system has unsupported display driver / cuda driver combination"


@pytest.mark.parametrize(
    ("driver", "code", "said"),
    [(None, 0, None), (Driver, 0, None), (Driver, 100, None), (Driver, 803, "must be started again")],
)
def test_a_driver_that_does_not_start_is_not_taken_for_none(
    driver: Any, code: int, said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """100 is what a driver says that may show us no GPU, as with CUDA_VISIBLE_DEVICES=-1."""
    monkeypatch.setattr(devices, "_initialised", lambda: (driver, code))
    fault = driver_fault()
    assert (fault is None) == (said is None)
    with pytest.raises(ModelError, match=said or "no NVIDIA driver with a GPU is here"):
        check_there("cuda", 0)
    assert fault is None or "combination, error 803 of cuInit" in fault
