"""The YOLO family, each read by a loop over its rows as its repository describes them."""

from pathlib import Path

import numpy as np
import pytest

from edgevision.errors import ModelError
from tests.inference.reading import CELLS, LEAST, Box, centred, check, load, look, scores_of
from tests.networks import constant_network

THREE = CELLS[8] + CELLS[16] + CELLS[32]
FOUR = THREE + CELLS[64]


def boxes_of(rng: np.random.Generator, count: int) -> np.ndarray:
    """(count, 4) cx cy w h px."""
    return np.hstack([rng.uniform(5, 59, (count, 2)), rng.uniform(4, 30, (count, 2))]).astype(np.float32)


def with_objectness(rows: np.ndarray) -> list[Box]:
    """obj * cls of the best class (ultralytics/yolov5, utils/general.py; YOLOX, utils/boxes.py)."""
    found = []
    for row in rows:
        classes = list(row[5:])
        best = classes.index(max(classes))
        if row[4] * classes[best] >= LEAST:
            found.append(Box(best, row[4] * classes[best], centred(*row[:4])))
    return found


def without_objectness(rows: np.ndarray) -> list[Box]:
    found = []
    for row in rows:
        classes = list(row[4:])
        best = classes.index(max(classes))
        if classes[best] >= LEAST:
            found.append(Box(best, classes[best], centred(*row[:4])))
    return found


@pytest.mark.parametrize(("classes", "cells"), [(3, THREE), (1, THREE), (3, FOUR)])
@pytest.mark.parametrize("batched", [True, False])
def test_yolov5(tmp_path: Path, classes: int, cells: int, batched: bool) -> None:
    rng = np.random.default_rng(1)
    rows = np.hstack(
        [boxes_of(rng, 3 * cells), scores_of(rng, 3 * cells, 1), scores_of(rng, 3 * cells, classes)]
    )
    rows[:9, 4] = 0.9
    rows[:9, 5:] = scores_of(rng, 9, classes)
    check(tmp_path, [rows[None] if batched else rows], with_objectness(rows), "yolov5", classes)


def test_yolov5_before_its_version_6_1_gives_its_raw_maps_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    rows = np.hstack([boxes_of(rng, 3 * THREE), np.full((3 * THREE, 1), 0.8), scores_of(rng, 3 * THREE, 2)])
    rows = rows.astype(np.float32)
    raw = [np.zeros((1, 3, side, side, 7), np.float32) for side in (8, 4, 2)]
    check(tmp_path, [rows[None], *raw], with_objectness(rows), "yolov5", 2)


