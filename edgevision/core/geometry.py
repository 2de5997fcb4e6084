"""Lines and polygons against points. x to the right, y down, any unit as long as it is one."""

import numpy as np

from edgevision.core.types import Floats


def signed_distance(start: Floats, end: Floats, points: Floats) -> Floats:
    """Distance of points (N, 2) from the endless line through start (2,) and end (2,): (N,).

    Positive on the right-hand side as seen walking from start to end over a picture (y down):
    below a line that runs left to right.
    """
    direction = end - start
    offset = points - start
    cross = direction[0] * offset[:, 1] - direction[1] * offset[:, 0]
    distance: Floats = cross / np.hypot(direction[0], direction[1])
    return distance


def crossing_position(start: Floats, end: Floats, before: Floats, after: Floats) -> float:
    """Where the step before -> after meets the line through start and end: 0 at start, 1 at end.

    All (2,). Below 0 or above 1 the step passes beside the segment. The two points must lie on
    different sides of the line.
    """
    d_before, d_after = signed_distance(start, end, np.stack([before, after]))
    meeting = before + (after - before) * (d_before / (d_before - d_after))
    direction = end - start
    return float(np.dot(meeting - start, direction) / np.dot(direction, direction))


def inside_polygon(polygon: Floats, points: Floats) -> np.ndarray:
    """Which points (N, 2) lie inside the polygon (K, 2), K >= 3: (N,) bool. Even-odd rule.

    Counts the edges to the right of each point (W. R. Franklin, PNPOLY): an odd number is inside.
    """
    x, y = points[:, 0, None], points[:, 1, None]
    x1, y1 = polygon[:, 0], polygon[:, 1]
    x2, y2 = np.roll(x1, -1), np.roll(y1, -1)
    spans = (y1 > y) != (y2 > y)
    # x < x1 + (y - y1) (x2 - x1) / (y2 - y1) without the division, which overflows on nearly level edges
    across, along = (x - x1) * (y2 - y1), (y - y1) * (x2 - x1)
    edge_to_the_right = np.where(y2 > y1, across < along, across > along)
    inside: np.ndarray = np.count_nonzero(spans & edge_to_the_right, axis=1) % 2 == 1
    return inside


def segment_distance(start: Floats, end: Floats, point: Floats) -> float:
    """Distance of a point from the nearest of the segment between start and end, all (2,)."""
    along = end - start
    part = np.clip(np.dot(point - start, along) / np.dot(along, along), 0, 1)
    return float(np.hypot(*(point - start - part * along)))


def is_convex(polygon: Floats) -> bool:
    """Whether the corners (K, 2) go round it without turning back or crossing: for K = 4."""
    ahead, behind = np.roll(polygon, -1, axis=0) - polygon, polygon - np.roll(polygon, 1, axis=0)
    turns = behind[:, 0] * ahead[:, 1] - behind[:, 1] * ahead[:, 0]
    return bool((turns > 0).all() or (turns < 0).all())


def strips(corners: Floats, count: int) -> list[Floats]:
    """A convex quadrilateral (4, 2), seen in perspective, in strips of equal height, from top to bottom.

    Each (4, 2), clockwise from its top left. Of the two pairs of sides, the flatter are top and bottom. The
    square is mapped onto the corners after Heckbert (Fundamentals of Texture Mapping and Image Warping,
    1989): along a side from a to b, at v = 0..1, lies (a + v (k b - a)) / (1 + v (k - 1)).
    """
    top_left, top_right, bottom_right, bottom_left = _upright(np.asarray(corners, np.float64))
    across, down = top_right - bottom_right, bottom_left - bottom_right
    odd = top_left - top_right + bottom_right - bottom_left
    area = across[0] * down[1] - across[1] * down[0]
    g = (odd[0] * down[1] - odd[1] * down[0]) / area
    h = (across[0] * odd[1] - across[1] * odd[0]) / area
    v = np.linspace(0, 1, count + 1)[:, None]
    left, right = (
        (a + v * (k * b - a)) / (1 + v * (k - 1))
        for a, b, k in ((top_left, bottom_left, 1 + h), (top_right, bottom_right, 1 + h / (1 + g)))
    )
    return [np.stack([left[i], right[i], right[i + 1], left[i + 1]]).astype(np.float32) for i in range(count)]


def _upright(corners: Floats) -> Floats:
    """The corners (4, 2) clockwise as seen, from the left end of the top side."""
    sides = np.abs(np.roll(corners, -1, axis=0) - corners)
    steep = sides[:, 1] / np.maximum(np.hypot(sides[:, 0], sides[:, 1]), np.finfo(np.float64).tiny)
    turned = np.roll(corners, -int(steep[0] + steep[2] > steep[1] + steep[3]), axis=0)
    if turned[:2, 1].sum() > turned[2:, 1].sum():
        turned = np.roll(turned, 2, axis=0)
    upright: Floats = turned if turned[0, 0] < turned[1, 0] else turned[[1, 0, 3, 2]]
    return upright


def close_pairs(a: Floats, b: Floats, reach: Floats) -> tuple[np.ndarray, np.ndarray, Floats]:
    """Pairs of a point of `a` (N, 2) and one of `b` (M, 2) that are nearer than the first's `reach` (N,).

    Two (K,) of indices, sorted by the first, and their squared distances. Of each point only those within
    its reach from left to right are looked at: of 1000 x 1000 pairs that are spread out, 3 %.
    """
    order = np.argsort(b[:, 0], kind="stable")
    x = b[order, 0]
    owner, place = ranges(
        np.searchsorted(x, a[:, 0] - reach), np.searchsorted(x, a[:, 0] + reach, side="right")
    )
    other = order[place]
    away = b.take(other, axis=0) - a.take(owner, axis=0)
    away *= away
    distance2 = away[:, 0] + away[:, 1]
    near = (distance2 < (reach * reach)[owner]).nonzero()[0]
    return owner[near], other[near], distance2[near]


def ranges(first: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All whole numbers of N half-open ranges, each with the index of its range: two (K,) of indices."""
    count = np.maximum(end - first, 0)
    owner = np.repeat(np.arange(len(first)), count)
    before = np.cumsum(count) - count  # of all ranges to the left
    return owner, np.arange(len(owner)) + (first - before)[owner]
