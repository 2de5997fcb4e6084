"""Second looks, as a user writes them into a configuration."""

import json
from pathlib import Path

import pytest

from tests.commands.process import check_failure, edgevision
from tests.networks import pooling_network

MODELS = """
models:
  vehicles: {path: 'builtin:drawn', WORKERS}
  colors: {path: colors.onnx, labels: [red, green, blue], confidence: 0.1}
  map: {path: map.onnx, labels: [road, car, tree], task: segment}
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
  - {type: jsonl, path: events.jsonl}
http: null
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pooling_network(tmp_path / "colors.onnx", batch="n")
    pooling_network(tmp_path / "map.onnx", stride=8)
    return tmp_path


def write(folder: Path, text: str, workers: int = 2) -> Path:
    path = folder / "config.yaml"
    path.write_text(text.replace("WORKERS", f"workers: {workers}"))
    return path


def test_a_file_gives_the_same_bytes_whatever_the_number_of_workers(folder: Path) -> None:
    told = []
    for workers in (1, 4):
        done = edgevision("run", str(write(folder, MODELS + CAMERA, workers)), cwd=folder)
        assert done.returncode == 0, done.stderr
        told.append((folder / "events.jsonl").read_bytes())
        (folder / "events.jsonl").unlink()
    events = [json.loads(line) for line in told[0].splitlines()]
    assert len(events) > 3
    labels = {event["looks"]["color"]["label"] for event in events if event["analytic"] == "zone"}
    assert labels <= {"red", "green", "blue"}
    assert len(labels) > 1  # its vehicles have many colours
    assert told[0] == told[1]


def test_check_says_what_will_be_looked_at(folder: Path) -> None:
    done = edgevision("check", str(write(folder, MODELS + CAMERA)))
    assert done.returncode == 0, done.stderr
    assert "model colors: file colors.onnx, task classify" in done.stdout
    assert "  then color: all classes, model colors, every 0.3 s" in done.stdout
    assert "  look corner: model colors, every 1 s" in done.stdout


def test_all_mistakes_that_only_the_networks_show_are_told_at_once(folder: Path) -> None:
    changes = {
        "confidence: 0.1": "classes: [rde]",
        "color: {model: colors, every: 300ms}": "color: {model: vehicles}\n"
        "      kind: {model: colors, classes: [cra]}",
        "hold: 0.5}": "classes: [yellow]}",
        "model: colors, polygon": "model: map, polygon",
    }
    text = MODELS + CAMERA
    for right, wrong in changes.items():
        text = text.replace(right, wrong)
    done = edgevision("run", str(write(folder, text)))
    assert done.returncode == 2
    complaints = [line for line in done.stderr.splitlines() if "config.yaml:" in line]
    beginnings = [
        "4: models.colors: classes: the network has no class 'rde'; did you mean 'red'?; it knows red, green",
        "12: cameras.carpark.then.color.model: vehicles is a detector; a second look needs a classifier",
        "13: cameras.carpark.then.kind: classes: the network has no class 'cra'; did you mean 'car'?",
        "15: cameras.carpark.zones.all: classes: the network has no class 'yellow'",
        "17: cameras.carpark.looks.corner.model: map is a segmenter; a second look needs a classifier",
    ]
    for line, beginning in zip(complaints, beginnings, strict=True):
        assert line.startswith(f"edgevision: config.yaml:{beginning}"), line


def test_a_second_network_that_cannot_be_loaded_is_told(folder: Path) -> None:
    (folder / "colors.onnx").write_text("<!DOCTYPE html>")
    done = edgevision("run", str(write(folder, MODELS + CAMERA)))
    check_failure(done, 1, r"config\.yaml:4: models\.colors: .*colors\.onnx is a web page, not a network")


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
outputs: [{{type: jsonl, path: events.jsonl}}]
http: null
"""
    done = edgevision("run", str(write(tmp_path, models)), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    bottles = [event.get("looks", {}).get("kind", {}).get("label") for event in events]
    assert len(bottles) >= 3
    assert sum(label in ("water bottle", "pop bottle") for label in bottles) >= 0.8 * len(bottles)
