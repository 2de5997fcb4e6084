"""Which GPU, and what is said where it is not there. No GPU is needed: ONNX Runtime is asked, not run."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import numpy_helper

from edgevision.errors import ModelError
from edgevision.inference import devices, engines, session
from edgevision.inference.devices import Place, check_there, read_device
from edgevision.inference.engines import MOST_FOLDERS, cache_folder, engine_folder, tidy
from edgevision.inference.probe import NETWORK
from edgevision.inference.session import Session, makes_engine

RUNTIME = "1.31.1"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("auto", ("auto", 0)),
        ("cpu", ("cpu", 0)),
        ("cuda", ("cuda", 0)),
        ("cuda:0", ("cuda", 0)),
        ("tensorrt:12", ("tensorrt", 12)),
    ],
)
def test_a_device_is_a_kind_and_a_number(text: str, place: tuple[str, int]) -> None:
    assert read_device(text) == Place(*place)


@pytest.mark.parametrize(
    "text", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:123", "cpu:1", "auto:0", "Cuda", ""]
)
def test_what_is_no_device_is_told_what_is(text: str) -> None:
    with pytest.raises(ValueError, match=rf"such as 'cuda:1', got '{re.escape(text)}'$"):
        read_device(text)


@pytest.mark.parametrize(
    ("device", "count", "said"),
    [
        ("cuda", 0, "no NVIDIA driver with a GPU is here"),
        ("cuda:1", 1, "cuda:1 was asked for, but one GPU is here, which is 0: `nvidia-smi -L` lists them"),
        ("tensorrt:4", 4, "but 4 GPUs are here, 0 to 3: .* CUDA_VISIBLE_DEVICES"),
    ],
)
def test_a_gpu_that_is_not_there_is_named_with_those_that_are(device: str, count: int, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        check_there(device, count)
    check_there(device, 5)


@pytest.fixture
def network(tmp_path: Path) -> Path:
    path = tmp_path / "x.onnx"
    path.write_bytes(NETWORK)
    return path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CACHE_DIRECTORY", f"{tmp_path / 'cache'}:/elsewhere")
    return tmp_path / "cache" / "engines"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, cache: Path) -> list[Any]:
    """Two GPUs are played; ONNX Runtime's answer is what it was asked for, run on the CPU."""
    created: list[Any] = []
    real = ort.InferenceSession

    class Played:
        def __init__(self, path: str, options: Any, providers: list[tuple[str, Any]], **_: Any) -> None:
            created.append(providers)
            self._real = real(path, options, providers=["CPUExecutionProvider"])

        def get_providers(self) -> list[str]:
            return [name for name, _ in created[-1]]

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    monkeypatch.setattr(ort, "InferenceSession", Played)
    monkeypatch.setattr(ort, "preload_dlls", lambda: None)
    monkeypatch.setattr(
        ort,
        "get_available_providers",
        lambda: ["TensorrtExecutionProvider", "CUDAExecutionProvider", "CPUExecutionProvider"],
    )
    monkeypatch.setattr(session, "nvidia_devices", lambda: 2)
    return created


def test_the_number_of_the_gpu_reaches_onnx_runtime(asked: list[Any], network: Path) -> None:
    for device in ("cuda", "cuda:1", "cpu"):
        Session(network, device, threads=1)
    assert asked == [
        [("CUDAExecutionProvider", {"device_id": "0"}), ("CPUExecutionProvider", {})],
        [("CUDAExecutionProvider", {"device_id": "1"}), ("CPUExecutionProvider", {})],
        [("CPUExecutionProvider", {})],
    ]
    with pytest.raises(ModelError, match="2 GPUs are here, 0 to 1"):
        Session(network, "cuda:2", threads=1)


