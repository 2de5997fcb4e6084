"""Whether a view is the one that is known, but from another pose: shifted, turned or zoomed.

Each block of the known view is searched for within a fifth of the picture around its place. Then all shifts,
with some turns and zooms, are tried: how well do the blocks agree where such a move would have brought them?
It takes 20 ms, so only views that look wrong are searched.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from edgevision.core.types import Floats
from edgevision.opencv import cv2
from edgevision.sight.glance import COLUMNS, ROWS

REACH = 32  # px of a picture 160 wide
TURNS = np.deg2rad(np.arange(-8.0, 9.0, 2.0))
ZOOMS = (0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.18)
SIDE = 2 * REACH + 1


@dataclass(frozen=True, slots=True)
class Pose:
    """The move that explains a view best."""

    agreement: float  # mean of all blocks, -1..1
    unmoved: float  # that without any move
    pixels: float  # by which the block that moved most did


def best_pose(directions: Floats, known: Floats, usable: np.ndarray) -> Pose:
    """directions, known: (2, h, w) of what is seen and of the reference, 0 where that says nothing.
    usable: (ROWS, COLUMNS) bool; at least one block."""
    height, width = known.shape[1:]
    maps = _agreements(directions, known, usable)
    rows, columns = np.nonzero(usable)
    x = (columns + 0.5) * width / COLUMNS - width / 2
    y = (rows + 0.5) * height / ROWS - height / 2
    unmoved = float(np.mean([each[REACH, REACH] for each in maps]))
    best = Pose(unmoved, unmoved, 0.0)
    for turn, zoom in product(TURNS, ZOOMS):
        right = zoom * (np.cos(turn) * x + np.sin(turn) * y) - x
        down = zoom * (np.cos(turn) * y - np.sin(turn) * x) - y
        total = np.zeros((SIDE, SIDE), np.float32)
        for each, dx, dy in zip(maps, np.rint(right).astype(int), np.rint(down).astype(int), strict=True):
            here, there = _overlap(dx), _overlap(dy)
            total[there[0], here[0]] += each[there[1], here[1]]
        at = divmod(int(total.argmax()), SIDE)
        agreement = float(total[at]) / len(maps)
        if agreement > best.agreement:
            moved = np.hypot(right + at[1] - REACH, down + at[0] - REACH)
            best = Pose(agreement, unmoved, float(moved.max()))
    return best


def _overlap(by: int) -> tuple[slice, slice]:
    """Places of the total, and of a map that is shifted against it."""
    first, last = max(0, -by), max(0, min(SIDE, SIDE - by))
    return slice(first, last), slice(first + by, last + by)


def _agreements(directions: Floats, known: Floats, usable: np.ndarray) -> list[Floats]:
    """For each usable block (SIDE, SIDE): normalised correlation with what is seen, by shift."""
    height, width = known.shape[1] // ROWS, known.shape[2] // COLUMNS
    known = known.transpose(1, 2, 0)
    seen = np.ascontiguousarray(directions.transpose(1, 2, 0))
    around = cv2.copyMakeBorder(seen, REACH, REACH, REACH, REACH, cv2.BORDER_CONSTANT, value=0)
    power = np.square(around).sum(axis=2)
    found = []
    for row, column in zip(*np.nonzero(usable), strict=True):
        top, left = row * height, column * width
        block = np.ascontiguousarray(known[top : top + height, left : left + width])
        window = (slice(top, top + height + 2 * REACH), slice(left, left + width + 2 * REACH))
        product = cv2.matchTemplate(np.ascontiguousarray(around[window]), block, cv2.TM_CCORR)
        energy = cv2.boxFilter(power[window], -1, (width, height), normalize=False, anchor=(0, 0))
        energy = np.maximum(energy[:SIDE, :SIDE] * np.square(block).sum(), 1e-3)
        found.append(np.asarray(product / np.sqrt(energy), np.float32))
    return found
