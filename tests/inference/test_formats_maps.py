"""Faces of YuNet, and the maps that only a card tells: read by loops as their repositories do it."""

import math
from pathlib import Path

import numpy as np
import pytest

from edgevision.errors import ModelError
from tests.inference.reading import CELLS, LEAST, SIDE, Box, centred, check, load, look, same, scores_of
from tests.networks import constant_network


@pytest.mark.parametrize("by_kind", [True, False])
def test_yunet_of_2023(tmp_path: Path, by_kind: bool) -> None:
    """OpenCV's FaceDetectorYN: sqrt(cls * obj), each cut to 0..1; box relative to its cell."""
    rng = np.random.default_rng(1)
    grids, expected = [], []
    for stride in (8, 16, 32):
        cls, obj = scores_of(rng, CELLS[stride], 1), rng.uniform(0.5, 1.3, (CELLS[stride], 1))
        cls[0] = 0.8
        box = rng.uniform(-0.5, 1.2, (CELLS[stride], 4))
        for cell in range(CELLS[stride]):
            score = math.sqrt(min(cls[cell, 0], 1) * min(obj[cell, 0], 1))
            if score >= LEAST:
                cx = (cell % (SIDE // stride) + box[cell, 0]) * stride
                cy = (cell // (SIDE // stride) + box[cell, 1]) * stride
                sides = centred(cx, cy, math.exp(box[cell, 2]) * stride, math.exp(box[cell, 3]) * stride)
                expected.append(Box(0, score, sides))
        grids.append([cls, obj, box, np.zeros((CELLS[stride], 10))])
    kinds = list(zip(*grids, strict=True)) if by_kind else grids
    outputs = [array[None].astype(np.float32) for kind in kinds for array in kind]
    path = constant_network(tmp_path / "x.onnx", *outputs)
    detector = load(path)
    assert (detector.format, detector.labels) == ("yunet", ["face"])
    assert (detector.input.color, detector.input.std) == ("bgr", (1.0, 1.0, 1.0))
    same(look(detector), expected, (SIDE, SIDE))


def test_yunet_of_2022(tmp_path: Path) -> None:
    """OpenCV 4.5.4: priors of some sides per cell, offsets weighed 0.1, and 0.2 for the height."""
    priors = []
    for stride, sides in ((8, (10, 16, 24)), (16, (32, 48)), (32, (64, 96)), (64, (128, 192, 256))):
        for y in range(SIDE // stride):
            for x in range(SIDE // stride):
                priors += [((x + 0.5) * stride, (y + 0.5) * stride, side) for side in sides]
    rng = np.random.default_rng(2)
    offsets = rng.normal(0, 1, (len(priors), 14)).astype(np.float32)
    faces, overlaps = (
        scores_of(rng, len(priors), 1),
        rng.uniform(0.3, 1.2, (len(priors), 1)).astype(np.float32),
    )
    expected = []
    for (left, top, side), move, face, overlap in zip(priors, offsets, faces, overlaps, strict=True):
        score = math.sqrt(face[0] * min(overlap[0], 1))
        if score >= LEAST:
            width, height = side * math.exp(move[2] * 0.1), side * math.exp(move[3] * 0.2)
            expected.append(
                Box(0, score, centred(left + move[0] * 0.1 * side, top + move[1] * 0.1 * side, width, height))
            )
    outputs = [offsets, np.hstack([1 - faces, faces]), overlaps]
    check(tmp_path, outputs, expected, "yunet_2022", 1)


def test_centernet_when_a_card_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    heat = scores_of(rng, 2 * 16, 16).reshape(2, 16, 16)
    size, offset = rng.uniform(1, 6, (2, 16, 16)).astype(np.float32), rng.uniform(0, 1, (2, 16, 16))
    offset = offset.astype(np.float32)
    expected = []
    for number in range(2):
        for y in range(16):
            for x in range(16):
                around = heat[number, max(y - 1, 0) : y + 2, max(x - 1, 0) : x + 2]
                if heat[number, y, x] >= LEAST and heat[number, y, x] == around.max():
                    cx, cy = (x + offset[0, y, x]) * 4, (y + offset[1, y, x]) * 4
                    sides = centred(cx, cy, size[0, y, x] * 4, size[1, y, x] * 4)
                    expected.append(Box(number, heat[number, y, x], sides))
    path = constant_network(tmp_path / "x.onnx", heat[None], size[None], offset[None])
    with pytest.raises(ModelError, match="no known format"):
        load(path, labels=["a", "b"])
    same(look(load(path, labels=["a", "b"], format="centernet")), expected, (SIDE, SIDE))


def test_fastestdet_when_a_card_says_so(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    output = np.zeros((1, 5 + 3, 4, 4), np.float32)
    output[0, 0] = rng.uniform(0.2, 1, (4, 4))
    output[0, 1:5] = rng.normal(0, 1, (4, 4, 4))
    output[0, 5:] = rng.dirichlet([0.3] * 3, (4, 4)).transpose(2, 0, 1)
    expected = []
    for y in range(4):
        for x in range(4):
            obj, dx, dy, w, h, *classes = (float(v) for v in output[0, :, y, x])
            best = classes.index(max(classes))
            score = obj**0.6 * classes[best] ** 0.4
            if score >= LEAST:
                cx, cy = (x + math.tanh(dx)) / 4 * SIDE, (y + math.tanh(dy)) / 4 * SIDE
                width, height = (SIDE / (1 + math.exp(-v)) for v in (w, h))
                expected.append(Box(best, score, centred(cx, cy, width, height)))
    path = constant_network(tmp_path / "x.onnx", output)
    with pytest.raises(ModelError, match="no known format"):
        load(path, labels=["a", "b", "c"])
    same(look(load(path, labels=["a", "b", "c"], format="fastestdet")), expected, (SIDE, SIDE))
