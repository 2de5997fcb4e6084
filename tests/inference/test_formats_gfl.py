"""NanoDet (github.com/RangiLyu/nanodet) and PicoDet (PaddleDetection), read by a loop over their cells."""

import math
from pathlib import Path

import numpy as np
import pytest

from tests.inference.reading import CELLS, LEAST, SIDE, Box, check, scores_of

CLASSES = 3


def levels(strides: tuple[int, ...]) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Scores (cells, classes) and distance bins (cells, 32) of each grid."""
    rng = np.random.default_rng(len(strides))
    scores = [scores_of(rng, CELLS[stride], CLASSES) for stride in strides]
    scores[-1][0, 1] = 0.77  # the smallest grid finds something as well
    return scores, [rng.normal(0, 2, (CELLS[stride], 32)).astype(np.float32) for stride in strides]


def by_hand(
    strides: tuple[int, ...], scores: list[np.ndarray], bins: list[np.ndarray], centre: float
) -> list[Box]:
    found = []
    for stride, level_scores, level_bins in zip(strides, scores, bins, strict=True):
        for cell, classes in enumerate(level_scores):
            best = list(classes).index(max(classes))
            if classes[best] < LEAST:
                continue
            x, y = cell % (SIDE // stride), cell // (SIDE // stride)
            far = []
            for side in range(4):
                weights = [math.exp(v) for v in level_bins[cell, 8 * side : 8 * side + 8]]
                far.append(stride * sum(n * w for n, w in enumerate(weights)) / sum(weights))
            cx, cy = (x + centre) * stride, (y + centre) * stride
            found.append(Box(best, classes[best], (cx - far[0], cy - far[1], cx + far[2], cy + far[3])))
    return found


@pytest.mark.parametrize(("strides", "centre"), [((8, 16, 32), 0.5), ((8, 16, 32, 64), 0.0)])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("batched", [False, True])
def test_nanodet_in_one_output(
    tmp_path: Path, strides: tuple[int, ...], centre: float, turned: bool, batched: bool
) -> None:
    scores, bins = levels(strides)
    merged = np.hstack([np.concatenate(scores), np.concatenate(bins)])
    given = merged.T if turned else merged
    expected = by_hand(strides, scores, bins, centre)
    detector = check(tmp_path, [given[None] if batched else given], expected, "nanodet", CLASSES)
    assert (detector.input.color, detector.input.resize) == ("bgr", "stretch")
    assert detector.input.mean == (103.53, 116.28, 123.675)


def test_old_nanodet_has_three_grids_apart(tmp_path: Path) -> None:
    strides = (8, 16, 32)
    scores, bins = levels(strides)
    outputs = [level[None] for level in (*scores, *bins)]
    check(tmp_path, outputs, by_hand(strides, scores, bins, 0.5), "nanodet", CLASSES)


def test_nanodet_plus_of_the_opencv_zoo_gives_pairs_without_a_batch(tmp_path: Path) -> None:
    strides = (8, 16, 32, 64)
    scores, bins = levels(strides)
    outputs = [level for pair in zip(scores, bins, strict=True) for level in pair]
    check(tmp_path, outputs, by_hand(strides, scores, bins, 0.0), "nanodet", CLASSES)


@pytest.mark.parametrize("form", ["rows", "columns", "maps", "raw", "bins first"])
def test_picodet(tmp_path: Path, form: str) -> None:
    strides = (8, 16, 32, 64)
    scores, bins = levels(strides)
    expected = by_hand(strides, scores, bins, 0.5)
    given = [*scores, *bins]
    if form == "raw":  # before the sigmoid
        given = [*(np.log((level + 1e-7) / (1 - level + 1e-7)) for level in scores), *bins]
    if form == "bins first":
        given = [*bins, *scores]
    if form == "columns":
        given = [level.T for level in given]
    if form == "maps":
        given = [level.T.reshape(-1, math.isqrt(len(level)), math.isqrt(len(level))) for level in given]
    outputs = [np.ascontiguousarray(level[None], np.float32) for level in given]
    detector = check(tmp_path, outputs, expected, "picodet", CLASSES)
    assert (detector.input.color, detector.input.resize) == ("rgb", "stretch")
    assert detector.input.mean == (123.675, 116.28, 103.53)


def test_distances_of_more_bins_are_known_by_the_number_of_names(tmp_path: Path) -> None:
    strides, rng = (8, 16, 32), np.random.default_rng(0)
    cells = sum(CELLS[stride] for stride in strides)
    scores = scores_of(rng, cells, 2)
    bins = np.full((cells, 4, 16), -9.0, np.float32)
    bins[:, :, 1] = 9  # one stride each way
    merged = np.hstack([scores, bins.reshape(cells, 64)])
    expected = []
    row = 0
    for stride in strides:
        for y in range(SIDE // stride):
            for x in range(SIDE // stride):
                best = int(scores[row, 1] > scores[row, 0])
                if scores[row, best] >= LEAST:
                    sides = ((x - 0.5) * stride, (y - 0.5) * stride, (x + 1.5) * stride, (y + 1.5) * stride)
                    expected.append(Box(best, scores[row, best], sides))
                row += 1
    check(tmp_path, [merged[None]], expected, "nanodet", 2)
