import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import yaml
from onnx import helper

from edgevision.commands import models_quantize
from edgevision.commands.bytes_twin import make_twin
from edgevision.inference.classifier import Classifier
from edgevision.inference.detector import Detector
from edgevision.inference.inspection import card_text, inspect
from edgevision.inference.network import Network, load_network
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import ModelSettings
from edgevision.opencv import cv2
from tests.commands.process import check_failure, edgevision
from tests.networks import constant_network, pooling_network

NAMES = {"names": "{0: 'no', 1: '12:30', 2: 'blue'}"}  # what YAML may not take for false and a time
AS_IT_IS = "task: detect\ninput: {color: bgr, mean: [0, 0, 0], std: [1, 1, 1]}\n"
PICTURE = np.zeros((64, 64, 3), np.uint8)


def network(path: Path, task: str) -> Path:
    if task == "detect":
        return constant_network(path, np.zeros((1, 300, 6), np.float32), metadata=NAMES)
    return pooling_network(path, stride=4 if task == "segment" else None, metadata=NAMES)


def load(path: Path) -> Network:
    return load_network(ModelSettings(path=str(path)), Path(), threads=1)


@pytest.mark.parametrize(
    ("task", "kind"), [("detect", Detector), ("segment", Segmenter), ("classify", Classifier)]
)
def test_the_card_says_all_that_was_understood(tmp_path: Path, task: str, kind: type) -> None:
    """The same network without metadata is read alike with the card beside it."""
    path = network(tmp_path / "x.onnx", task)
    found = inspect(ModelSettings(path=str(path)), Path(), threads=1)
    before = load(path)
    assert (found.task, type(before)) == (task, kind)
    path.with_suffix(".yaml").write_text(card_text(found))
    after = load(path)
    assert (after.labels, after.input) == (["no", "12:30", "blue"], before.input)
    assert after.facts() == before.facts()
    assert found.card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_card_keeps_the_numbers_of_the_classes(tmp_path: Path) -> None:
    """COCO's own number 18 is a dog, which is the 17th of its 80 names (Lin et al., ECCV 2014)."""
    outputs = {
        "detection_boxes": np.full((1, 1, 4), (0.2, 0.2, 0.8, 0.8), np.float32),
        "detection_classes": np.full((1, 1), 18, np.float32),
        "detection_scores": np.full((1, 1), 0.9, np.float32),
        "num_detections": np.ones(1, np.float32),
    }
    path = constant_network(tmp_path / "x.onnx", *outputs.values(), names=list(outputs))
    found = inspect(ModelSettings(path=str(path), labels="coco", task="detect"), Path(), threads=1)
    path.with_suffix(".yaml").write_text(AS_IT_IS)
    full = load_network(ModelSettings(path=str(path), labels="coco", task="detect"), Path(), threads=1)
    assert isinstance(full, Detector)
    twin = make_twin(full, [PICTURE])
    small = Path(shutil.copy(path, tmp_path / "x_int8.onnx"))
    models_quantize._write_card(full, small)
    path.with_suffix(".yaml").write_text(card_text(found))
    for each in (path, twin, small):
        network = load(each)
        assert isinstance(network, Detector)
        assert [network.labels[n] for n in network.detect(PICTURE, 0.5).class_ids] == ["dog"], each.name


def test_a_configuration_is_not_replaced_by_a_card(tmp_path: Path) -> None:
    configuration = tmp_path / "gate.yaml"
    configuration.write_text("cameras: {gate: {source: gate.mp4}}\n")
    given = ["builtin:drawn", "--data", str(tmp_path), "--out", str(tmp_path / "gate.onnx")]
    check_failure(edgevision("models", "quantize", *given), 1, r"gate\.yaml is no card of a network")
    assert configuration.read_text() == "cameras: {gate: {source: gate.mp4}}\n"


