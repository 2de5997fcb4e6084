"""The DETR family, read by loops over its queries, as the post-processing of Transformers does it."""

import math
from pathlib import Path

import numpy as np
import pytest

from edgevision.errors import ModelError
from tests.inference.reading import LEAST, Box, centred, check, load, look
from tests.networks import Companion, constant_network

QUERIES = 30
PIXEL_MASK: Companion = ("pixel_mask", "int64", ("batch", 64, 64))


def boxes_of(rng: np.random.Generator) -> np.ndarray:
    """(Q, 4) float32 cx cy w h in shares."""
    return np.hstack([rng.uniform(0.2, 0.8, (QUERIES, 2)), rng.uniform(0.05, 0.4, (QUERIES, 2))]).astype(
        np.float32
    )


def sure_of_nothing(classes: int) -> np.ndarray:
    """(Q, classes) float32 logits of a sigmoid, all unlikely but some of the first queries."""
    rng = np.random.default_rng(classes)
    logits = rng.normal(-5, 0.4, (QUERIES, classes)).astype(np.float32)
    for query in range(8):
        logits[query, query % classes] = 2.5 - query / 2
    return logits


def by_sigmoid(boxes: np.ndarray, logits: np.ndarray) -> list[Box]:
    found = []
    for box, row in zip(boxes, logits, strict=True):
        for number, logit in enumerate(row):
            score = 1 / (1 + math.exp(-logit))
            if score >= LEAST:
                found.append(Box(number, score, centred(*(box * 64))))
    return found


@pytest.mark.parametrize("classes", [1, 3, 4])
def test_detr_has_a_softmax_with_no_object(tmp_path: Path, classes: int) -> None:
    rng = np.random.default_rng(1)
    boxes, logits = boxes_of(rng), rng.normal(-4, 0.5, (QUERIES, classes + 1)).astype(np.float32)
    logits[:, -1] = 3
    expected = []
    for query in range(6):
        logits[query, query % classes] = 4.5 - query / 4
    for box, row in zip(boxes, logits, strict=True):
        weights = [math.exp(logit) for logit in row]
        best = max(range(classes), key=weights.__getitem__)
        if weights[best] / sum(weights) >= LEAST:
            expected.append(Box(best, weights[best] / sum(weights), centred(*(box * 64))))
    detector = check(
        tmp_path, [logits[None], boxes[None]], expected, "detr", classes, companions=(PIXEL_MASK,)
    )
    assert detector.input.mean == (123.675, 116.28, 103.53)


@pytest.mark.parametrize("classes", [1, 3, 4])
def test_rtdetr_of_transformers(tmp_path: Path, classes: int) -> None:
    boxes, logits = boxes_of(np.random.default_rng(2)), sure_of_nothing(classes)
    expected = by_sigmoid(boxes, logits)
    detector = check(tmp_path, [logits[None], boxes[None]], expected, "rtdetr_logits", classes)
    assert (detector.input.mean, detector.input.std) == ((0.0,) * 3, (255.0,) * 3)


@pytest.mark.parametrize("classes", [2, 3])  # with two it has the columns of finished boxes
def test_rtdetr_of_ultralytics_has_rows_and_names(tmp_path: Path, classes: int) -> None:
    boxes = boxes_of(np.random.default_rng(9))
    scores = 1 / (1 + np.exp(-sure_of_nothing(classes)))
    expected = by_sigmoid(boxes, np.log(scores / (1 - scores)))
    rows = np.hstack([boxes, scores]).astype(np.float32)
    check(tmp_path, [rows[None]], expected, "rtdetr_rows", classes)


def test_finished_rows_of_a_network_that_sees_nothing_are_no_queries(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 300, 6), np.float32))
    assert load(path, labels=["a", "b"]).format == "end2end"


