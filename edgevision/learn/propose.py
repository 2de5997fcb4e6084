"""Spots that are worth proposing: which places are for parking, and the bay that each of them is."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgevision.core.types import Floats, Size
from edgevision.learn.bays import aligned, outlines_of, rough_outlines
from edgevision.learn.ground import Ground, fit
from edgevision.learn.places import Place
from edgevision.opencv import cv2
from edgevision.spotfiles.drawn import DIGITS, boxed
from edgevision.spotfiles.names import free_names, in_rows

SURE, LEAST = 0.7, 0.4  # confidence: sure, and worth proposing
PARKED = 300.0  # s: who stands so long has parked; who waits at a barrier or in a queue mostly has gone
PARKED_SHARE = 1 / 8  # of what was watched, where that is shorter than 40 minutes
BRIEF = 600.0  # s: of less, that a car never moved says little
CUT = 0.7  # what remains of the confidence in a place that the picture's border cuts
BORDER = 0.005  # of the picture's side: a box that comes so near to its border may go on beyond
MOST_MISFIT = 0.35  # by which a box may differ from that of a car: beyond, its bay is a rough one
SHARED = 0.35  # intersection over union: two bays that share so much are one
LEAST_INSIDE = 0.4  # of a bay that must lie in the picture


class Proposal(NamedTuple):
    """A spot, and what speaks for it."""

    name: str
    polygon: tuple[tuple[float, float], ...]  # shares of the picture, 0..1
    confidence: float  # 0..1
    stays: int
    longest: float  # s
    rough: bool  # the lower part of its box: it could not be fitted to the ground


def propose(places: Sequence[Place], watched: float, size: Size) -> tuple[list[Proposal], int]:
    """Proposals by rows, and how many places were dropped as doubtful.

    watched: seconds; size: of the picture, px.
    """
    boxes = np.array([place.box for place in places], np.float64).reshape(-1, 4)
    whole = ~_cut(boxes, size)
    confidence = np.array([_confidence(place, watched) for place in places]) * np.where(whole, 1, CUT)
    good = np.flatnonzero(confidence >= LEAST)
    if not len(good):
        return [], len(places)
    good = good[np.argsort(-confidence[good], kind="stable")]
    ground = fit(boxes[good], size, whole[good])
    outlines, rough = _outlines(boxes[good], ground, size)
    kept = _apart(outlines, size)
    polygons = [_shares(outlines[row], size) for row in kept]
    names = dict(free_names({}, _rows(polygons, kept, ground, rough)))
    found = []
    for index, row in enumerate(kept):
        place = places[good[row]]
        known = float(confidence[good[row]])
        found.append(
            Proposal(names[index], polygons[index], known, len(place.stays), place.longest, bool(rough[row]))
        )
    return sorted(found, key=lambda each: _order(each.name)), len(places) - len(found)


def _confidence(place: Place, watched: float) -> float:
    """0..1. A stay of PARKED halves the doubt, and so do two shorter ones of 70 % of that, or a single one
    over half of the time watched; nobody parks where none has stayed long."""
    parked = min(PARKED, max(1.0, watched * PARKED_SHARE))
    stays = sum(min(1.0, stay.seconds / parked) ** 2 for stay in place.stays)
    doubt = 0.5 ** (stays + 2 * place.longest / max(watched, BRIEF))
    return float((1 - doubt) * min(1.0, place.longest / parked) ** 2)


def _cut(boxes: Floats, size: Size) -> np.ndarray:
    """Which boxes (N, 4) touch the picture's border: (N,) bool."""
    frame = np.array(size, np.float64)
    cut = (boxes[:, :2] < BORDER * frame).any(axis=1) | (boxes[:, 2:] > (1 - BORDER) * frame).any(axis=1)
    return np.asarray(cut)


def _outlines(boxes: Floats, ground: Ground | None, size: Size) -> tuple[Floats, np.ndarray]:
    """A bay (N, 4, 2) px for each box, and which are rough."""
    rough = rough_outlines(boxes)
    if ground is None or np.median(ground.misfits) > MOST_MISFIT:
        return rough, np.ones(len(boxes), bool)
    fitting = ground.misfits <= MOST_MISFIT
    rough[fitting] = outlines_of(ground, fitting)
    return rough, ~fitting


def _apart(outlines: Floats, size: Size) -> list[int]:
    """Rows, the most confident first, of bays that lie in the picture and not in another that is kept."""
    frame = np.array([(0, 0), (size.width, 0), (size.width, size.height), (0, size.height)], np.float32)
    kept: list[int] = []
    for row, outline in enumerate(outlines.astype(np.float32)):
        own = cv2.contourArea(outline)
        if own <= 1 or cv2.intersectConvexConvex(outline, frame)[0] < LEAST_INSIDE * own:
            continue
        if all(_overlap(outline, outlines[other].astype(np.float32)) <= SHARED for other in kept):
            kept.append(row)
    return kept


def _overlap(a: Floats, b: Floats) -> float:
    """Intersection over union of two convex polygons (K, 2) px."""
    shared = cv2.intersectConvexConvex(a, b)[0]
    return float(shared / max(cv2.contourArea(a) + cv2.contourArea(b) - shared, 1e-9))


def _shares(outline: Floats, size: Size) -> tuple[tuple[float, float], ...]:
    shares = np.round(np.clip(outline / np.array(size), 0, 1), DIGITS)
    return tuple((float(x), float(y)) for x, y in shares)


def _rows(
    polygons: Sequence[tuple[tuple[float, float], ...]],
    kept: Sequence[int],
    ground: Ground | None,
    rough: np.ndarray,
) -> list[list[int]]:
    """Rows as they are on the ground, where that is known; else as they seem to be."""
    boxes = [boxed(polygon) for polygon in polygons]
    if ground is None or rough[list(kept)].any():
        return in_rows(boxes)
    middle = np.array([((x1 + x2) / 2, (y1 + y2) / 2) for x1, y1, x2, y2 in boxes])
    rows = [np.flatnonzero(np.isin(kept, row)).tolist() for row in aligned(ground)]
    rows = [sorted(row, key=lambda index: float(middle[index, 0])) for row in rows if row]
    return sorted(rows, key=lambda row: float(middle[row, 1].mean()))


def _order(name: str) -> tuple[int, str, int]:
    """A2 before A10, Z9 before AA1."""
    letters = name.rstrip("0123456789")
    return len(letters), letters, int(name[len(letters) :])
