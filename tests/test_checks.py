"""What only the loaded networks can tell of a configuration: all of it at once, each with its line."""

from pathlib import Path

import pytest

from edgevision.assembly import Assembly
from edgevision.config import check
from edgevision.document import parse
from edgevision.errors import ConfigError, ModelError
from edgevision.metrics import Metrics
from tests.networks import echo_network, pooling_network

NAMES = {"names": "{0: 'road', 1: 'car', 2: 'sky'}"}
SQUARE = "[[0, 0], [1, 0], [1, 1], [0, 1]]"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A detector of one class, `thing`, a segmenter and a classifier."""
    echo_network(tmp_path / "boxes.onnx")
    pooling_network(tmp_path / "map.onnx", stride=8, side=256, metadata={**NAMES, "task": "semantic"})
    pooling_network(tmp_path / "whole.onnx", metadata=NAMES)
    return tmp_path


def problems(text: str, folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        Assembly(check(parse(text, "x.yaml", {}), folder), Metrics())
    return [problem.replace("x.yaml:", "") for problem in caught.value.problems]


def test_all_that_a_segmenter_and_a_detector_cannot_do(folder: Path) -> None:
    text = f"""
models: {{boxes: {{path: boxes.onnx}}, map: {{path: map.onnx}}, whole: {{path: whole.onnx}}}}
cameras:
  a:
    source: synthetic:carpark
    model: map
    tiles: 2x2
    outlines: [rle]
    then: {{kind: {{model: whole}}}}
    zones: {{lot: {{polygon: {SQUARE}}}}}
    areas: {{lane: {{polygon: {SQUARE}, classes: [cra]}}}}
  b:
    source: synthetic:carpark
    model: boxes
    outlines: [polygons]
    areas: {{free: {{polygon: {SQUARE}, classes: [thing]}}}}
    queues: {{till: {{polygon: {SQUARE}, classes: [thin]}}}}
    heatmaps: {{floor: {{classes: [think]}}}}
outputs:
  - {{type: video, camera: a, path: a.mp4, redact: {{classes: [sky, person]}}}}
http: null
"""
    assert problems(text, folder) == [
        "7: cameras.a.tiles: map.onnx is a segmenter; tiles is for networks that find objects",
        "8: cameras.a.outlines: map.onnx draws no masks of objects, which outlines are made of",
        "9: cameras.a.then: map.onnx is a segmenter; then is for networks that find objects",
        "10: cameras.a.zones.lot: map.onnx is a segmenter, which finds no objects to follow; it can measure "
        "`areas`",
        "11: cameras.a.areas.lane: classes: the network has no class 'cra'; did you mean 'car'?; it knows "
        "road, car, sky",
        "15: cameras.b.outlines: boxes.onnx draws no masks of objects, which outlines are made of",
        "16: cameras.b.areas.free: boxes.onnx gives boxes only; areas need a segmenter, or a detector that "
        "draws masks",
        "17: cameras.b.queues.till: classes: the network has no class 'thin'; did you mean 'thing'?; it "
        "knows thing",
        "18: cameras.b.heatmaps.floor: classes: the network has no class 'think'; did you mean 'thing'?; it "
        "knows thing",
        "20: outputs[0].redact.classes: classes: the network has no class 'person'; it knows road, car, sky",
    ]


def test_a_class_that_is_left_out_cannot_be_hidden(folder: Path) -> None:
    text = """
models: {v: {path: "builtin:default", classes: [car], device: cpu}}
cameras: {gate: {source: "synthetic:carpark"}}
outputs: [{type: video, camera: gate, path: a.mp4, redact: {classes: [car, person]}}]
http: null
"""
    assert problems(text, folder) == [
        "4: outputs[0].redact.classes: models.v.classes leaves 'person' out, so it is never seen: add it"
    ]


def test_what_one_output_hides_of_all_cameras_is_known_to_one_of_their_networks(folder: Path) -> None:
    text = """
