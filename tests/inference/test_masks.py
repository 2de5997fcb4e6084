"""Masks of boxes: each pixel's centre looked up in the network's small map by a plain bilinear loop."""

import math
from pathlib import Path

import numpy as np
import pytest

from edgevision.core.boxes import Placement
from edgevision.core.types import Mask, Size
from edgevision.errors import ModelError
from edgevision.inference.masks import MaskMap, cut
from edgevision.inference.preprocess import InputSpec, place
from tests.inference.reading import CELLS, load, look
from tests.networks import constant_network

THREE = CELLS[8] + CELLS[16] + CELLS[32]


def smooth(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    return rng.normal(0, 1, (rows, columns)).astype(np.float32)


def bilinear(values: np.ndarray, x: float, y: float) -> float:
    """values between the centres of its pixels, which lie at 0.5, 1.5, ...; its border goes on for ever."""
    x, y = x - 0.5, y - 0.5
    left, top = math.floor(x), math.floor(y)
    rows, columns = values.shape
    total = 0.0
    for row, down in ((top, 1 - (y - top)), (top + 1, y - top)):
        for column, across in ((left, 1 - (x - left)), (left + 1, x - left)):
            value = values[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)]
            total += float(value) * down * across
    return total


@pytest.mark.parametrize("resize", ["letterbox", "letterbox_top_left", "stretch"])
@pytest.mark.parametrize("region", [(0, 0, 64, 64), (8, 16, 40, 56)])
def test_a_pixel_is_what_the_map_says_at_its_centre(resize: str, region: tuple[int, int, int, int]) -> None:
    rng = np.random.default_rng(1)
    values = smooth(rng, 12, 16)
    frame = Size(150, 100)
    placement = place(frame, InputSpec(Size(64, 64), resize=resize))  # type: ignore[arg-type]
    box = np.array([30.4, 20.2, 90.6, 77.5], np.float32)
    mask = cut(MaskMap(values, region, 0.1), box, placement)
    assert (mask.left, mask.top, mask.pixels.shape) == (30, 20, (58, 61))
    wrong = 0
    for y in range(58):
        for x in range(61):
            in_x = (30 + x + 0.5) * placement.scale_x + placement.offset_x
            in_y = (20 + y + 0.5) * placement.scale_y + placement.offset_y
            map_x = (in_x - region[0]) / (region[2] - region[0]) * 16
            map_y = (in_y - region[1]) / (region[3] - region[1]) * 12
            value = bilinear(values, map_x, map_y)
            # OpenCV rounds the place to 1/32 px of the map.
            wrong += abs(value - 0.1) > 0.15 and mask.pixels[y, x] != (value > 0.1)
    assert wrong == 0
    assert 0.1 < mask.pixels.mean() < 0.9


def test_a_box_without_an_inside_has_an_empty_mask() -> None:
    placement = Placement(Size(64, 64), 1, 1, 0, 0)
    mask = cut(
        MaskMap(np.ones((4, 4), np.float32), (0, 0, 64, 64), 0), np.array([9, 9, 9, 9], np.float32), placement
    )
    assert mask.pixels.shape == (0, 0)


def prototypes() -> np.ndarray:
    """(1, 4, 16, 16): left half, right half, upper half, lower half; 1 and -1."""
    found = np.full((4, 16, 16), -1, np.float32)
    found[0, :, :8] = found[1, :, 8:] = found[2, :8] = found[3, 8:] = 1
    return found[None]


def expected_half(first: int) -> np.ndarray:
    """Of a box from 16 to 48 px: its left, right, upper or lower half."""
    half = np.zeros((32, 32), bool)
    rows, columns = [
        (slice(32), slice(16)),
        (slice(32), slice(16, 32)),
        (slice(16), slice(32)),
        (slice(16, 32), slice(32)),
    ][first]
    half[rows, columns] = True
    return half


@pytest.mark.parametrize("form", ["yolov8_seg", "yolov5_seg", "end2end_seg"])
@pytest.mark.parametrize("prototype", range(4))
def test_coefficients_weigh_prototypes(tmp_path: Path, form: str, prototype: int) -> None:
    weights = [2.0 if n == prototype else 0.0 for n in range(4)]
    if form == "yolov8_seg":
        rows = np.zeros((1, 4 + 3 + 4, THREE), np.float32)
        rows[0, :, 7] = [32, 32, 32, 32, 0.1, 0.9, 0.2, *weights]
        rows[0, 7:, 8] = -3  # the values of other cells make no difference
    elif form == "yolov5_seg":
        rows = np.zeros((1, 3 * THREE, 5 + 3 + 4), np.float32)
        rows[0, 7] = [32, 32, 32, 32, 1, 0.1, 0.9, 0.2, *weights]
    else:
        rows = np.zeros((1, 300, 6 + 4), np.float32)
        rows[0, 7] = [16, 16, 48, 48, 0.9, 1, *weights]
    path = constant_network(tmp_path / "x.onnx", rows, prototypes())
    detector = load(path, labels=["a", "b", "c"])
    assert detector.format == form
    found = look(detector)
    assert found.class_ids.tolist() == [1]
    assert found.boxes.tolist() == [[16, 16, 48, 48]]
    assert found.masks is not None
    assert (found.masks[0].left, found.masks[0].top) == (16, 16)
    assert (found.masks[0].pixels == expected_half(prototype)).all()


