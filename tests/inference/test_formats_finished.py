"""Formats whose graph ends in finished boxes, and SSD: each read by a loop as its definition says."""

import json
from pathlib import Path

import numpy as np
import pytest

from edgevision.errors import ModelError
from edgevision.inference.labels import NUMBERS
from tests.inference.reading import LEAST, Box, check, load, look, same, scores_of
from tests.networks import constant_network, sized_network

COUNT = 12
MEAN = {"mean": np.array([0.485, 0.456, 0.406], np.float32)}


def corner_boxes(rng: np.random.Generator, count: int = COUNT) -> np.ndarray:
    """(count, 4) float32 x1 y1 x2 y2 px."""
    corner = rng.uniform(0, 40, (count, 2))
    return np.hstack([corner, corner + rng.uniform(3, 20, (count, 2))]).astype(np.float32)


def arrays(seed: int, first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Box]]:
    """Boxes px, class numbers from `first` on, scores, and what is to be seen."""
    rng = np.random.default_rng(seed)
    boxes, numbers = corner_boxes(rng), rng.integers(first, first + 5, COUNT)
    scores = np.linspace(0.95, 0.05, COUNT).astype(np.float32)
    expected = [
        Box(int(numbers[n]) - first, scores[n], tuple(boxes[n])) for n in range(COUNT) if scores[n] >= LEAST
    ]
    return boxes, numbers, scores, expected


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_tensorflows_detection_api(tmp_path: Path, order: tuple[int, ...]) -> None:
    boxes, numbers, scores, expected = arrays(1, first=1)
    outputs: list[np.ndarray] = [
        (boxes[:, [1, 0, 3, 2]] / 64)[None],
        numbers[None].astype(np.float32),
        scores[None],
        np.array([COUNT], np.float32),
    ]
    detector = check(tmp_path, [outputs[n] for n in order], expected, "tfod", 5)
    assert (detector.input.resize, detector.input.std) == ("stretch", (1.0, 1.0, 1.0))


def test_tensorflow_2_gives_more_which_only_names_tell_apart(tmp_path: Path) -> None:
    boxes, numbers, scores, expected = arrays(2, first=1)
    outputs: dict[str, np.ndarray] = {
        "detection_anchor_indices": np.zeros((1, COUNT), np.float32),
        "detection_boxes": (boxes[:, [1, 0, 3, 2]] / 64)[None],
        "detection_classes": numbers[None].astype(np.float32),
        "detection_multiclass_scores": np.zeros((1, COUNT, 91), np.float32),
        "detection_scores": scores[None],
        "num_detections": np.array([COUNT], np.float32),
        "raw_detection_boxes": np.zeros((1, 300, 4), np.float32),
        "raw_detection_scores": np.zeros((1, 300, 91), np.float32),
    }
    check(tmp_path, list(outputs.values()), expected, "tfod", 5, list(outputs))


def test_only_as_many_rows_count_as_the_network_says(tmp_path: Path) -> None:
    boxes, numbers, scores, expected = arrays(3, first=0)
    outputs: list[np.ndarray] = [
        np.array([[3]], np.int32),
        boxes[None],
        scores[None],
        numbers[None].astype(np.int32),
    ]
    check(tmp_path, outputs, expected[:3], "efficient_nms", 5)


@pytest.mark.parametrize("in_shares", [False, True])
def test_efficient_nms(tmp_path: Path, in_shares: bool) -> None:
    boxes, numbers, scores, expected = arrays(4, first=0)
    given = boxes / 64 if in_shares else boxes
    outputs: list[np.ndarray] = [
        np.array([[COUNT]], np.int32),
        given[None],
        scores[None],
        numbers[None].astype(np.int32),
    ]
    check(tmp_path, outputs, expected, "efficient_nms", 5)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0)])
def test_torchvision(tmp_path: Path, order: tuple[int, ...]) -> None:
    boxes, numbers, scores, expected = arrays(5, first=1)
    outputs: list[np.ndarray] = [boxes, numbers, scores]
    detector = check(
        tmp_path,
        [outputs[n] for n in order],
        expected,
        "torchvision",
        5,
        input_shape=(3, 64, 64),
        constants=MEAN,
    )
    assert detector.input.std == (255.0, 255.0, 255.0)


def test_a_torchvision_network_that_sees_nothing_gives_empty_arrays(tmp_path: Path) -> None:
    outputs: list[np.ndarray] = [np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, np.float32)]
    detector = load(constant_network(tmp_path / "x.onnx", *outputs), labels=["a"])
    assert detector.format == "torchvision"
    assert len(look(detector)) == 0


def test_rcnn_of_the_onnx_zoo_does_not_subtract_the_mean_itself(tmp_path: Path) -> None:
    boxes, numbers, scores, expected = arrays(6, first=1)
    names = ["6379", "6381", "6383"]  # as in FasterRCNN-12
    detector = check(tmp_path, [boxes, numbers, scores], expected, "rcnn", 5, names, input_shape=(3, 64, 64))
    assert (detector.input.color, detector.input.mean) == ("bgr", (102.9801, 115.9465, 122.7717))


def test_ssd_of_the_onnx_zoo(tmp_path: Path) -> None:
    boxes, numbers, scores, expected = arrays(7, first=1)
    check(tmp_path, [boxes[None] / 64, numbers[None], scores[None]], expected, "ssd_finished", 5)


