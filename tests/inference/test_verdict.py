"""`precision: auto` takes what was found on this machine for this file, or says why it does not."""

import json
import logging
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from edgevision.config import check
from edgevision.document import parse
from edgevision.errors import ModelError
from edgevision.inference import verdict
from edgevision.inference.opened import open_network
from edgevision.inference.settings import InputSettings, ModelSettings
from edgevision.inference.verdict import MOST, Machine, Verdict, Way, choose, keep, sum_of, verdict_path
from edgevision.metrics import Metrics
from edgevision.networks import Networks
from edgevision.pipeline.plans import Workers
from tests.networks import constant_network, echo_network

AUTO = ModelSettings(device="cpu", precision="auto")
HERE = Machine(cpu="a CPU", onnxruntime="1.31.1", openvino="2026.4.1")


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdict, "this_machine", lambda: HERE)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A network and its twin, which says something else."""
    constant_network(tmp_path / "x_int8.onnx", np.full((1, 3), 0.25, np.float32))
    return constant_network(tmp_path / "x.onnx", np.full((1, 3), 0.75, np.float32))


def way(path: Path, cpu_ms: float, **changes: Any) -> Way:
    plain = {"engine": "onnxruntime", "precision": "as_is", "runs": "fp32", "fps": 1000 / cpu_ms, "loss": 0.0}
    given = {
        "file": path.name,
        "sha256": sum_of(path),
        "confidence": 0.35,
        "passed": True,
        "cpu_ms": cpu_ms,
    }
    return Way(**{**plain, **given, **changes})


def found(path: Path, *others: Way, machine: Machine = HERE) -> Verdict:
    ways = [way(path, 100.0), *others]
    return Verdict(machine=machine, judged="pictures", confidence=0.35, max_loss=0.01, ways=ways)


def twin(path: Path, cpu_ms: float = 40.0, **changes: Any) -> Way:
    return way(path.with_name("x_int8.onnx"), cpu_ms, runs="int8", **changes)


def bf16(path: Path, cpu_ms: float = 30.0, **changes: Any) -> Way:
    return way(path, cpu_ms, engine="openvino", precision="bf16", runs="bf16", **changes)


def chosen(path: Path) -> tuple[str, str, str]:
    file, settings = choose(path, AUTO)
    return file.name, settings.engine, settings.precision


def test_the_quickest_good_one_is_taken(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    keep(path, found(path, twin(path), bf16(path)))
    assert chosen(path) == ("x.onnx", "openvino", "bf16")
    keep(path, found(path, twin(path), bf16(path, passed=False)))
    assert chosen(path) == ("x_int8.onnx", "onnxruntime", "as_is")
    keep(path, found(path, twin(path, 97.0)))
    assert chosen(path) == ("x.onnx", "onnxruntime", "as_is")  # not worth it
    assert not [record for record in caplog.records if record.levelno > logging.INFO]


def test_another_confidence_is_told(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    keep(path, found(path, twin(path, confidence=0.42)))
    chosen(path)
    assert "with it, confidence 0.42 finds what 0.35 found before" in caplog.text


def test_the_network_that_is_opened_is_the_one_that_was_found(path: Path) -> None:
    keep(path, found(path, twin(path)))
    opened = open_network(ModelSettings(path=str(path), device="cpu", precision="auto"), Path(), threads=1)
    assert (opened.path.name, opened.settings.precision) == ("x_int8.onnx", "as_is")
    assert opened.session.run(np.zeros((1, 3, 64, 64), np.float32))[0].max() == 0.25


def test_another_plan_may_have_the_network_that_was_found(tmp_path: Path) -> None:
    """Which is another file than the one that is configured; but not what is found later."""
    path = echo_network(tmp_path / "x.onnx")
    time.sleep(0.01)  # file systems keep times in steps of up to 4 ms
    echo_network(tmp_path / "x_int8.onnx")
    keep(path, found(path, twin(path)))
    text = "models: {x: {path: x.onnx, device: cpu, precision: auto}}\n"
    text += "cameras: {a: {source: 'synthetic:carpark'}}"
    networks = Networks(check(parse(text, "x.yaml", {}), tmp_path), Metrics(), {"a": True}, None)
    threads = networks.models["x"].threads + 1
    plan = networks.fitted("x", Workers(1, threads, "more cores"))
    assert (plan.detector.path.name, plan.threads) == ("x_int8.onnx", threads)
    verdict_path(path).unlink()
    with pytest.raises(ModelError, match=r"x\.onnx is not the file that was loaded: restart to use it"):
        networks.fitted("x", Workers(1, threads, "more cores"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: verdict_path(path).unlink(), "nothing was tried yet: `edgevision models optimize b"),
        (lambda path: path.write_bytes(b"other"), "it, its weights or its card were others when"),
        (lambda path: path.with_suffix(".yaml").write_text("input: {color: bgr}"), "or its card were others"),
        (lambda path: path.with_name("x_int8.onnx").write_bytes(b"other"), "beside it has changed"),
        (lambda path: path.with_name("x_int8.onnx").unlink(), "which was found best, is not beside it any"),
        (lambda path: keep(path, found(path, machine=HERE.model_copy(update={"openvino": "2027.1"}))),
         "with other versions of the engines"),
    ],
)  # fmt: skip
def test_what_was_found_for_something_else_does_not_count(
    path: Path, caplog: pytest.LogCaptureFixture, spoil: Any, said: str
) -> None:
    keep(path, found(path, twin(path)))
    spoil(path)
    assert chosen(path) == ("x.onnx", "onnxruntime", "as_is")
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert said in caplog.text
    assert "it runs as it is" in caplog.text


def test_other_weights_in_a_file_beside_it_make_it_another_network(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = onnx.load(path)
    model.graph.initializer.append(numpy_helper.from_array(np.zeros(8, np.float32), "weights"))
    onnx.save(model, path, save_as_external_data=True, location="x.weights", size_threshold=0)
    keep(path, found(path, twin(path)))
    assert chosen(path)[0] == "x_int8.onnx"
    path.with_name("x.weights").write_bytes(np.ones(8, np.float32).tobytes())
    assert chosen(path)[0] == "x.onnx"
    assert "its weights or its card were others when it was tried" in caplog.text


def test_what_was_tried_is_what_is_noted(path: Path) -> None:
    """And not what came into its place meanwhile."""
    tried = found(path, twin(path))
    path.write_bytes(b"other")
    keep(path, tried)
    assert chosen(path) == ("x.onnx", "onnxruntime", "as_is")


def test_two_that_write_at_once_are_not_in_each_others_way(path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        others = [found(path, machine=HERE.model_copy(update={"cpu": name})) for name in "ab"]
        list(pool.map(lambda each: [keep(path, each) for _ in range(100)], others))
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "x.onnx",
        "x.optimized.json",
        "x_int8.onnx",
    ]


def test_one_that_takes_bytes_is_left_where_colours_are_configured(path: Path) -> None:
    keep(path, found(path, twin(path, folded=True), bf16(path, 60.0)))
    assert chosen(path)[0] == "x_int8.onnx"
    settings = ModelSettings(device="cpu", precision="auto", input=InputSettings(color="bgr"))
    assert choose(path, settings)[1].engine == "openvino"


def test_a_gpu_is_left_to_run_it(
    path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(path, found(path, twin(path)))
    monkeypatch.setattr(verdict, "nvidia_devices", lambda: 1)
    assert choose(path, ModelSettings(precision="auto"))[0] == path
    assert "here is a GPU" in caplog.text


def outside(text: str) -> str:
    return text.replace('"x_int8.onnx"', '"../x.onnx"')


def without_ways(text: str) -> str:
    return json.dumps(json.loads(text) | {"verdicts": [{**json.loads(text)["verdicts"][0], "ways": []}]})


@pytest.mark.parametrize("spoil", [outside, without_ways])
def test_one_that_cannot_be_is_an_error(path: Path, spoil: Any) -> None:
    keep(path, found(path, twin(path)))
    verdict_path(path).write_text(spoil(verdict_path(path).read_text()))
    with pytest.raises(ModelError, match=r"x\.optimized\.json is no verdict of `models optimize`: delete it"):
        choose(path, AUTO)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"network": 1}', '{"network": "a", "verdicts": [{}]}'])
def test_a_damaged_one_is_an_error_and_made_anew(path: Path, text: str) -> None:
    verdict_path(path).write_text(text)
    with pytest.raises(ModelError, match=r"x\.optimized\.json is no verdict of `models optimize`: delete it"):
        choose(path, AUTO)
    keep(path, found(path, twin(path)))
    assert chosen(path)[0] == "x_int8.onnx"


def test_machines_that_share_a_disk_keep_their_own(path: Path) -> None:
    for number in range(MOST + 5):
        keep(path, found(path, machine=HERE.model_copy(update={"cpu": f"CPU {number}"})))
    keep(path, found(path))
    keep(path, found(path, twin(path)))
    kept = json.loads(verdict_path(path).read_text())["verdicts"]
    assert [each["machine"]["cpu"] for each in kept] == [*(f"CPU {n}" for n in range(6, MOST + 5)), "a CPU"]
    assert chosen(path)[0] == "x_int8.onnx"


def test_those_of_another_network_of_that_name_are_dropped(path: Path) -> None:
    keep(path, found(path, machine=HERE.model_copy(update={"cpu": "another"})))
    shutil.copy(path.with_name("x_int8.onnx"), path)
    keep(path, found(path))
    assert len(json.loads(verdict_path(path).read_text())["verdicts"]) == 1
