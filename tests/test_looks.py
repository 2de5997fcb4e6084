"""Second looks, as a user writes them into a configuration."""

import json
from pathlib import Path
from typing import Any

import pytest

from edgevision.app import App
from edgevision.assembly import Assembly
from edgevision.commands.check import describe
from edgevision.config import LoadedConfig, load
from edgevision.errors import ConfigError, ModelError
from edgevision.metrics import Metrics
from tests.networks import pooling_network

MODELS = """
models:
  vehicles: {path: 'builtin:drawn', WORKERS}
  colors: {path: colors.onnx, labels: [red, green, blue], confidence: 0.1}
"""
CAMERA = """
cameras:
  carpark:
    source: synthetic:carpark?seed=1&seconds=5&fps=10
    model: vehicles
    then:
      color: {model: colors, every: 300ms}
    zones:
      all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.5}
    looks:
      corner: {model: colors, polygon: [[0, 0], [0.2, 0], [0.1, 0.2]], every: 1s, hold: 0}
outputs:
  - {type: jsonl, path: 'FOLDER/events.jsonl'}
http: null
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pooling_network(tmp_path / "colors.onnx", batch="n")
    return tmp_path


def loaded(folder: Path, text: str, workers: int = 2) -> LoadedConfig:
    path = folder / "config.yaml"
    path.write_text(text.replace("WORKERS", f"workers: {workers}").replace("FOLDER", str(folder)))
    return load(path)


def events_of(config: LoadedConfig, folder: Path) -> list[dict[str, Any]]:
    """Run to the end of its file."""
    App(config).run()
    path = folder / "events.jsonl"
    events = [json.loads(line) for line in path.read_text().splitlines()]
    path.unlink()
    return events


def test_a_file_gives_the_same_events_whatever_the_number_of_workers(folder: Path) -> None:
    one, four = (events_of(loaded(folder, MODELS + CAMERA, workers), folder) for workers in (1, 4))
    assert len(one) > 3
    labels = {event["looks"]["color"]["label"] for event in one if event["analytic"] == "zone"}
    assert labels <= {"red", "green", "blue"}
    assert len(labels) > 1  # its vehicles have many colours
    assert one == four


def test_check_says_what_will_be_looked_at(folder: Path) -> None:
    config = loaded(folder, MODELS + CAMERA)
    lines = "\n".join(describe(config, Assembly(config, Metrics())))
    assert "model colors: file colors.onnx, task classify" in lines
    assert "  then color: all classes, model colors, every 0.3 s" in lines
    assert "  look corner: model colors, every 1 s" in lines


def test_counters_exist_from_the_start(folder: Path) -> None:
    metrics = Metrics()
    text = MODELS + CAMERA.partition("outputs:")[0].replace("hold: 0.5}", "classes: [red]}")
    Assembly(loaded(folder, text), metrics).pipeline()
    assert metrics.value("looks_total", camera="carpark", name="color") == 0
    for analytic, name, kind, label in (
        ("look", "corner", "changed", "green"),
        ("zone", "all", "left", "car"),
    ):
        count = metrics.value(
            "count_total", camera="carpark", analytic=analytic, name=name, kind=kind, label=label
        )
        assert count == 0


def test_all_mistakes_that_only_the_networks_show_are_told_at_once(folder: Path) -> None:
    changes = {
        "confidence: 0.1": "classes: [rde]",
        "color: {model: colors, every: 300ms}": "color: {model: vehicles}\n"
        "      kind: {model: colors, classes: [cra]}",
        "hold: 0.5}": "classes: [yellow]}",
        "model: colors, polygon": "model: vehicles, polygon",
    }
    text = MODELS + CAMERA
    for right, wrong in changes.items():
        text = text.replace(right, wrong)
    with pytest.raises(ConfigError) as caught:
        Assembly(loaded(folder, text), Metrics())
    beginnings = [
        "4: models.colors: classes: the network has no class 'rde'; did you mean 'red'?; it knows red, green",
        "11: cameras.carpark.then.color.model: vehicles is a detector; a second look needs",
        "12: cameras.carpark.then.kind: classes: the network has no class 'cra'; did you mean 'car'?",
        "14: cameras.carpark.zones.all: classes: the network has no class 'yellow'",
        "16: cameras.carpark.looks.corner.model: vehicles is a detector; a second look needs",
    ]
    for problem, beginning in zip(caught.value.problems, beginnings, strict=True):
        assert problem.startswith(f"config.yaml:{beginning}"), problem


def test_a_second_network_that_cannot_be_loaded_is_told(folder: Path) -> None:
    (folder / "colors.onnx").write_text("<!DOCTYPE html>")
    with pytest.raises(ModelError, match=r"config\.yaml:4: models\.colors: .*colors\.onnx is a web page"):
        Assembly(loaded(folder, MODELS + CAMERA), Metrics())


def test_a_real_classifier_on_a_real_clip(data: Path, tmp_path: Path) -> None:
    """Bottles of water that somebody puts on a table, seen by YOLOX and looked at by MobileNet v2."""
    models = f"""
models:
  objects: {{path: '{data}/models/yolox_nano_416.onnx', labels: coco, classes: [bottle]}}
  kinds: {{path: '{data}/models/mobilenet_v2_uint8.onnx', labels: '{data}/models/imagenet_classes.txt'}}
cameras:
  table:
    source: {data}/videos/bottle-detection_0-15s.mp4
    fps: 3
    model: objects
    then: {{kind: {{model: kinds, every: 500ms}}}}
    zones: {{all: {{polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 1}}}}
outputs: [{{type: jsonl, path: 'FOLDER/events.jsonl'}}]
http: null
"""
    events = events_of(loaded(tmp_path, models), tmp_path)
    bottles = [event.get("looks", {}).get("kind", {}).get("label") for event in events]
    said = [label for label in bottles if label]  # of one behind a hand nothing is said yet
    assert len(said) >= 3
    assert len(bottles) - len(said) <= 1
    assert sum(label in ("water bottle", "pop bottle") for label in said) >= 0.8 * len(said)
