"""How the camera sees the ground, from nothing but the boxes of cars that stand on it.

A car's box shows how far away it is, from how high it is seen, and which way it stands. One camera, and cars
that stand along or across one direction, as they do in rows: four numbers (focal length, pitch, height of the
camera, direction) explain the widths and heights of all boxes, and that neighbours stand side by side, a bay
apart. They are fitted by least squares.
"""

from typing import NamedTuple

import numpy as np
from scipy.optimize import least_squares

from edgevision.core.boxes import bottom_centers
from edgevision.core.types import Floats, Size
from edgevision.scene.camera import Camera

CAR = (4.4, 1.8, 1.5)  # m: length, width, height of a car of the middle class
FOCAL, FOCAL_DOUBT = 0.8, 0.35  # of the picture's width: lenses of 40 to 110 degrees; and as a logarithm
DOUBT = 0.1  # by which cars differ in size, as a logarithm: what is further off than this weighs less
BESIDE, BEHIND = 2.6, 5.2  # m between the middles of two cars in bays side by side, and one behind the other
BAY_DOUBT = 0.2  # as a share of that: drivers stop where they like, and bays differ
NEAR = 2.0  # of the size of its box: neighbours are not farther from a car
FEWEST = 3  # places: each gives two numbers, and four are sought
MOST = 200  # places that the fit looks at
PITCHES, DIRECTIONS = np.radians([12, 25, 45, 75]), np.radians(np.arange(0, 90, 15))
TRIED = 6  # starts that are followed to their end
NEAR_HORIZON = 3.0  # px: nothing stands nearer to it


class Ground(NamedTuple):
    """The camera over the ground, and how cars stand on it."""

    camera: Camera
    direction: float  # rad, of the cars' length from the x axis
    points: Floats  # (N, 2) m: middles of the places
    across: np.ndarray  # (N,) bool: stands at right angles to `direction`
    misfits: Floats  # (N,): of width and height, as logarithms; 0.1 is a tenth


def fit(boxes: Floats, size: Size, whole: np.ndarray) -> Ground | None:
    """From places' boxes (N, 4) px of a picture; whole (N,) bool: not cut by its border. None: too few."""
    sample = boxes[whole][:MOST]
    if len(sample) < FEWEST:
        return None
    pairs = _neighbours(sample)
    starts = [_start(sample, size, p, d) for p in PITCHES for d in DIRECTIONS]
    starts.sort(key=lambda start: float(np.abs(_residuals(start, sample, size, pairs)).sum()))
    fits = [_improved(start, sample, size, pairs) for start in starts[:TRIED]]
    return _ground(min(fits, key=lambda fit: fit[0])[1], boxes, size)


def project_bays(ground: Ground, points: Floats, across: np.ndarray, width: Floats, depth: float) -> Floats:
    """Rectangles on the ground, (N, 4, 2) px. points (N, 2) m, width (N,) m across the car, depth m along."""
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2
    flat = corners[None] * np.stack([np.full(len(points), depth), width], axis=-1)[:, None]
    turned = _turn(flat, ground.direction + np.where(across, np.pi / 2, 0.0)) + points[:, None]
    pixels, _ = ground.camera.project(np.dstack([turned, np.zeros(turned.shape[:2])]).reshape(-1, 3))
    return pixels.reshape(-1, 4, 2)


def _start(boxes: Floats, size: Size, pitch: float, direction: float) -> Floats:
    """Parameters to begin with; the height so that the cars are as large as they are seen."""
    start = np.array([0.0, pitch, np.log(6.0), direction])
    ground = _ground(start, boxes, size)
    seen = _boxes(ground.camera, ground.points, direction + np.where(ground.across, np.pi / 2, 0.0))
    ratio = np.median((seen[:, 2] - seen[:, 0]) / np.maximum(boxes[:, 2] - boxes[:, 0], 1))
    start[2] = np.clip(np.log(6.0 * ratio), np.log(1.6), np.log(290))
    return start


def _improved(start: Floats, boxes: Floats, size: Size, pairs: np.ndarray) -> tuple[float, Floats]:
    """Cost, and the parameters (4,) that a start leads to: log focal length, pitch, log height, direction."""
    low, high = [-2, np.radians(3), np.log(1.5), -np.pi], [2, np.pi / 2, np.log(300), np.pi]
    found = least_squares(
        _residuals,
        start,
        bounds=(low, high),
        loss="soft_l1",
        x_scale=0.1,
        max_nfev=40,
        args=(boxes, size, pairs),
    )
    return float(found.cost), np.asarray(found.x)


def _residuals(parameters: Floats, boxes: Floats, size: Size, pairs: np.ndarray) -> Floats:
    """(2 N + 2 M + 1,): how wrong each width and height is, how oddly neighbours stand, how unusual the lens
    is; each in units of its doubt."""
    direction = float(parameters[3])
    errors, points, across = _explain(_camera(parameters, size), direction, boxes)
    prior = parameters[0] / FOCAL_DOUBT * np.sqrt(len(boxes)) / 5
    oddness = _oddness(points, direction + np.where(across, np.pi / 2, 0.0), pairs)
    return np.concatenate([errors.ravel() / DOUBT, oddness.ravel() / BAY_DOUBT, [prior]])