def test_tensorrt_keeps_its_engines_and_what_it_timed(
    asked: list[Any], network: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Session(network, "tensorrt:1", threads=1)
    ((name, options), (_, cuda), _) = asked[0]
    assert name == "TensorrtExecutionProvider"
    folder, timing = Path(options["trt_engine_cache_path"]), Path(options["trt_timing_cache_path"])
    assert options == {
        "device_id": "1",
        "trt_engine_cache_enable": "1",
        "trt_engine_cache_path": str(folder),
        "trt_timing_cache_enable": "1",
        "trt_timing_cache_path": str(timing),
    }
    assert cuda == {"device_id": "1"}
    assert folder.parent == timing.parent == cache
    assert folder.is_dir()
    assert "which may take ten minutes" in caplog.text
    assert makes_engine(network, "tensorrt:1")
    (folder / "TensorrtExecutionProvider_x.engine").touch()
    assert not makes_engine(network, "tensorrt:1")
    assert not makes_engine(network, "cuda:1")


def test_the_options_are_ones_that_onnx_runtime_knows() -> None:
    """Their names stand in its library; a wrong one is refused only where there is a GPU."""
    library = Path(ort.__file__).parent / "capi" / "libonnxruntime_providers_tensorrt.so"
    if not library.is_file():
        pytest.skip("this onnxruntime is not made for GPUs")
    content = library.read_bytes()
    names = ("engine_cache_enable", "engine_cache_path", "timing_cache_enable", "timing_cache_path")
    assert [name for name in names if f"trt_{name}".encode() not in content] == []


def test_a_cache_that_cannot_be_written_costs_time_and_not_the_start(
    asked: list[Any], network: Path, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache.parent.write_text("a file where the folder should be")
    Session(network, "tensorrt", threads=1)
    assert asked[0][0] == ("TensorrtExecutionProvider", {"device_id": "0"})
    assert "made anew at each start" in caplog.text


def test_another_file_driver_or_gpu_has_another_engine(
    network: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "gpu_facts", lambda index: f"Orin {index}, CUDA 13000, 580.1")
    found = [engine_folder(network, 0, RUNTIME), engine_folder(network, 1, RUNTIME)]
    found.append(engine_folder(network, 0, "1.32.0"))
    (network.parent / "x.onnx.data").write_bytes(b"weights")
    found.append(engine_folder(network, 0, RUNTIME))
    network.write_bytes(NETWORK + b"\0")
    found.append(engine_folder(network, 0, RUNTIME))
    monkeypatch.setattr(engines, "gpu_facts", lambda index: f"Orin {index}, CUDA 13000, 580.2")
    found.append(engine_folder(network, 0, RUNTIME))
    assert len(set(found)) == len(found) == 6
    assert engine_folder(network, 0, RUNTIME) == found[-1]


def test_weights_in_a_file_of_any_name_have_an_engine_of_their_own(network: Path, cache: Path) -> None:
    model = onnx.load_from_string(NETWORK)
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(8, np.float32), "w"))
    onnx.save(model, network, save_as_external_data=True, location="weights.bin", size_threshold=0)
    before = engine_folder(network, 0, RUNTIME)
    assert engine_folder(network, 0, RUNTIME) == before
    (network.parent / "weights.bin").write_bytes(bytes(64))
    assert engine_folder(network, 0, RUNTIME) != before


def test_without_a_driver_there_are_facts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "_driver", lambda: None)
    assert devices.gpu_facts(0) == "no driver"
    assert devices.nvidia_devices() == 0


def folders(root: Path, count: int, size: int = 0) -> list[Path]:
    """The first was used last."""
    made = [root / f"{n:02}" for n in range(count)]
    for age, folder in enumerate(made):
        folder.mkdir(parents=True)
        (folder / "x.engine").write_bytes(bytes(size))
        os.utime(folder, (10_000 - age, 10_000 - age))
    return made


def test_what_was_not_used_for_longest_goes(tmp_path: Path) -> None:
    made = folders(tmp_path, MOST_FOLDERS + 3)
    tidy(tmp_path, keep=(made[-1],))
    assert sorted(tmp_path.iterdir()) == [*made[:MOST_FOLDERS], made[-1]]


def test_engines_take_so_much_room_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MOST_BYTES", 1000)
    made = folders(tmp_path, 5, size=400)
    tidy(tmp_path, keep=(made[0],))
    assert sorted(tmp_path.iterdir()) == made[:2]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        (
            {"CACHE_DIRECTORY": "/var/cache/edgevision:/b", "XDG_CACHE_HOME": "/x"},
            "/var/cache/edgevision/engines",
        ),
        ({"XDG_CACHE_HOME": "/x"}, "/x/edgevision/engines"),
        ({"XDG_CACHE_HOME": "x"}, "/home/me/.cache/edgevision/engines"),
    ],
)
def test_where_engines_are_kept(
    environ: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CACHE_DIRECTORY", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected)
