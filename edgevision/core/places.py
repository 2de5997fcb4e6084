"""What stands still, and where: an object that is hidden in its place is waited for there.

An object stands once most of its box has stayed in one place for STANDS seconds. When such a one is not seen,
because a truck is before it or because the network misses it, its box is held in its place, and no other
takes it along. It is back when a box shows up there that nothing else on its way accounts for: at once
if it was merely missed, but where something passed in front, only after having stayed; else a car that
drives through the place of a hidden one would take its identity.

It is not waited for where it cannot be: what was seen to move on does not stand, so nothing is left in its
place. A place that was seen empty for EMPTY seconds is given up, and so is one where another object, that
came later, has come to stand.
"""

from dataclasses import dataclass

import numpy as np

from edgevision.core.boxes import area, cover_matrix, iou_matrix, shared_area
from edgevision.core.moments import EPSILON
from edgevision.core.types import Floats

STANDS = 5.0  # s in one place make an object one that stands
STAYS = 0.7  # of its box must lie in its place; it may be smaller, as something may be before it
SMALLEST = 0.25  # of its area in its place that can still be it
SAME_PLACE = 0.5  # intersection over union
WHOLE = 0.75  # ... from which a box tells where its place is: a part of the object would not
PART = 0.9  # of a box that is smaller than that must lie in its place to be a part of what stands there
AVERAGED = 60.0  # s: its place is the mean of its boxes over as long as it stands, this at most
FLICKER = 0.5  # s: unseen for longer, an object is waited for in its place
HIDES = 0.3  # of a place, covered by what came later: the network may see nothing of what is behind
RETURNS = 1.0  # s: what shows up in a place that something has passed must stay for this
LAPSE = 2.0  # s without a sight of it, and it begins anew
EMPTY = 20.0  # s: a place that was seen empty for so long, in all, is given up
GLANCE = 1.0  # s: one frame tells of no more than this, however long ago the one before was


@dataclass(slots=True, eq=False)
class Places:
    """Where N objects are, or were last; every field has N rows."""

    rest: Floats  # (N, 4) px: the box it keeps to since `still`
    still: np.ndarray  # (N,) float64 s: when it came there
    hidden: np.ndarray  # (N,) bool: it stands there unseen, and is waited for
    passed: np.ndarray  # (N,) bool: something was before it since
    empty: np.ndarray  # (N,) float64 s: how long the place was seen empty since
    back: np.ndarray  # (N,) float64 s: since when something is there again; inf: nothing
    met: np.ndarray  # (N,) float64 s: when that was last seen


def start(boxes: Floats, ts: float) -> Places:
    """Boxes (N, 4) px seen at `ts`."""
    count, nothing = len(boxes), np.zeros(len(boxes), bool)
    never = np.full(count, np.inf)
    return Places(boxes, np.full(count, ts), nothing, nothing.copy(), np.zeros(count), never, -never)


def settle(places: Places, rows: np.ndarray, boxes: Floats, elapsed: np.ndarray, ts: float) -> None:
    """The objects `rows` (K,) are at boxes (K, 4) px, seen `elapsed` (K,) s after the time before."""
    rest = places.rest.take(rows, axis=0)
    inner, now = shared_area(rest, boxes), area(boxes)
    moved = inner < STAYS * now
    whole = inner >= WHOLE * (now + area(rest) - inner)
    weight = whole * elapsed / np.minimum(ts - places.still[rows], AVERAGED)
    weight[moved] = 1
    places.rest[rows] = rest + weight.astype(np.float32)[:, None] * (boxes - rest)
    places.still[rows[moved]] = ts


def parts(rest: Floats, boxes: Floats) -> np.ndarray:
    """Which of boxes (K, 4) show only a part of what is in its place (K, 4): (K,) bool."""
    now = area(boxes)
    part: np.ndarray = (now < WHOLE * area(rest)) & (shared_area(rest, boxes) >= PART * now)
    return part


def agrees(rest: Floats, boxes: Floats) -> np.ndarray:
    """Which of boxes (M, 4) can be an object in its place (N, 4), or a part of it: (N, M) bool."""
    part = cover_matrix(boxes, rest).T >= STAYS
    large = area(boxes) >= SMALLEST * area(rest)[:, None]
    found: np.ndarray = (part & large) | (iou_matrix(rest, boxes) >= SAME_PLACE)
    return found


def returned(places: Places, rows: np.ndarray, ts: float) -> np.ndarray:
    """Something shows up in the places of the hidden objects `rows` (K,): which of them it is, (K,) bool."""
    anew = ts - places.met[rows] > LAPSE
    places.back[rows[anew]] = ts
    places.met[rows] = ts
    back: np.ndarray = ~places.passed[rows] | (ts - places.back[rows] >= RETURNS - EPSILON)
    there = rows[back]
    places.hidden[there] = places.passed[there] = False
    places.empty[there], places.back[there], places.met[there] = 0, np.inf, -np.inf
    return back


def watch(
    places: Places, boxes: Floats, stands: np.ndarray, seen: np.ndarray, ts: float, dt: float
) -> np.ndarray:
    """Look at the places of those that stand unseen. The rows (K,) of those that are hidden from now on.

    boxes: (N, 4) px, where all are believed to be; seen: (N,) s, when they last were.
    stands: (N,) bool, what is waited for when it is not seen. dt: s before `ts` of which the boxes tell.
    """
    rows = np.flatnonzero(places.hidden | (stands & (seen < ts)))
    others = np.flatnonzero(~places.hidden)
    rest, last_seen = places.rest[rows], seen[rows, None]
    # What stood there already while the object was seen does not hide it now; nor does it itself.
    later = np.where(stands, places.still, np.inf)[others] > last_seen
    covered = (later & (cover_matrix(rest, boxes[others]) >= HIDES)).any(axis=1)
    taken = later & stands[others] & (iou_matrix(rest, places.rest[others]) >= SAME_PLACE)
    places.passed[rows] |= covered
    fresh = ~places.hidden[rows] & (covered | (ts - last_seen[:, 0] > FLICKER))
    places.hidden[rows[fresh]] = True
    places.empty[rows[places.hidden[rows] & ~covered & (places.met[rows] < ts)]] += dt
    places.empty[rows[taken.any(axis=1)]] = np.inf
    newly: np.ndarray = rows[fresh]
    return newly
