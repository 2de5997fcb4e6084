"""A configuration that is read again: which networks go on, which cameras use others, what metrics say."""

from pathlib import Path

import pytest

from edgevision.assembly import Assembly
from edgevision.config import load
from edgevision.errors import EdgevisionError
from edgevision.metrics import Metrics
from edgevision.reload import Reload
from tests.networks import echo_network, pooling_network

CONFIG = """
models:
  things: {path: things.onnx, device: cpu}
  others: {path: things.onnx, device: cpu, confidence: 0.6}
  colors: {path: colors.onnx, device: cpu, labels: [red, green, blue]}
cameras:
  gate: {source: 'synthetic:carpark?live=1', model: things, then: {color: {model: colors}}}
  yard: {source: 'synthetic:carpark?live=1', model: others}
http: null
"""


class Running:
    """What SIGHUP changes; its threads are not started."""

    def __init__(self, folder: Path) -> None:
        echo_network(folder / "things.onnx")
        pooling_network(folder / "colors.onnx", batch="n")
        self.path = folder / "config.yaml"
        self.path.write_text(CONFIG)
        self.metrics = Metrics()
        assembly = Assembly(load(self.path), self.metrics)
        self.pipeline = assembly.pipeline()
        self.reload = Reload(assembly, self.pipeline, self.metrics)

    def edit(self, before: str, after: str) -> list[str]:
        text = self.path.read_text()
        assert before in text
        self.path.write_text(text.replace(before, after))
        return self.reload.follow(self.path)

    def looks(self) -> list[str]:
        """What the second network of `gate` can say."""
        return self.pipeline.plan("gate").seconds[0].crops.labels


@pytest.fixture
def running(tmp_path: Path) -> Running:
    return Running(tmp_path)


def test_a_network_that_looks_again_is_replaced_where_its_settings_change(running: Running) -> None:
    assert running.looks() == ["red", "green", "blue"]
    assert running.edit("[red, green, blue]", "[a, b, c]") == ["camera gate: looks again by another network"]
    assert running.looks() == ["a", "b", "c"]


def test_a_network_that_looks_again_goes_on_where_nothing_changes_for_it(running: Running) -> None:
    before = running.reload.assembly.seconds["colors"]
    assert running.edit("model: others}", "model: others, priority: 2}") == [
        "camera yard: has another priority"
    ]
    assert running.reload.assembly.seconds["colors"] is before
    assert running.edit("then: {color: {model: colors}}", "then: {color: {model: colors, every: 2s}}") == [
        "camera gate: asks other questions"
    ]
    assert running.reload.assembly.seconds["colors"] is before


def test_the_metrics_name_the_networks_that_are_used_and_no_others(running: Running) -> None:
    def told() -> set[tuple[str, str]]:
        samples = [sample for metric in running.metrics.model_info.collect() for sample in metric.samples]
        assert all(sample.value == 1 for sample in samples)
        return {(sample.labels["model"], sample.labels["precision"]) for sample in samples}

    assert told() == {("things", "fp32"), ("others", "fp32"), ("colors", "fp32")}
    running.edit("model: others}", "model: things}")
    assert told() == {("things", "fp32"), ("colors", "fp32")}
    with pytest.raises(EdgevisionError):  # the other network is loaded before its labels are looked at
        running.edit(
            "model: things}\nhttp",
            "model: others, lines: {a: {from: [0, 0], to: [1, 1], classes: [x]}}}\nhttp",
        )
    assert told() == {("things", "fp32"), ("colors", "fp32")}
    echo_network(running.path.parent / "half.onnx", dtype="float16")
    running.path.write_text(CONFIG.replace("things: {path: things", "things: {path: half"))
    running.reload.follow(running.path)
    assert told() == {("things", "fp16"), ("others", "fp32"), ("colors", "fp32")}