models: {boxes: {path: boxes.onnx}, v: {path: "builtin:default", classes: [car], device: cpu}}
cameras: {a: {source: "synthetic:carpark", model: boxes}, b: {source: "synthetic:carpark", model: v}}
outputs: [{type: evidence, folder: a, redact: {classes: [thing, person, thong]}}]
http: null
"""
    assert problems(text, folder) == [
        "4: outputs[0].redact.classes: classes: the network has no class 'thong'; did you mean 'thing'?; it "
        "knows thing, person, car, motorcycle, bus, truck",
        "4: outputs[0].redact.classes: models.v.classes leaves 'person' out, so it is never seen: add it",
    ]


def test_who_cannot_be_seen_in_front_of_a_shelf(folder: Path) -> None:
    text = f"""
models: {{boxes: {{path: boxes.onnx}}, v: {{path: "builtin:default", classes: [car], device: cpu}}}}
cameras:
  a:
    source: synthetic:carpark
    model: boxes
    shelves:
      cola: {{polygon: {SQUARE}, classes: [thing]}}
      water: {{polygon: {SQUARE}, blockers: [], rows: [{{name: top, expect: [thing, thong]}}]}}
  b:
    source: synthetic:carpark
    model: v
    shelves: {{cars: {{polygon: {SQUARE}, classes: [car]}}}}
http: null
"""
    assert problems(text, folder) == [
        "8: cameras.a.shelves.cola.blockers: the network has no class 'person', so nobody in front is "
        "noticed; if that is meant, say `blockers: []`, and a `hold` longer than people stand there",
        "9: cameras.a.shelves.water.rows[0]: classes: the network has no class 'thong'; did you mean "
        "'thing'?; it knows thing",
        "13: cameras.b.shelves.cars.blockers: models.v.classes leaves 'person' out, so it is never seen: "
        "add it",
    ]


def test_a_segmenter_with_areas_is_fine(folder: Path) -> None:
    text = f"""
models: {{map: {{path: map.onnx, device: cpu}}}}
cameras: {{a: {{source: "synthetic:carpark", areas: {{lane: {{polygon: {SQUARE}, classes: [car]}}}}}}}}
outputs: [{{type: video, camera: a, path: {folder}/a.mp4, redact: {{classes: [car], keep: true}}}}]
http: null
"""
    parts = Assembly(check(parse(text, "x.yaml", {}), folder), Metrics())
    assert parts.models["map"].detector.facts()["task"] == "segment"
    assert parts.pipeline().troubles() == ["camera a: connecting"]


def test_a_detector_that_draws_masks_can_measure_areas(data: Path) -> None:
    text = f"""
models: {{seg: {{path: {data}/models/yolov8n-seg_int8_320.onnx, device: cpu}}}}
cameras:
  a: {{source: "synthetic:carpark", outlines: [rle], areas: {{lane: {{polygon: {SQUARE}, classes: [car]}}}}}}
http: null
"""
    assert Assembly(check(parse(text, "x.yaml", {}), Path()), Metrics()).models["seg"].workers >= 1


def test_a_classifier_is_no_network_for_a_camera(folder: Path) -> None:
    text = 'models: {w: {path: whole.onnx}}\ncameras: {a: {source: "synthetic:carpark"}}\nhttp: null'
    with pytest.raises(
        ModelError, match=r"x\.yaml:1: models\.w: .*whole\.onnx says what a picture as a whole is"
    ):
        Assembly(check(parse(text, "x.yaml", {}), folder), Metrics())


REDACT = "{type: video, path: a.mp4, redact: {classes: [thing]"


@pytest.mark.parametrize(
    ("more", "hidden"),
    [
        (f"outputs:\n  - {REDACT}}}, camera: a}}\nhttp: null", True),
        (f"outputs:\n  - {REDACT}, keep: true}}, camera: a}}\nhttp: null", False),
        (f"outputs:\n  - {REDACT}}}, camera: b}}\nhttp: null", False),
        ("http: {redact: {classes: [thing]}}", True),
        ("http: null", False),
    ],
)
def test_nobody_is_hidden_where_the_network_is_not_shown_him(folder: Path, more: str, hidden: bool) -> None:
    text = f"""
models: {{boxes: {{path: boxes.onnx}}}}
cameras:
  a:
    source: synthetic:carpark
    region: [0.1, 0.1, 0.9, 0.9]
  b:
    source: synthetic:carpark
{more}
"""
    if not hidden:
        Assembly(check(parse(text, "x.yaml", {}), folder), Metrics())
        return
    found = problems(text, folder)
    assert len(found) == 1
    assert found[0].startswith("6: cameras.a.region: `redact` hides what the network sees, and outside of")