def test_yolov6_has_a_row_for_each_cell_and_an_objectness_of_one(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = np.hstack([boxes_of(rng, THREE), np.ones((THREE, 1)), scores_of(rng, THREE, 4)]).astype(np.float32)
    detector = check(tmp_path, [rows[None]], with_objectness(rows), "yolov6", 4)
    assert detector.input.color == "rgb"


@pytest.mark.parametrize(("classes", "cells"), [(1, THREE), (5, THREE), (5, FOUR)])
@pytest.mark.parametrize("turned", [False, True])
def test_yolov8(tmp_path: Path, classes: int, cells: int, turned: bool) -> None:
    rng = np.random.default_rng(4)
    rows = np.hstack([boxes_of(rng, cells), scores_of(rng, cells, classes)])
    check(tmp_path, [rows[None] if turned else rows.T[None]], without_objectness(rows), "yolov8", classes)


@pytest.mark.parametrize("finished", [False, True])
def test_yolox(tmp_path: Path, finished: bool) -> None:
    rng = np.random.default_rng(5)
    raw = np.hstack([rng.uniform(-1, 2, (THREE, 4)), np.full((THREE, 1), 0.9), scores_of(rng, THREE, 3)])
    rows, row = raw.copy(), 0
    for stride in (8, 16, 32):
        for y in range(64 // stride):
            for x in range(64 // stride):
                rows[row, 0] = (raw[row, 0] + x) * stride
                rows[row, 1] = (raw[row, 1] + y) * stride
                rows[row, 2:4] = np.exp(raw[row, 2:4]) * stride
                row += 1
    given = (rows if finished else raw).astype(np.float32)
    detector = check(tmp_path, [given[None]], with_objectness(rows), "yolox", 3)
    assert (detector.input.color, detector.input.std) == ("bgr", (1.0, 1.0, 1.0))


@pytest.mark.parametrize("in_shares", [False, True])
def test_end2end(tmp_path: Path, in_shares: bool) -> None:
    rng = np.random.default_rng(6)
    corner = rng.uniform(0, 40, (20, 2))
    boxes = np.hstack([corner, corner + rng.uniform(3, 20, (20, 2))])
    scores, classes = np.linspace(0.95, 0.05, 20), rng.integers(0, 4, 20)
    expected = [Box(int(classes[n]), scores[n], tuple(boxes[n])) for n in range(20) if scores[n] >= LEAST]
    rows = np.column_stack([boxes / 64 if in_shares else boxes, scores, classes]).astype(np.float32)
    check(tmp_path, [rows[None]], expected, "end2end", 4)


@pytest.mark.parametrize("found", [6, 0])
def test_yolov7_end2end_has_as_many_rows_as_boxes(tmp_path: Path, found: int) -> None:
    rows = np.array([[0, 10 + n, 11, 40 + n, 50, n % 3, 0.9 - n / 10] for n in range(found)], np.float32)
    path = constant_network(tmp_path / "x.onnx", rows.reshape(-1, 7))
    detector = load(path, labels=["a", "b", "c"])
    assert detector.format == "yolov7_end2end"
    seen = look(detector, 0.1)
    assert seen.boxes.tolist() == [[10 + n, 11, 40 + n, 50] for n in range(found)]
    assert seen.class_ids.tolist() == [n % 3 for n in range(found)]
    assert seen.scores == pytest.approx([0.9 - n / 10 for n in range(found)])


def test_rows_of_a_yolov8_and_of_a_yolox_are_told_apart_by_the_number_of_names(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    rows = np.hstack([boxes_of(rng, THREE), scores_of(rng, THREE, 4)])
    path = constant_network(tmp_path / "x.onnx", rows[None])
    assert load(path, labels=["a", "b", "c", "d"]).format == "yolov8"
    assert load(path, labels=["a", "b", "c"]).format == "yolox"


def test_poses_are_refused_by_metadata_and_by_values(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    rows = np.hstack([boxes_of(rng, THREE), scores_of(rng, THREE, 1), rng.uniform(0, 64, (THREE, 51))])
    output = rows.T[None].astype(np.float32)
    assert output.shape[1] == 56
    with pytest.raises(
        ModelError, match="56 rows look like people's poses: take the network of the same name"
    ):
        load(constant_network(tmp_path / "x.onnx", output), labels=["person"])
    path = constant_network(tmp_path / "y.onnx", output, metadata={"task": "pose"})
    with pytest.raises(ModelError, match="for the task 'pose', people's poses"):
        load(path, labels=["person"])


def test_turned_boxes_are_refused_by_metadata_and_by_values(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    angles = rng.uniform(-np.pi / 4, 3 * np.pi / 4, (THREE, 1))
    output = np.hstack([boxes_of(rng, THREE), scores_of(rng, THREE, 3), angles]).T[None].astype(np.float32)
    with pytest.raises(ModelError, match="its last row is no score but looks like the angle of"):
        load(constant_network(tmp_path / "x.onnx", output), labels=["a", "b", "c"])
    path = constant_network(tmp_path / "y.onnx", output, metadata={"task": "obb"})
    with pytest.raises(ModelError, match="for the task 'obb', boxes that are turned"):
        load(path, labels=["a", "b", "c"])


def test_raw_scores_of_an_export_for_another_device_are_no_scores(tmp_path: Path) -> None:
    output = np.random.default_rng(10).normal(0, 5, (1, 12, THREE)).astype(np.float32)
    with pytest.raises(ModelError, match=r"has the shape of a YOLO, but its scores are not 0\.\.1"):
        load(constant_network(tmp_path / "x.onnx", output), labels=["a"] * 8)


@pytest.mark.parametrize("form", ["yolov8", "yolov5", "yolox"])
def test_a_second_guess_counts_only_where_accuracy_is_measured(tmp_path: Path, form: str) -> None:
    classes = [0.9, 0.2, 0.6]
    if form == "yolov8":
        output = np.zeros((1, 7, THREE), np.float32)
        output[0, :, 9] = [32, 32, 20, 20, *classes]
    else:
        output = np.zeros((1, THREE * (3 if form == "yolov5" else 1), 8), np.float32)
        output[0, 9] = [0, 0, 1, 1, 1, *classes]
    detector = load(constant_network(tmp_path / "x.onnx", output), labels=["a", "b", "c"])
    assert detector.format == form
    assert look(detector, 0.1).class_ids.tolist() == [0]
    assert look(detector, 0.05).class_ids.tolist() == [0, 2, 1]
    assert look(detector, 0.05).scores == pytest.approx([0.9, 0.6, 0.2])
