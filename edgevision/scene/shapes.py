"""Small 3-D models made of flat faces and round bones.

A model stands on the ground at its origin and looks along +x; y points to its left, z up, all in metres.
The camera is always higher than any model that moves, so faces are drawn by layer, low parts before what
stands on them, and by distance within a layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Colour = tuple[float, float, float]  # BGR, 0..255

CORNERS = 10  # of a face; shorter ones repeat their last vertex
GLASS: Colour = (66, 52, 42)
RUBBER: Colour = (32, 30, 30)
METAL: Colour = (150, 150, 150)
LAMP: Colour = (215, 240, 250)
TAIL: Colour = (40, 30, 190)

Point = Sequence[float]
Span = tuple[float, float]  # from, to


@dataclass(frozen=True)
class Shape:
    """One model. V vertices, F faces and bones; a bone is a face of two corners with a radius."""

    label: str
    size: tuple[float, float, float]  # length, width, height, m
    vertices: Floats  # (V, 3) m
    swing: Floats  # (V, 3) m, added times sin(walking phase)
    faces: NDArray[np.intp]  # (F, CORNERS) vertex numbers, counter-clockwise seen from outside
    colours: Floats  # (F, 3) BGR 0..255
    layers: NDArray[np.intp]  # (F,) drawn in rising order
    radii: Floats  # (F,) m, 0 for a flat face
    reach: Floats  # (V,) m, radius of the bone that ends in the vertex, 0 for a face's corner


class Builder:
    """Collects faces and bones; one builder makes one shape."""

    def __init__(self) -> None:
        self.vertices: list[Floats] = []
        self.swings: list[Floats] = []
        self.faces: list[list[int]] = []
        self.colours: list[Colour] = []
        self.layers: list[int] = []
        self.radii: list[float] = []

    def _add(self, points: Floats, swing: Floats, colour: Colour, layer: int, radius: float) -> None:
        first = sum(len(v) for v in self.vertices)
        self.vertices.append(points)
        self.swings.append(swing)
        self.faces.append([first + min(i, len(points) - 1) for i in range(CORNERS)])
        self.colours.append(colour)
        self.layers.append(layer)
        self.radii.append(radius)

    def face(self, ring: Sequence[Point] | Floats, outward: Point, colour: Colour, layer: int) -> None:
        """A flat face of up to CORNERS points (N, 3) m in ring order; `outward` is the painted side."""
        points = np.asarray(ring, dtype=np.float64)
        area = np.cross(points, np.roll(points, -1, axis=0)).sum(axis=0)
        points = points if area @ np.asarray(outward, dtype=np.float64) >= 0 else points[::-1]
        self._add(points, np.zeros_like(points), colour, layer, 0.0)

    def bone(self, a: Point, b: Point, radius: float, colour: Colour, swing: float = 0.0) -> None:
        """A round bar from `a` to `b` (m); walking moves its second end by up to `swing` m along x."""
        along = np.array([[0.0, 0.0, 0.0], [swing, 0.0, 0.0]])
        self._add(np.array([a, b], dtype=np.float64), along, colour, 3, radius)

    def prism(self, profile: Sequence[Span], halves: Sequence[float], colour: Colour, layer: int) -> None:
        """A side view of points (x, z) m, stretched to both sides by half widths (m); without a bottom."""
        left = np.array([(x, half, z) for (x, z), half in zip(profile, halves, strict=True)])
        right = left * (1, -1, 1)
        middle = left.mean(axis=0) * (1, 0, 1)
        self.face(left, (0, 1, 0), colour, layer)
        self.face(right, (0, -1, 0), colour, layer)
        for i in range(len(left) - 1):
            ring = np.array([left[i], left[i + 1], right[i + 1], right[i]])
            self.face(ring, ring.mean(axis=0) - middle, colour, layer)

    def box(self, x: Span, z: Span, half: float, colour: Colour, layer: int) -> None:
        """A box, `half` m wide to each side."""
        self.prism([(x[0], z[0]), (x[0], z[1]), (x[1], z[1]), (x[1], z[0])], [half] * 4, colour, layer)

    def panel(self, x: float, y: Span, z: Span, colour: Colour, layer: int = 2) -> None:
        """A rectangle across the model at `x`, facing the end that is nearer."""
        ring = [(x, y[0], z[0]), (x, y[1], z[0]), (x, y[1], z[1]), (x, y[0], z[1])]
        self.face(ring, (x, 0, 0), colour, layer)

    def sides(self, y: float, x: Span, z: Span, colour: Colour) -> None:
        """A rectangle along the model on both of its sides."""
        for side in (y, -y):
            ring = [(x[0], side, z[0]), (x[1], side, z[0]), (x[1], side, z[1]), (x[0], side, z[1])]
            self.face(ring, (0, side, 0), colour, 2)

    def wheels(self, x: float, y: float, radius: float) -> None:
        """A wheel on each side at (x, +-y)."""
        angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
        circle = np.column_stack([np.cos(angles), np.zeros(CORNERS), np.sin(angles)])
        for side in (y, -y):
            for share, colour in ((1.0, RUBBER), (0.55, METAL)):
                self.face(share * radius * circle + (x, side, radius), (0, side, 0), colour, 2)

    def tyres(self, x: float, half: float) -> None:
        """The tyres under both ends as seen along the model; `half` m is to their outside."""
        for end in (x, -x):
            for side in (1, -1):
                self.panel(end, (side * (half - 0.22), side * half), (0.0, 0.42), RUBBER, 0)

    def lamps(self, length: float, width: float, z: Span) -> None:
        """Two head lamps in front and two tail lamps behind."""
        for x, colour in ((length / 2, LAMP), (-length / 2, TAIL)):
            for side in (1, -1):
                self.panel(x, (side * 0.30 * width, side * 0.46 * width), z, colour)

    def cabin(self, low: Span, top: Span, z: Span, half: Span, paint: Colour) -> None:
        """A glass house: from x `low` at height z[0] to x `top` at z[1], half widths likewise (m)."""

        def corner(end: int, level: int, side: int) -> Floats:
            return np.array([(low, top)[level][end], side * half[level], z[level]])

        rear_left, front_left, rear_right, front_right = (0, 1), (1, 1), (0, -1), (1, -1)
        for a, b, outward, panes in (
            (rear_left, front_left, (0, 1, 0), 2),
            (rear_right, front_right, (0, -1, 0), 2),
            (front_left, front_right, (1, 0, 0.3), 1),
            (rear_left, rear_right, (-1, 0, 0.3), 1),
        ):
            quad = np.array(
                [corner(end, level, side) for (end, side), level in ((a, 0), (b, 0), (b, 1), (a, 1))]
            )
            self.face(quad, outward, paint, 3)
            for i in range(panes):
                self.face(_pane(quad, (i / panes + 0.06, (i + 1) / panes - 0.04)), outward, GLASS, 4)
        roof = [corner(end, 1, side) for end, side in (rear_left, front_left, front_right, rear_right)]
        self.face(np.array(roof), (0, 0, 1), paint, 4)

    def shape(self, label: str, size: tuple[float, float, float]) -> Shape:
        """The finished model; `size` is length, width and height, m."""
        vertices, faces, radii = np.concatenate(self.vertices), np.array(self.faces), np.array(self.radii)
        reach = np.zeros(len(vertices))
        np.maximum.at(reach, faces, radii[:, None])
        colours = np.array(self.colours, dtype=np.float64)
        swing = np.concatenate(self.swings)
        return Shape(label, size, vertices, swing, faces, colours, np.array(self.layers), radii, reach)


def _pane(quad: Floats, across: Span, up: Span = (0.06, 0.88)) -> Floats:
    """The part of a quad (4, 3) m between shares of its width and its height: (4, 3) m."""
    u, v = (
        np.array(shares)[:, None] for shares in (np.take(across, [0, 1, 1, 0]), np.take(up, [0, 0, 1, 1]))
    )
    low, high = quad[0] + u * (quad[1] - quad[0]), quad[3] + u * (quad[2] - quad[3])
    return np.asarray(low + v * (high - low))
