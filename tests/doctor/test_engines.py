"""Devices are tried in a process of their own, which may crash or hang."""

import sys
from pathlib import Path
from typing import Any

import onnx
import pytest

from edgevision.doctor import engines
from edgevision.doctor.engines import check_engines, try_device
from edgevision.doctor.trial import on_device
from edgevision.inference.openvino_package import is_installed
from edgevision.inference.probe import NETWORK


def test_the_network_is_what_its_comment_says() -> None:
    model = onnx.load_from_string(NETWORK)
    onnx.checker.check_model(model)
    (node,) = model.graph.node
    (kernel,) = model.graph.initializer
    assert node.op_type == "Conv"
    assert (onnx.numpy_helper.to_array(kernel) == 1).all()
    assert list(kernel.dims) == [1, 1, 3, 3]
    assert (model.opset_import[0].version, model.ir_version) == (13, 8)


def test_the_cpu_runs_it() -> None:
    assert on_device("cpu") == {"provider": "CPUExecutionProvider"}
    assert try_device("cpu") == {"provider": "CPUExecutionProvider"}


def test_wrong_numbers_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    model = onnx.load_from_string(NETWORK)
    (kernel,) = model.graph.initializer
    kernel.raw_data = kernel.raw_data[:-4] + b"\0\0\0\0"
    monkeypatch.setattr("edgevision.inference.probe.NETWORK", model.SerializeToString())
    assert on_device("cpu") == {"error": "CPUExecutionProvider computes wrong numbers"}


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("kill -SEGV $$", "it crashed (signal 11)"),
        ("sleep 60", "no answer for 0.5 s: the driver hangs"),
        ("echo ModuleNotFoundError: no onnxruntime >&2; exit 1", "ModuleNotFoundError: no onnxruntime"),
        ("true", "it said nothing"),
    ],
)
def test_a_broken_driver_does_not_take_us_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    broken = tmp_path / "python"
    broken.write_text(f"#!/bin/bash\n{script}\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    monkeypatch.setattr(engines, "PATIENCE", 0.5 if "sleep" in script else 60.0)
    assert try_device("cuda") == {"error": said}


ABOUT = {
    "version": "1.31.0",
    "providers": ["CUDAExecutionProvider", "CPUExecutionProvider"],
    "gpus": 1,
    "fault": None,
}
GOOD = {"provider": "CUDAExecutionProvider"}
OPENVINO = {"provider": "OpenVINO CPU", "version": "2026.4.1", "devices": ["CPU", "GPU"], "bf16": True}


@pytest.mark.parametrize(
    ("about", "cuda", "level", "text"),
    [
        (ABOUT, GOOD, "ok", "a tiny network ran on CUDA"),
        (ABOUT, {"error": "libcudnn.so.9"}, "warn", "1 here, but not usable: libcudnn.so.9"),
        (ABOUT | {"gpus": 0}, GOOD, "ok", "networks run on the CPU"),
        (ABOUT | {"gpus": 0, "fault": "error 803 of cuInit"}, GOOD, "warn", "error 803 of cuInit"),
        (ABOUT | {"providers": ["CPUExecutionProvider"]}, GOOD, "warn", "this onnxruntime can use none"),
    ],
)
def test_a_gpu_that_is_there_must_be_usable(
    monkeypatch: pytest.MonkeyPatch, about: dict[str, Any], cuda: dict[str, Any], level: str, text: str
) -> None:
    answers = {"": about, "cpu": {"provider": "CPUExecutionProvider"}, "cuda": cuda, "openvino": OPENVINO}
    monkeypatch.setattr(engines, "try_device", lambda device="": answers[device])
    found = {each.subject: each for each in check_engines()}
    assert found["GPU"].level == level
    assert text in found["GPU"].found
    assert found["video"].level == "ok"


def test_no_onnxruntime_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "try_device", lambda device="": {"error": "no module"})
    assert [each.level for each in check_engines() if each.subject == "ONNX Runtime"] == ["fail"]


@pytest.mark.parametrize(
    ("answer", "level", "text"),
    [
        (OPENVINO, "ok", "sees CPU, GPU; a tiny network ran on the CPU, which computes in bfloat16, too"),
        (OPENVINO | {"bf16": False}, "ok", "the CPU, which has no instructions for bfloat16"),
        ({"error": "it crashed (signal 4)"}, "warn", "it crashed (signal 4)"),
    ],
)
def test_openvino_is_tried_where_it_is_installed(
    monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any], level: str, text: str
) -> None:
    cpu = {"provider": "CPUExecutionProvider"}
    answers = {"": ABOUT | {"gpus": 0}, "cpu": cpu, "openvino": answer}
    monkeypatch.setattr(engines, "try_device", lambda device="": answers[device])
    monkeypatch.setattr(engines, "version", lambda package: "2026.4.1")
    (found,) = [each for each in check_engines() if each.subject == "OpenVINO"]
    assert found.level == level
    assert text in found.found
    monkeypatch.setattr(engines, "version", lambda package: "")
    assert "OpenVINO" not in [each.subject for each in check_engines()]


@pytest.mark.skipif(
    not is_installed(), reason="openvino is not installed: pip install 'edgevision[openvino]'"
)
def test_openvino_runs_it() -> None:
    tried = try_device("openvino")
    assert tried["provider"] == "OpenVINO CPU"
    assert "CPU" in tried["devices"]
