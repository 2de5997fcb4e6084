"""Actors at one moment as the camera sees them: where they fall, who hides whom, how much is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgevision.scene.camera import Camera
from edgevision.scene.traffic import Trip

Floats = NDArray[np.float64]

STEP_LENGTH = 0.75  # m of a walker
RAYS = 16  # directions in which an outline's extent is known
SAMPLES = 20  # points per side of the grid that measures what is seen of an outline


@dataclass(frozen=True)
class Placed:
    """N models in drawing order, the farthest first, with V vertices in all."""

    trips: tuple[Trip, ...]
    counts: NDArray[np.intp]  # (N,) vertices of each
    vertices: Floats  # (V, 3) m, of all models one after the other
    pixels: Floats  # (V, 2) px
    depths: Floats  # (V,) m along the line of sight
    reach: Floats  # (V,) px, radius of the bone that ends in the vertex

    @property
    def starts(self) -> NDArray[np.intp]:
        """(N,) first vertex of each."""
        return np.asarray(np.cumsum(self.counts) - self.counts)


def place(trips: list[Trip], t: float, camera: Camera) -> Placed:
    """Put the models where their trips are at `t` seconds, and project them."""
    poses = np.array([trip.pose(t) for trip in trips])
    sizes = np.array([trip.shape.size[:2] for trip in trips])
    order = _far_to_near(poses, sizes, np.array(camera.position[:2]))
    trips, poses = [trips[i] for i in order], poses[order]
    counts = np.array([len(trip.shape.vertices) for trip in trips])
    phase = np.repeat(np.sin(np.pi * poses[:, 3] / STEP_LENGTH), counts)
    local = np.concatenate([trip.shape.vertices for trip in trips])
    local = local + phase[:, None] * np.concatenate([trip.shape.swing for trip in trips])
    x, y, heading = (np.repeat(column, counts) for column in poses[:, :3].T)
    c, s = np.cos(heading), np.sin(heading)
    turned = (x + c * local[:, 0] - s * local[:, 1], y + s * local[:, 0] + c * local[:, 1])
    vertices = np.column_stack([*turned, local[:, 2]])
    pixels, depths = camera.project(vertices)
    reach = np.concatenate([trip.shape.reach for trip in trips]) * camera.focal / depths
    return Placed(tuple(trips), counts, vertices, pixels, depths, reach)


def bounds(placed: Placed) -> Floats:
    """(N, 4) xyxy px around each whole model, not clipped to the picture."""
    low = np.minimum.reduceat(placed.pixels - placed.reach[:, None], placed.starts)
    high = np.maximum.reduceat(placed.pixels + placed.reach[:, None], placed.starts)
    return np.column_stack([low, high])


def seen(placed: Placed, boxes: Floats, size: tuple[int, int]) -> Floats:
    """(N,) 0..1: share of each outline that is inside the picture and not hidden by a nearer one.

    An outline is taken as the convex hull in RAYS directions and measured at SAMPLES x SAMPLES points of its
    box, of `boxes` (N, 4) px; that is true to a few hundredths.
    """
    angles = np.arange(RAYS) * 2 * np.pi / RAYS
    rays = np.stack([np.cos(angles), np.sin(angles)])
    hulls = np.maximum.reduceat(placed.pixels @ rays + placed.reach[:, None], placed.starts)
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    shares = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    result = np.zeros(len(boxes))
    for i, box in enumerate(boxes):
        points = box[:2] + shares * (box[2:] - box[:2])
        points = points[(points @ rays <= hulls[i]).all(axis=1)]
        clear = ((points >= 0) & (points <= size)).all(axis=1)
        for j in range(i + 1, len(boxes)):
            if (box[:2] < boxes[j, 2:]).all() and (boxes[j, :2] < box[2:]).all():
                clear &= ~(points @ rays <= hulls[j]).all(axis=1)
        result[i] = clear.sum() / max(len(clear), 1)
    return result


def _far_to_near(poses: Floats, sizes: Floats, eye: Floats) -> list[int]:
    """Drawing order of rectangles on the ground that do not meet; poses (N, 4), sizes (N, 2) m, eye (2,) m.

    Where a line along a side of one parts two of them, the one on the eye's side of the line is in front.
    Sorting by distance alone would draw a long bus over a car beside it.
    """
    c, s = np.cos(poses[:, 2]), np.sin(poses[:, 2])
    along, across = np.stack([c, s], axis=-1), np.stack([-s, c], axis=-1)
    normals = np.stack([along, across, -along, -across], axis=1)  # (N, 4, 2), outwards
    limit = (normals * poses[:, None, :2]).sum(axis=2) + sizes[:, [0, 1, 0, 1]] / 2  # (N, 4)
    signs = np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)])[None] * sizes[:, None] / 2
    corners = poses[:, None, :2] + signs[..., :1] * along[:, None] + signs[..., 1:] * across[:, None]
    beyond = (np.einsum("ikd,jcd->ikjc", normals, corners) >= limit[:, :, None, None] - 1e-6).all(axis=3)
    eye_side = (normals @ eye < limit)[:, :, None]
    front = (beyond & eye_side).any(axis=1) | (beyond & ~eye_side).any(axis=1).T  # (N, N): row before column
    front &= ~front.T  # parted both ways: neither hides the other
    distance = np.hypot(*(poses[:, :2] - eye).T)
    left, order = list(range(len(poses))), []
    while left:
        free = [i for i in left if not front[i, left].any()] or left
        order.append(max(free, key=lambda i: distance[i]))
        left.remove(order[-1])
    return order