def warnings(path: Path, **settings: object) -> str:
    found = inspect(ModelSettings(path=str(path), **settings), Path(), threads=1)  # type: ignore[arg-type]
    return "\n".join(found.warnings)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"license": "AGPL-3.0 License (https://ultralytics.com/license)"}, "AGPL-3.0"),
        ({"stride": "32"}, "looks like an export of YOLOv5"),
        ({"license": "Apache-2.0"}, None),
    ],
)
def test_licences_are_warned_of(tmp_path: Path, metadata: dict[str, str], expected: str | None) -> None:
    output = np.zeros((1, 300, 6), np.float32)
    said = warnings(constant_network(tmp_path / "x.onnx", output, metadata={**NAMES, **metadata}))
    assert (expected in said) if expected else ("GPL" not in said)


def test_a_list_that_does_not_fit_is_a_warning_and_the_rest_is_told(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx")
    assert "does not name its 3 classes" in warnings(path)
    assert "tells 3 classes apart, but 2 labels are given" in warnings(path, labels=["a", "b"])
    assert "classes" not in warnings(path, labels=["a", "b", "c"])


def test_what_had_to_be_guessed_is_said(tmp_path: Path) -> None:
    assert "as for ImageNet" in warnings(pooling_network(tmp_path / "x.onnx"))
    assert "taken as -1..1" in warnings(pooling_network(tmp_path / "y.onnx", layout="nhwc"))
    assert "pixels" not in warnings(pooling_network(tmp_path / "z.onnx", dtype="uint8"))


def test_dynamic_quantisation_is_warned_of(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx")
    assert "dynamically" not in warnings(path)
    model = onnx.load(str(path))
    model.graph.node.append(helper.make_node("DynamicQuantizeLinear", ["step0"], ["a", "b", "c"]))
    onnx.save(model, str(path))
    assert "quantised dynamically" in warnings(path)


def test_in_words_with_a_picture(tmp_path: Path) -> None:
    path = network(tmp_path / "x.onnx", "segment")
    done = edgevision("models", "inspect", str(path), "--save", str(tmp_path / "out"), "--write-card")
    assert done.returncode == 0, done.stderr
    assert "task       segment: its output has the shape (1, 3, 16, 16)" in done.stdout
    assert "opset      17" in done.stdout
    assert "classes    3: no, 12:30, blue" in done.stdout
    assert cv2.imread(str(tmp_path / "out" / "x-scene.png")) is not None
    assert yaml.safe_load((tmp_path / "x.yaml").read_text())["labels"] == ["no", "12:30", "blue"]
    again = edgevision("models", "inspect", str(path), "--write-card")
    check_failure(again, 1, r"x\.yaml exists already")


def test_as_json_with_a_picture_of_ones_own(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "red.png"), np.full((1, 1, 3), (0, 0, 255), np.uint8))
    path = network(tmp_path / "x.onnx", "classify")
    done = edgevision("models", "inspect", str(path), "--image", str(tmp_path / "red.png"), "--json")
    answer = json.loads(done.stdout)
    assert (answer["task"], answer["activation"], answer["opset"]) == ("classify", "softmax", 17)
    assert answer["picture"]["labels"][0]["label"] == "no"  # the first channel, red
    assert answer["card"]["input"]["resize"] == "crop"


def too_new(path: Path) -> Path:
    model = onnx.load(str(pooling_network(path)))
    model.opset_import[0].version = 99
    onnx.save(model, str(path))
    return path


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["inspect", "gone.onnx"], 1, r"gone\.onnx does not exist"),
        (["inspect", "."], 1, r"\. is not a file"),
        (["inspect", "builtin:x"], 1, "there is no built-in network 'x'"),
        (
            ["inspect", "NEW"],
            1,
            "its opset is 99, and this onnxruntime runs .* at most: export it",
        ),
        (["inspect", "builtin:default", "--image", "gone.jpg"], 1, r"gone\.jpg is not a picture"),
    ],
)
def test_a_mistake_is_one_line(tmp_path: Path, arguments: list[str], status: int, message: str) -> None:
    given = [str(too_new(tmp_path / "x.onnx")) if word == "NEW" else word for word in arguments]
    check_failure(edgevision("models", *given), status, message)


def test_a_mistake_in_a_card_is_bad_configuration(tmp_path: Path) -> None:
    path = network(tmp_path / "x.onnx", "classify")
    (tmp_path / "x.yaml").write_text("activaton: none\n")
    check_failure(
        edgevision("models", "inspect", str(path)), 2, r"x\.yaml:1: activaton: unknown key; did you"
    )
