"""Each format read from arrays written by hand: which numbers mean what is the format's definition."""

import re

import numpy as np
import pytest

from edgevision.core.types import Size
from edgevision.errors import ModelError
from edgevision.inference.formats import FORMATS, find_format
from edgevision.inference.formats.base import Candidates, Signature
from tests.conftest import ROOT

SIZE = Size(64, 64)
CELLS = 8 * 8 + 4 * 4 + 2 * 2


def read(name: str, *outputs: np.ndarray, least: float = 0.25) -> Candidates:
    signature = Signature(SIZE, outputs, {})
    assert find_format(signature, None) == name
    return FORMATS[name].decoder(signature)(list(outputs), least)


def test_yolov5_multiplies_objectness_and_class() -> None:
    output = np.zeros((1, 3 * CELLS, 5 + 3), np.float16)
    output[0, 7] = (20, 30, 10, 20, 0.5, 0.0, 0.75, 0.25)
    output[0, 8] = (20, 30, 10, 20, 0.5, 0.25, 0.25, 0.25)  # 0.5 * 0.25 is too little
    found = read("yolov5", output)
    assert found.boxes.tolist() == [[15, 20, 25, 40]]
    assert found.scores.tolist() == [0.375]
    assert found.class_ids.tolist() == [1]
    assert found.boxes.dtype == np.float32


def test_yolov8_has_a_column_for_each_cell() -> None:
    output = np.zeros((1, 4 + 2, CELLS), np.float32)
    output[0, :, 5] = (20, 30, 10, 20, 0.25, 0.5)
    found = read("yolov8", output)
    assert found.boxes.tolist() == [[15, 20, 25, 40]]
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5], [1])


def test_end2end_is_finished() -> None:
    output = np.zeros((1, 300, 6), np.float32)
    output[0, 0] = (15, 20, 25, 40, 0.5, 7)
    found = read("end2end", output)
    assert found.boxes.tolist() == [[15, 20, 25, 40]]
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5], [7])


def test_yolox_is_relative_to_its_cell() -> None:
    output = np.zeros((1, CELLS, 5 + 2), np.float32)
    # Row 64 + 4 + 2 is column 2, row 1 of the grid with stride 16.
    output[0, 70] = (0.25, 0.5, np.log(2), np.log(3), 0.5, 0.0, 1.0)
    found = read("yolox", output)
    # centre ((0.25 + 2) * 16, (0.5 + 1) * 16) = (36, 24); size (2 * 16, 3 * 16) = (32, 48)
    assert found.boxes == pytest.approx(np.array([[20, 0, 52, 48]]), abs=1e-4)
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5], [1])


def test_yolox_exported_with_its_decoder_is_in_pixels_already() -> None:
    y, x = np.mgrid[:8, :8].reshape(2, -1) * 8 + 4
    output = np.zeros((1, CELLS, 5 + 2), np.float32)
    output[0, :, :2] = 32
    output[0, :64, :2] = np.stack([x, y], axis=1)
    output[0, 70, :] = (36, 24, 32, 48, 0.5, 0.0, 1.0)
    assert read("yolox", output).boxes.tolist() == [[20, 0, 52, 48]]


def test_boxes_and_scores_come_apart() -> None:
    boxes, scores = np.zeros((1, CELLS, 4), np.float32), np.zeros((1, CELLS, 3), np.float32)
    boxes[0, 9], scores[0, 9] = (15, 20, 25, 40), (0.1, 0.2, 0.5)
    found = read("boxes_scores", boxes, scores)
    assert found.boxes.tolist() == [[15, 20, 25, 40]]
    assert (found.scores.tolist(), found.class_ids.tolist()) == ([0.5], [2])


