"""What NanoDet and PicoDet share: boxes as four distances from a cell, each a distribution over 0..R strides.

distance = stride * sum of softmax(v)_i * i  (Li et al., "Generalized Focal Loss", NeurIPS 2020, arXiv
2006.04388). A grid's cells come as rows or columns, as a map, for each grid apart or all in one.
"""

from typing import NamedTuple

import numpy as np

from edgevision.core.types import Floats, Size
from edgevision.inference.formats.base import (
    STRIDES,
    Candidates,
    Decode,
    Signature,
    guesses,
    in_shares,
    plain,
    row_maxima,
    sigmoid,
    strongest,
)
from edgevision.inference.formats.yolox import grid

BINS = 32  # 4 distances of 8 bins, 0..7 strides: what all published networks have
STEPS = (STRIDES, (8, 16, 32, 64))


class Head(NamedTuple):
    """Where scores and distances of each grid stand."""

    steps: tuple[int, ...]  # strides
    scores: tuple[int, ...]  # positions of the outputs, one per grid; one alone where all are in one
    distances: tuple[int, ...]
    classes: int
    raw: bool  # whether the scores still need a sigmoid

    @property
    def merged(self) -> bool:
        return self.scores == self.distances


def find_head(signature: Signature) -> Head | None:
    if len(signature.outputs) == 1:
        return _merged(signature)
    for steps in STEPS:
        if len(signature.outputs) == 2 * len(steps):
            return _separate(signature, steps)
    return None


def _merged(signature: Signature) -> Head | None:
    for steps in STEPS:
        rows = as_rows(signature.outputs[0], sum(map(signature.level, steps)))
        if rows is not None and rows.shape[1] > BINS:
            count = rows.shape[1] - BINS
            if signature.labels and (rows.shape[1] - signature.labels) in (44, 64, 68):  # 10, 15, 16 strides
                count = signature.labels
            return Head(steps, (0,), (0,), count, raw=False)
    return None


def _separate(signature: Signature, steps: tuple[int, ...]) -> Head | None:
    pairs = []
    for stride in steps:
        rows = [as_rows(output, signature.level(stride)) for output in signature.outputs]
        pair = [(n, found) for n, found in enumerate(rows) if found is not None]
        if len(pair) != 2:
            return None
        pairs.append(pair)
    (_, first), (_, second) = pairs[0]
    widths = [first.shape[1], second.shape[1]]
    if widths.count(BINS) == 1:
        distances = widths.index(BINS)
    else:
        distances = 0 if in_shares(second) and not in_shares(first) else 1
    if widths[distances] % 4 or any([rows.shape[1] for _, rows in pair] != widths for pair in pairs):
        return None
    return Head(
        steps,
        tuple(pair[1 - distances][0] for pair in pairs),
        tuple(pair[distances][0] for pair in pairs),
        widths[1 - distances],
        raw=not all(in_shares(pair[1 - distances][1]) for pair in pairs),
    )


def as_rows(output: np.ndarray, cells: int) -> np.ndarray | None:
    """(cells, W) of (cells, W), (W, cells) or (W, h, w), with or without batch dimension; else None."""
    output = plain(output)
    if output.ndim == 3:
        output = output.reshape(len(output), -1)
    if output.ndim != 2:
        return None
    return next((turned for turned in (output, output.T) if len(turned) == cells), None)


def decoder(head: Head, size: Size, centre: float) -> Decode:
    """centre: where in its cell a cell's distances start, in strides."""
    cells, strides = grid(size, head.steps)
    counts = [int((strides == stride).sum()) for stride in head.steps]
    starts = np.cumsum([0, *counts])
    centres = (cells + centre) * strides[:, None]

    def decode(outputs: list[np.ndarray], least: float) -> Candidates:
        scores, distances = _levels(outputs)
        best = np.concatenate([row_maxima(level) for level in scores])
        kept = strongest(sigmoid(best) if head.raw else best, least)
        level = np.searchsorted(starts, kept, side="right") - 1
        parts = [
            (scores[n][kept[level == n] - starts[n]], distances[n][kept[level == n] - starts[n]])
            for n in range(len(scores))
        ]
        picked = np.concatenate([part[0] for part in parts])
        boxes = _boxes(np.concatenate([part[1] for part in parts]), centres[kept], strides[kept, None])
        guessed, class_ids, found = guesses(sigmoid(picked) if head.raw else picked, least)
        return Candidates(boxes[guessed], found, class_ids)

    def _levels(outputs: list[np.ndarray]) -> tuple[list[np.ndarray], list[np.ndarray]]:
        if head.merged:
            rows = _rows(outputs[0], len(strides))
            parts = [rows[start : start + count] for start, count in zip(starts, counts, strict=False)]
            return [part[:, : head.classes] for part in parts], [part[:, head.classes :] for part in parts]
        return (
            [_rows(outputs[n], count) for n, count in zip(head.scores, counts, strict=True)],
            [_rows(outputs[n], count) for n, count in zip(head.distances, counts, strict=True)],
        )

    return decode


def _rows(output: np.ndarray, cells: int) -> np.ndarray:
    rows = as_rows(output, cells)
    assert rows is not None  # as when it was loaded
    return rows


def _boxes(bins: np.ndarray, centres: Floats, strides: Floats) -> Floats:
    """(K, 4 * (R + 1)) bins of left, top, right, bottom; centres (K, 2), strides (K, 1) -> (K, 4); all px."""
    bins = bins.reshape(len(bins), 4, bins.shape[1] // 4).astype(np.float32)
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    steps = np.arange(bins.shape[2], dtype=np.float32)
    far = (weights @ steps) / np.maximum(weights.sum(axis=2), np.finfo(np.float32).tiny) * strides
    return np.hstack([centres - far[:, :2], centres + far[:, 2:]]).astype(np.float32)