def _neighbours(boxes: Floats) -> np.ndarray:
    """(M, 2) rows of boxes: each one with the nearest to it in the picture, if that is near."""
    feet = bottom_centers(boxes)
    side = np.sqrt(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1))
    far = np.hypot(*(feet[:, None] - feet[None]).T) / np.maximum(side[:, None], 1)
    np.fill_diagonal(far, np.inf)
    nearest = far.argmin(axis=1)
    rows = np.flatnonzero(far[np.arange(len(boxes)), nearest] <= NEAR)
    return np.unique(np.sort(np.stack([rows, nearest[rows]], axis=1), axis=1), axis=0)


def _oddness(points: Floats, direction: Floats, pairs: np.ndarray) -> Floats:
    """(M, 2): how far neighbours are out of line, and from a bay's distance; by whichever way they stand."""
    step = points[pairs[:, 1]] - points[pairs[:, 0]]
    c, s = np.cos(direction[pairs[:, 0]]), np.sin(direction[pairs[:, 0]])
    along, aside = np.abs(c * step[:, 0] + s * step[:, 1]), np.abs(c * step[:, 1] - s * step[:, 0])
    beside = np.stack([along / BESIDE, np.log(np.maximum(aside, 0.1) / BESIDE)], axis=1)
    behind = np.stack([aside / BESIDE, np.log(np.maximum(along, 0.1) / BEHIND)], axis=1)
    nearer = np.square(behind).sum(axis=1) < np.square(beside).sum(axis=1)
    return np.where(nearer[:, None], behind, beside)


def _explain(camera: Camera, direction: float, boxes: Floats) -> tuple[Floats, Floats, np.ndarray]:
    """Errors (N, 2) of log width and log height, middles (N, 2) m, and which (N,) stand across."""
    tried = [_locate(camera, turned, boxes) for turned in (direction, direction + np.pi / 2)]
    across = np.square(tried[1][0]).sum(axis=1) < np.square(tried[0][0]).sum(axis=1)
    errors = np.where(across[:, None], tried[1][0], tried[0][0])
    return errors, np.where(across[:, None], tried[1][1], tried[0][1]), across


def _locate(camera: Camera, direction: float, boxes: Floats) -> tuple[Floats, Floats]:
    """Errors as of `_explain`, and middles (N, 2) m, of cars that all stand one way."""
    width, height = camera.size
    horizon = height / 2 - camera.focal * np.tan(camera.pitch) + NEAR_HORIZON
    wanted = np.column_stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]])
    aim = wanted.copy()
    turned = np.full(len(boxes), direction)
    for _ in range(5):
        aim[:, 1] = np.maximum(aim[:, 1], horizon)
        points = camera.ground(aim)
        seen = _boxes(camera, points, turned)
        miss = wanted - np.column_stack([(seen[:, 0] + seen[:, 2]) / 2, seen[:, 3]])
        aim += np.clip(miss, -width, width)
    sides, wanted_sides = seen[:, 2:] - seen[:, :2], boxes[:, 2:] - boxes[:, :2]
    return np.log(np.maximum(sides, 1e-3) / np.maximum(wanted_sides, 1)), points


def _boxes(camera: Camera, points: Floats, direction: Floats) -> Floats:
    """(N, 4) px around cars at points (N, 2) m; the body is as long and wide as the car, the roof is not."""
    length, width, height = CAR
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2
    layers = [(0.2, 1.0, 0.94), (0.55, 1.0, 1.0), (1.0, 0.5, 0.75)]  # share of height, of length, of width
    flat = np.concatenate([square * (length * along, width * beside) for _, along, beside in layers])
    high = np.repeat([height * share for share, _, _ in layers], 4)
    turned = _turn(np.broadcast_to(flat, (len(points), 12, 2)), direction) + points[:, None]
    world = np.dstack([turned, np.broadcast_to(high, (len(points), 12))])
    pixels = camera.project(world.reshape(-1, 3))[0].reshape(-1, 12, 2)
    return np.hstack([pixels.min(axis=1), pixels.max(axis=1)])


def _turn(flat: Floats, angle: Floats) -> Floats:
    """Points (N, K, 2) m turned by angles (N,) rad."""
    c, s = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return np.stack([c * flat[..., 0] - s * flat[..., 1], s * flat[..., 0] + c * flat[..., 1]], axis=-1)


def _camera(parameters: Floats, size: Size) -> Camera:
    focal, pitch, height, _ = (float(value) for value in parameters)
    lens = FOCAL * size.width * float(np.exp(focal))
    return Camera((0.0, 0.0, float(np.exp(height))), 0.0, pitch, lens, (size.width, size.height))


def _ground(parameters: Floats, boxes: Floats, size: Size) -> Ground:
    camera, direction = _camera(parameters, size), float(parameters[3])
    errors, points, across = _explain(camera, direction, boxes)
    return Ground(camera, direction, points, across, np.hypot(*errors.T))