# Outputs of each format that hold nothing.
LEVELS = (64, 16, 4, 1)
EMPTY: dict[str, list[tuple[int, ...]]] = {
    "yolov5": [(1, 3 * CELLS, 8)],
    "yolov5_seg": [(1, 3 * CELLS, 8 + 32), (1, 32, 16, 16)],
    "yolov6": [(1, CELLS, 8)],
    "yolov7_end2end": [(0, 7)],
    "yolov8": [(1, 6, CELLS)],
    "yolov8_seg": [(1, 6 + 32, CELLS), (1, 32, 16, 16)],
    "end2end": [(1, 300, 6)],
    "end2end_seg": [(1, 300, 6 + 32), (1, 32, 16, 16)],
    "yolox": [(1, CELLS, 7)],
    "boxes_scores": [(1, CELLS, 4), (1, CELLS, 3)],
    "nanodet": [(1, CELLS, 3 + 32)],
    "picodet": [(1, cells, width) for width in (3, 32) for cells in LEVELS],
    "ssd": [(1, 50, 4), (1, 50, 3)],
    "detr": [(1, 50, 3), (1, 50, 4)],
    "rtdetr_logits": [(1, 50, 3), (1, 50, 4)],
    "deformable_detr": [(1, 50, 91), (1, 50, 4)],
    "rtdetr_rows": [(1, 50, 7)],
    "rfdetr": [(1, 50, 4), (1, 50, 3)],
    "yunet": [(1, cells, width) for cells in LEVELS[:3] for width in (1, 1, 4, 10)],
    "yunet_2022": [(235, 14), (235, 2), (235, 1)],
    "centernet": [(1, 3, 16, 16), (1, 2, 16, 16), (1, 2, 16, 16)],
    "fastestdet": [(1, 8, 4, 4)],
}


@pytest.mark.parametrize("name", sorted(EMPTY))
@pytest.mark.parametrize("least", [0.25, 0.01])  # for counting, and for measuring
def test_nothing_above_the_threshold_is_no_candidate(name: str, least: float) -> None:
    outputs = [np.zeros(shape, np.float32) for shape in EMPTY[name]]
    signature = Signature(SIZE, outputs, {})
    assert FORMATS[name].fits(signature)
    decode = FORMATS[name].decoder(signature)
    sure_of_nothing = (
        [np.full_like(output, -20) for output in outputs]
        if "detr" in name and name != "rtdetr_rows"
        else outputs
    )
    if name in ("detr", "centernet"):
        sure_of_nothing[0][:, -1 if name == "centernet" else slice(None)] = 0
    if name == "detr":
        sure_of_nothing[0][..., -1] = 20
    found = decode(sure_of_nothing, least)
    assert (found.boxes.shape, found.scores.shape, found.class_ids.shape) == ((0, 4), (0,), (0,))
    assert found.boxes.dtype == found.scores.dtype == np.float32
    assert found.class_ids.dtype == np.int32


def test_every_format_stands_in_the_reference() -> None:
    text = (ROOT / "docs/reference.md").read_text().split("## Networks")[1]
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", text, re.MULTILINE))))
    assert set(FORMATS) <= named


def test_one_class_networks_are_told_apart_by_their_cells() -> None:
    assert find_format(Signature(SIZE, [np.zeros((1, 3 * CELLS, 6))], {}), None) == "yolov5"
    assert find_format(Signature(SIZE, [np.zeros((1, CELLS, 6))], {}), None) == "yolox"
    assert find_format(Signature(SIZE, [np.zeros((1, 5, CELLS))], {}), None) == "yolov8"
    assert find_format(Signature(SIZE, [np.zeros((1, 100, 6))], {}), None) == "end2end"


def test_an_unknown_output_is_told_with_the_known_ones() -> None:
    with pytest.raises(ModelError) as caught:
        find_format(Signature(SIZE, [np.zeros((1, 116, 83)), np.zeros((1, 32, 16, 16))], {}), None)
    text = str(caught.value)
    assert "no known format has outputs of shape (1, 116, 83) and (1, 32, 16, 16)" in text
    assert all(name in text for name in FORMATS)


def test_a_format_that_was_asked_for_must_fit() -> None:
    signature = Signature(SIZE, [np.zeros((1, 6, CELLS))], {})
    assert find_format(signature, "yolov8") == "yolov8"
    with pytest.raises(ModelError, match=r"its output \(1, 6, 84\) cannot be yolox"):
        find_format(signature, "yolox")
    with pytest.raises(ModelError, match="format 'yolo' is unknown; the known ones are"):
        find_format(signature, "yolo")


def test_another_task_is_refused_whatever_its_shape() -> None:
    signature = Signature(SIZE, [np.zeros((1, 56, CELLS))], {"task": "pose"})
    with pytest.raises(ModelError, match="task 'pose'"):
        find_format(signature, None)
