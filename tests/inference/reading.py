"""Reads outputs through a real network file, and compares with what a plain loop made of them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from edgevision.core.types import Detections
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.settings import ModelSettings
from tests.networks import constant_network

SIDE = 64  # of picture and input: nothing is scaled in between
CELLS = {stride: (SIDE // stride) ** 2 for stride in (8, 16, 32, 64)}
LEAST = 0.3


class Box(NamedTuple):
    """What a loop found."""

    class_id: int
    score: float
    sides: tuple[float, float, float, float]  # x1 y1 x2 y2


def load(path: Path, **settings: object) -> Detector:
    # At 1 no box suppresses another.
    return load_detector(ModelSettings(path=str(path), overlap=1.0, **settings), Path(), threads=1)  # type: ignore[arg-type]


def look(detector: Detector, least: float = LEAST) -> Detections:
    width, height = detector.input.size
    return detector.detect(np.zeros((height, width, 3), np.uint8), least)


def check(
    tmp_path: Path,
    outputs: list[np.ndarray],
    expected: list[Box],
    form: str,
    classes: int,
    names: list[str] | None = None,
    **options: object,
) -> Detector:
    """The network with these outputs is found to be of the format `form`, and sees what is expected."""
    path = constant_network(tmp_path / "x.onnx", *outputs, names=names, **options)  # type: ignore[arg-type]
    detector = load(path, labels=[f"class{n}" for n in range(classes)])
    assert detector.format == form
    same(look(detector), expected, detector.input.size)
    return detector


def same(found: Detections, expected: list[Box], size: tuple[int, int]) -> None:
    """What lies wholly outside of the picture is nothing."""
    limits = np.array([*size, *size])
    expected = sorted(expected, key=lambda box: -box.score)
    inside = np.clip([box.sides for box in expected], 0, limits)
    there = ((inside[:, 2:] - inside[:, :2]) > 0).all(axis=1)
    assert there.sum() > 1, "a test that expects nothing shows nothing"
    expected = [box for box, is_there in zip(expected, there, strict=True) if is_there]
    assert found.scores == pytest.approx([box.score for box in expected], abs=1e-5)
    assert found.class_ids.tolist() == [box.class_id for box in expected]
    assert found.boxes == pytest.approx(inside[there], abs=1e-3)


def centred(cx: float, cy: float, width: float, height: float) -> tuple[float, float, float, float]:
    return (cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2)


def scores_of(rng: np.random.Generator, rows: int, columns: int) -> np.ndarray:
    """Class scores (rows, columns) float32, all different, few of them high."""
    spread = rng.permutation(rows * columns).reshape(rows, columns) / (rows * columns)
    return (spread**6).astype(np.float32)