def test_paddle(tmp_path: Path) -> None:
    boxes, numbers, scores, expected = arrays(8, first=0)
    rows = np.column_stack([numbers, scores, boxes]).astype(np.float32)
    companions = (("im_shape", "float32", ("N", 2)), ("scale_factor", "float32", ("N", 2)))
    count = np.array([COUNT], np.int32)
    check(tmp_path, [rows, count], expected, "paddle", 5, companions=companions)


def test_rtdetr_is_told_the_size_that_its_boxes_shall_have(tmp_path: Path) -> None:
    boxes, numbers, scores, expected = arrays(9, first=0)
    shares = boxes / np.array([96, 64, 96, 64], np.float32)
    path = sized_network(tmp_path / "x.onnx", shares[None], numbers[None], scores[None])
    detector = load(path, labels=["a", "b", "c", "d", "e"])
    assert (detector.format, detector.input.size) == ("rtdetr", (96, 64))
    same(look(detector), expected, (96, 64))
    # Of a picture of another size and shape the boxes are in its pixels.
    found = detector.detect(np.zeros((640, 480, 3), np.uint8), LEAST)
    sides = [[x1 * 5, y1 * 10, x2 * 5, y2 * 10] for x1, y1, x2, y2 in (box.sides for box in expected)]
    assert found.boxes == pytest.approx(np.array(sides), rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("classes", [1, 3, 7])  # three have four columns of scores, as boxes have
def test_ssd_with_its_background(tmp_path: Path, swapped: bool, classes: int) -> None:
    rng = np.random.default_rng(10)
    boxes = corner_boxes(rng, 50)
    raw = scores_of(rng, 50, classes) * 0.5 / classes
    raw[:6, 0] += 0.4
    scores = np.hstack([1 - raw.sum(axis=1, keepdims=True), raw]).astype(np.float32)
    expected = []
    for box, row in zip(boxes, scores, strict=True):
        best = max(range(1, classes + 1), key=row.__getitem__)
        if row[best] >= LEAST:
            expected.append(Box(best - 1, row[best], tuple(box)))
    outputs: list[np.ndarray] = (
        [scores[None], boxes[None] / 64] if swapped else [boxes[None] / 64, scores[None]]
    )
    detector = check(tmp_path, outputs, expected, "ssd", classes)
    assert (detector.input.mean, detector.input.std) == ((127.0,) * 3, (128.0,) * 3)


def test_an_ssd_of_sigmoids_is_known_by_its_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(13)
    boxes, scores = corner_boxes(rng, 84), scores_of(rng, 84, 5)  # as many as our own format has cells
    expected = [
        Box(int(row[1:].argmax()), row[1:].max(), tuple(box))
        for box, row in zip(boxes, scores, strict=True)
        if row[1:].max() >= LEAST
    ]
    check(tmp_path, [boxes[None] / 64, scores[None]], expected, "ssd", 4)
    path = constant_network(tmp_path / "y.onnx", boxes[None], scores[None])
    assert load(path, labels=["a", "b", "c", "d", "e"]).format == "boxes_scores"


def test_cocos_own_numbers_are_told_from_the_eighty(tmp_path: Path, data: Path) -> None:
    """The names of COCO's annotation file, by its numbers."""
    truth = json.loads((data / "labels/coco_val128/boxes_val2017_128.json").read_text())["categories"]
    by_number = {each["id"]: each["name"] for each in truth}
    numbers = np.array(sorted(by_number), np.float32)
    boxes = np.tile(np.array([0.1, 0.1, 0.5, 0.5], np.float32), (1, len(numbers), 1))
    outputs = [boxes, numbers[None], np.linspace(0.9, 0.5, len(numbers), dtype=np.float32)[None]]
    path = constant_network(tmp_path / "x.onnx", *outputs, np.array([len(numbers)], np.float32))
    detector = load(path, labels="coco")
    seen = [detector.labels[n] for n in look(detector).class_ids]
    assert seen == [by_number[int(n)] for n in numbers]
    assert len(numbers) == 80
    assert sorted(by_number) == NUMBERS


def test_a_number_that_coco_does_not_use_is_left_out_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    boxes, scores = np.full((1, 2, 4), 0.5, np.float32), np.array([[0.9, 0.8]], np.float32)
    boxes[:, :, :2] = 0.1
    outputs = [boxes, np.array([[12, 13]], np.float32), scores, np.array([2], np.float32)]
    detector = load(constant_network(tmp_path / "x.onnx", *outputs), labels="coco")
    assert [detector.labels[n] for n in look(detector).class_ids] == ["stop sign"]
    look(detector)
    assert [record.message.split(",")[0] for record in caplog.records] == ["it gave class 12"]


def test_labels_that_begin_with_the_background_are_counted_from_it(tmp_path: Path) -> None:
    boxes, numbers, scores, expected = arrays(11, first=1)
    path = constant_network(tmp_path / "x.onnx", boxes, numbers, scores)
    detector = load(path, labels=["__background__", "a", "b", "c", "d", "e"])
    seen = [detector.labels[n] for n in look(detector).class_ids]
    assert seen == ["abcde"[box.class_id] for box in expected]


def test_an_input_that_is_not_known_is_told(tmp_path: Path) -> None:
    boxes, numbers, scores, _ = arrays(12, first=1)
    companions = (("camera_angle", "float32", (1,)),)
    path = constant_network(tmp_path / "x.onnx", boxes, numbers, scores, companions=companions)
    with pytest.raises(
        ModelError, match=r"an input camera_angle .* beside the picture; known are orig_target_si"
    ):
        load(path, labels=["a"])