def test_what_else_transformers_computes_is_passed_by(tmp_path: Path) -> None:
    boxes, logits = boxes_of(np.random.default_rng(10)), sure_of_nothing(3)
    outputs = {
        "logits": logits[None],
        "pred_boxes": boxes[None],
        "last_hidden_state": np.zeros((1, QUERIES, 256), np.float32),
        "encoder_last_hidden_state": np.zeros((1, 400, 256), np.float32),
    }
    names = list(outputs)
    check(tmp_path, list(outputs.values()), by_sigmoid(boxes, logits), "rtdetr_logits", 3, names)


def test_deformable_detr_has_a_mask_of_padding(tmp_path: Path) -> None:
    boxes, logits = boxes_of(np.random.default_rng(3)), sure_of_nothing(3)
    outputs = [logits[None], boxes[None]]
    expected = by_sigmoid(boxes, logits)
    detector = check(tmp_path, outputs, expected, "deformable_detr", 3, companions=(PIXEL_MASK,))
    assert detector.input.mean == (123.675, 116.28, 103.53)


def test_rfdetr_gives_its_boxes_first(tmp_path: Path) -> None:
    boxes, logits = boxes_of(np.random.default_rng(4)), sure_of_nothing(3)
    detector = check(tmp_path, [boxes[None], logits[None]], by_sigmoid(boxes, logits), "rfdetr", 3)
    assert detector.input.mean == (123.675, 116.28, 103.53)


def test_a_graph_that_subtracts_imagenets_mean_itself_is_not_given_it_again(tmp_path: Path) -> None:
    boxes, logits = boxes_of(np.random.default_rng(5)), sure_of_nothing(3)
    for mean, std in (((0.485, 0.456, 0.406), 255.0), ((123.675, 116.28, 103.53), 1.0)):
        constants = {"mean": np.array(mean, np.float32)}
        path = constant_network(tmp_path / "x.onnx", boxes[None], logits[None], constants=constants)
        detector = load(path, labels=["a", "b", "c"])
        assert (detector.input.mean, detector.input.std) == ((0.0,) * 3, (std,) * 3)


def test_91_columns_are_cocos_own_numbers(tmp_path: Path) -> None:
    boxes, logits = boxes_of(np.random.default_rng(6)), np.full((QUERIES, 91), -6, np.float32)
    logits[0, 1], logits[1, 3], logits[2, 90] = 3, 2, 1  # person, car, toothbrush
    path = constant_network(tmp_path / "x.onnx", boxes[None], logits[None])
    detector = load(path, labels="coco")
    assert [detector.labels[n] for n in look(detector).class_ids] == ["person", "car", "toothbrush"]
    assert len(detector.labels) == 80


def test_masks_of_queries_cover_the_whole_picture(tmp_path: Path) -> None:
    boxes, logits = boxes_of(np.random.default_rng(7)), np.full((QUERIES, 2), -6, np.float32)
    boxes[5], logits[5, 1] = (0.5, 0.5, 0.5, 0.5), 2  # 16..48 px
    masks = np.full((QUERIES, 32, 32), -4, np.float32)
    masks[5, 8:16, 8:24] = 4  # the upper half of the box
    path = constant_network(tmp_path / "x.onnx", boxes[None], logits[None], masks[None])
    detector = load(path, labels=["a", "b"])
    found = look(detector)
    assert detector.format == "rfdetr"
    assert found.masks is not None
    (mask,) = found.masks
    expected = np.zeros((32, 32), bool)
    expected[:16] = True
    assert (mask.left, mask.top) == (16, 16)
    assert (mask.pixels == expected).all()


def test_what_values_do_not_tell_is_told_by_a_card(tmp_path: Path) -> None:
    boxes, logits = boxes_of(np.random.default_rng(8)), np.zeros((QUERIES, 3), np.float32)
    path = constant_network(tmp_path / "x.onnx", logits[None], boxes[None])
    with pytest.raises(ModelError, match="no known format has outputs of shape"):
        load(path, labels=["a", "b", "c"])
    assert load(path, labels=["a", "b", "c"], format="rtdetr_logits").format == "rtdetr_logits"
    assert load(path, labels=["a", "b"], format="detr").format == "detr"
