"""The bay around a car that stands in it: on the ground, in line with those beside it."""

import numpy as np

from edgevision.core.types import Floats
from edgevision.learn.ground import Ground, project_bays

WIDTH, DEPTH = 2.5, 5.0  # m of a common bay, as in many countries' rules
NARROWEST, WIDEST = 2.1, 3.4  # m between the middles of two cars side by side
ROW_GAP = 2.5  # m: half a bay; who stands so much further forward is in another row
LINED_UP = 3  # cars from which a row is a row
LOWER = 0.6  # of a box: the ground under a car that is seen from a pole; above it is the roof
NARROWER = 0.15  # of the width, at each end of the rough outline's far side


def outlines_of(ground: Ground, which: np.ndarray) -> Floats:
    """Bays (K, 4, 2) px of the places `which` (N,) bool."""
    points = ground.points.copy()
    width = np.full(len(points), WIDTH)
    for row in aligned(ground, which):
        if len(row) < LINED_UP:
            continue
        forward, aside = _axes(ground, bool(ground.across[row[0]]))
        u, v = points[row] @ aside, points[row] @ forward
        points[row] = np.outer(u, aside) + np.outer(_line(u, v), forward)
        gaps = np.diff(np.sort(u))
        near = gaps[(gaps >= NARROWEST) & (gaps <= WIDEST)]
        width[row] = np.median(near) if len(near) >= LINED_UP - 1 else WIDTH
    return project_bays(ground, points[which], ground.across[which], width[which], DEPTH)


def aligned(ground: Ground, which: np.ndarray | None = None) -> list[np.ndarray]:
    """Rows: indices (K,) of places whose cars stand side by side, or one behind the other at a kerb."""
    wanted = np.ones(len(ground.points), bool) if which is None else which
    rows: list[np.ndarray] = []
    for across in (False, True):
        members = np.flatnonzero(wanted & (ground.across == across))
        forward, aside = _axes(ground, across)
        beside = _split(members, ground.points @ forward)
        rows += [row for row in beside if len(row) > 1]
        alone = np.array([row[0] for row in beside if len(row) == 1], np.intp)
        rows += _split(alone, ground.points @ aside)
    return rows


def rough_outlines(boxes: Floats) -> Floats:
    """The lower part of each box (N, 4) px, narrower at its far side: (N, 4, 2) px."""
    x1, y1, x2, y2 = boxes.T
    inset, top = (x2 - x1) * NARROWER, y2 - (y2 - y1) * LOWER
    corners = [(x1 + inset, top), (x2 - inset, top), (x2, y2), (x1, y2)]
    outlines: Floats = np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)
    return outlines


def _axes(ground: Ground, across: bool) -> tuple[Floats, Floats]:
    """Unit vectors (2,) along a car, and to its side."""
    angle = ground.direction + (np.pi / 2 if across else 0.0)
    c, s = np.cos(angle), np.sin(angle)
    return np.array([c, s]), np.array([-s, c])


def _split(members: np.ndarray, position: Floats) -> list[np.ndarray]:
    """Members (K,) parted where their positions, m, leave a gap."""
    order = members[np.argsort(position[members], kind="stable")]
    cuts = np.flatnonzero(np.diff(position[order]) > ROW_GAP) + 1
    return [part for part in np.split(order, cuts) if len(part)]


def _line(u: Floats, v: Floats) -> Floats:
    """Where each of a row would stand if all stood in line: (K,) m. A row of few is at right angles."""
    if len(u) < 2 * LINED_UP:
        return np.full(len(u), np.median(v))
    slope, start = np.polyfit(u, v, 1)
    line: Floats = start + slope * u
    return line
