"""edgevision models optimize, and what a service makes of it, as a user runs them."""

import errno
import functools
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from edgevision.bench.ways import Timed, take_turns
from edgevision.cli import main
from edgevision.commands import bytes_twin
from edgevision.evaluate.networks import load
from edgevision.inference.openvino_package import is_installed
from edgevision.inference.verdict import this_machine
from edgevision.opencv import cv2
from tests.commands.process import edgevision
from tests.networks import constant_network, echo_network

CELLS = 8 * 8 + 4 * 4 + 2 * 2


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """It sees a thing in the middle of each of 12 pictures, the surer the redder."""
    (tmp_path / "pictures").mkdir()
    for number in range(12):
        picture = np.full((64, 64, 3), (0, 0, 150 + 8 * number), np.uint8)
        cv2.imwrite(str(tmp_path / f"pictures/{number:02}.png"), picture)
    return echo_network(tmp_path / "x.onnx")


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    short = functools.partial(take_turns, rounds=1, seconds=0.02)
    monkeypatch.setattr("edgevision.commands.models_optimize.take_turns", short)


def optimized(network: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    arguments = ["models", "optimize", str(network), "--data", str(network.parent / "pictures"), "--json"]
    assert main(arguments) == 0
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def wrong_twin(path: Path) -> None:
    """As fast as can be, as it always says the same: that a thing is in the corner."""
    output = np.zeros((1, 5, CELLS), np.float32)
    output[0, :, 0] = (8, 8, 8, 8, 0.9)
    constant_network(path.with_name("x_int8.onnx"), output, metadata={"names": "{0: 'thing'}"})


def test_a_fast_way_that_sees_something_else_is_refused(
    network: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong_twin(network)
    answer = optimized(network, capsys)
    ways = {(way["file"], way["engine"], way["runs"]): way for way in answer["ways"]}
    plain = ways["x.onnx", "onnxruntime", "fp32"]
    assert (plain["loss"], plain["passed"]) == (0, True)
    assert all(way["cpu_ms"] > 0 and way["fps"] > 0 for way in answer["ways"])
    twin = ways["x_int8.onnx", "onnxruntime", "fp32"]
    assert (twin["loss"], twin["passed"]) == (pytest.approx(1), False)
    assert answer["best"]["file"] == "x.onnx"
    if is_installed():
        same = ways["x.onnx", "openvino", "fp32"]
        assert (same["loss"], same["passed"]) == (pytest.approx(0, abs=1e-3), True)
    kept = json.loads(network.with_suffix(".optimized.json").read_text())
    assert kept["verdicts"][0]["ways"] == answer["ways"]
    assert kept["verdicts"][0]["machine"] == answer["machine"]


def test_detect_takes_what_was_found(network: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And says so; before, that there is nothing to go by."""
    picture = str(network.parent / "pictures/11.png")
    detect = ("detect", picture, "--model", str(network), "--device", "cpu", "--precision", "auto", "--json")
    before = edgevision(*detect)
    assert "precision auto: nothing was tried yet" in before.stderr
    assert json.loads(before.stdout)["model"]["provider"] == "CPUExecutionProvider"
    best = optimized(network, capsys)["best"]
    after = edgevision(*detect)
    assert "nothing was tried" not in after.stderr
    engine = {"onnxruntime": "CPUExecutionProvider", "openvino": "OpenVINO CPU"}[best["engine"]]
    model = json.loads(after.stdout)["model"]
    assert (model["provider"], model["precision"]) == (engine, best["runs"])


def test_a_twin_that_takes_bytes_goes_unless_it_is_the_best(
    network: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network casts its picture first: with division by 255 nothing can be folded, without it all can."""
    pictures = str(network.parent / "pictures")
    assert main(["models", "optimize", str(network), "--data", pictures]) == 0
    assert "to give it bytes: a picture goes into Cast first" in capsys.readouterr().err
    card = "input: {color: bgr, mean: [0, 0, 0], std: [1, 1, 1]}\n"
    constant = np.zeros((1, 5, CELLS), np.float32)
    constant[0, :, 0] = (32, 32, 32, 32, 0.9)
    constant_network(network, constant, metadata={"names": "{0: 'thing'}"})
    network.with_suffix(".yaml").write_text(card)
    twin = network.with_name("x_u8.onnx")
    for times in (1.0, 0.5):
        monkeypatch.setattr(
            "edgevision.commands.models_optimize.take_turns",
            lambda networks, cores, times=times: [
                Timed(times if each.path == twin else 1.0, 1.0) for each in networks
            ],
        )
        best = optimized(network, capsys)["best"]
        assert (best["folded"], twin.is_file()) == (times < 1, times < 1)
    given = load(str(twin), None, "cpu").input  # type: ignore[attr-defined]
    assert (given.dtype, given.layout, given.color, given.resize) == ("uint8", "nhwc", "bgr", "letterbox")


def test_a_twin_that_another_machine_goes_by_stays(
    network: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a network on a disk that both share; here nothing is gained by it."""
    network.with_suffix(".yaml").write_text("input: {color: bgr, mean: [0, 0, 0], std: [1, 1, 1]}\n")
    constant = np.zeros((1, 5, CELLS), np.float32)
    constant[0, :, 0] = (32, 32, 32, 32, 0.9)
    constant_network(network, constant, metadata={"names": "{0: 'thing'}"})
    twin = network.with_name("x_u8.onnx")
    machine = this_machine()
    for cpu, times in (("another", 0.5), ("this", 1.0)):
        monkeypatch.setattr(
            "edgevision.commands.models_optimize.take_turns",
            lambda networks, cores, times=times: [
                Timed(times if each.path == twin else 1.0, 1.0) for each in networks
            ],
        )
        there = machine.model_copy(update={"cpu": cpu})
        monkeypatch.setattr("edgevision.commands.models_optimize.this_machine", lambda there=there: there)
        assert optimized(network, capsys)["best"]["folded"] == (times < 1)
    assert twin.is_file()


@pytest.mark.parametrize(
    ("found", "alike"), [(np.ones((2, 6)), True), (np.ones((1, 6)), False), (np.ones((0, 6)), False)]
)
def test_twins_that_find_other_numbers_of_boxes_are_not_alike(found: np.ndarray, alike: bool) -> None:
    def saying(output: np.ndarray) -> Any:
        preprocess = lambda picture: (picture, None)  # noqa: E731
        return SimpleNamespace(preprocessor=lambda: preprocess, infer=lambda _: [output])

    assert bytes_twin._same(saying(np.ones((2, 6))), saying(found), np.zeros((8, 8, 3), np.uint8)) is alike


def test_a_full_disk_is_told(
    network: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("edgevision.commands.bytes_twin.take_bytes", fail)
    assert main(["models", "optimize", str(network), "--data", str(network.parent / "pictures")]) == 1
    assert "x.onnx: No space left on device" in capsys.readouterr().err
    assert not [path for path in network.parent.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["x.onnx"], "give --data of what it will see, or labelled pictures with --labels"),
        (["x.onnx", "--data", "gone.mp4"], "gone.mp4"),
        (["gone.onnx", "--data", "pictures"], "gone.onnx does not exist"),
        (["x.onnx", "--data", "few"], "at least 10 are needed"),
    ],
)
def test_mistakes_are_one_line(
    network: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    arguments: list[str], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(network.parent)
    Path("few").mkdir()
    Path("pictures/00.png").rename("few/00.png")
    assert main(["models", "optimize", *arguments]) == 1
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("edgevision: ")]
    assert len(told) == 1
    assert message in told[0]