@pytest.mark.parametrize(("form", "shape"), [("torchvision", (64, 64)), ("rcnn", (28, 28))])
def test_masks_of_rcnn_are_of_the_picture_or_of_the_box(
    tmp_path: Path, form: str, shape: tuple[int, int]
) -> None:
    boxes = np.array([[16, 16, 48, 48], [0, 0, 8, 8]], np.float32)
    masks = np.zeros((2, 1, *shape), np.float32)
    if form == "rcnn":
        masks[0, 0, :14] = 1
    else:
        masks[0, 0, 16:32, 16:48] = 1
    outputs = [boxes, np.array([1, 2]), np.array([0.9, 0.1], np.float32), masks]
    detector = load(constant_network(tmp_path / "x.onnx", *outputs), labels=["a", "b"])
    assert detector.format == form
    found = look(detector)
    assert found.masks is not None
    assert (found.masks[0].pixels == expected_half(2)).all()


def test_only_what_survives_is_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def count(values: MaskMap, box: np.ndarray, placement: Placement) -> Mask:
        drawn.append(box)
        return cut(values, box, placement)

    monkeypatch.setattr("edgevision.inference.detector.cut", count)
    rows = np.zeros((1, 4 + 1 + 4, THREE), np.float32)
    for cell in range(60):  # all on one spot
        rows[0, :, cell] = [32, 32, 20 + cell / 100, 20, 0.9, 1, 0, 0, 0]
    detector = load(constant_network(tmp_path / "x.onnx", rows, prototypes()), labels=["a"])
    detector._overlap = 0.5
    assert len(look(detector)) == len(drawn) == 1


def test_our_own_masks_are_the_pixels_of_a_class_group_in_its_box(tmp_path: Path) -> None:
    """A pixel in a person's box is the person's where that is likelier than background and than vehicle."""
    rng = np.random.default_rng(3)
    boxes, scores = np.zeros((1, THREE, 4), np.float32), np.zeros((1, THREE, 3), np.float32)
    for row, (box, class_id) in enumerate([((4, 8, 24, 40), 0), ((30, 4, 60, 36), 2), ((20, 30, 44, 62), 1)]):
        boxes[0, row], scores[0, row, class_id] = box, 0.9 - row / 10
    shares = rng.dirichlet((1, 1, 1), (16, 16)).astype(np.float32).transpose(2, 0, 1)
    facts = {"names": "['person', 'car', 'van']", "pixels": "[1, 2, 2]"}
    path = constant_network(tmp_path / "x.onnx", boxes, scores, shares[None], metadata=facts)
    detector = load(path)
    assert detector.format == "boxes_pixels"
    found = look(detector)
    assert [detector.labels[n] for n in found.class_ids] == ["person", "van", "car"]
    for mask, group in zip(found.masks or (), (1, 2, 2), strict=True):
        margin = shares[group] - np.delete(shares, group, axis=0).max(axis=0)
        rows, columns = mask.pixels.shape
        wanted = [
            [
                bilinear(margin, (mask.left + x + 0.5) / 4, (mask.top + y + 0.5) / 4) > 0
                for x in range(columns)
            ]
            for y in range(rows)
        ]
        assert (mask.pixels != np.array(wanted)).mean() < 0.01  # rounding, where both are as likely


def test_groups_that_fit_no_class_are_no_masks_of_ours(tmp_path: Path) -> None:
    outputs = [np.zeros((1, THREE, width), np.float32) for width in (4, 3)]
    for facts in ({"pixels": "[1, 2]"}, {"pixels": "[1, 2, 3]"}, {"pixels": "x"}, {}):
        pixels = np.zeros((1, 3, 16, 16), np.float32)
        path = constant_network(tmp_path / "x.onnx", *outputs, pixels, metadata=facts)
        with pytest.raises(ModelError, match="no known format"):
            load(path, labels=["a", "b", "c"])
