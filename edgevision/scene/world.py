"""The drawn car park and everything that is true in it: a gate, spots, actors, and when they cross.

The same seed gives the same world. `Scene.truth` depends on its time alone, not on what was asked before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgevision.scene.camera import Camera
from edgevision.scene.placing import Placed, bounds, place, seen
from edgevision.scene.program import Program
from edgevision.scene.shapes import Shape
from edgevision.scene.traffic import GATE_X, GATE_Y, LANE, ROAD, SPOT, Trip, crossings, spot_centres

Polygon = tuple[tuple[float, float], ...]

LABELS = ("person", "car", "truck", "bus", "motorcycle")


@dataclass(frozen=True)
class Crossing:
    """One actor's ground centre passes the gate line at `t` seconds; direction is "in" or "out"."""

    t: float
    actor: int
    label: str
    direction: str


@dataclass(frozen=True)
class Truth:
    """What is in the picture at one moment, by rising id.

    ids (N,) int32; labels N; boxes (N, 4) float32 xyxy px, the tight bound of the whole object, its hidden
    part too, clipped to the picture; visible (N,) float32 0..1, the share of the object that is inside the
    picture and not hidden by another one.
    """

    ids: NDArray[np.int32]
    labels: tuple[str, ...]
    boxes: NDArray[np.float32]
    visible: NDArray[np.float32]


class Scene:
    """A car park seen from a pole for `seconds` (s); `size` is (width, height) in px.

    All places are shares 0..1 of the picture. `gate` is a line: whoever stands at its first end and looks to
    the second sees vehicles enter from left to right. `crossings` are those within `seconds`, by rising time;
    traffic goes on to the end of the minute and then dries up.
    """

    def __init__(self, seed: int = 1, seconds: float = 60.0, size: tuple[int, int] = (960, 540)) -> None:
        self.seed, self.seconds, self.size = seed, seconds, size
        self.camera = self._camera(np.random.default_rng((seed, 1_000_000)))
        self.trips = Program(seed, self._ticket_x).run(seconds)
        near_end, far_end = self._shares([(GATE_X, y) for y in GATE_Y])
        self.gate = (near_end, far_end)
        self.spots = {name: self._shares(_spot_corners(x, y)) for name, (x, y) in spot_centres().items()}
        self.lot = self._lot()
        found = [
            Crossing(t, trip.actor, trip.shape.label, way)
            for trip in self.trips
            for t, way in crossings(trip)
        ]
        self.crossings = tuple(sorted((c for c in found if 0 <= c.t <= seconds), key=lambda c: c.t))

    def truth(self, t: float) -> Truth:
        """Every actor of which something lies within the picture, seen or hidden, at `t` seconds."""
        placed = self.placed(t)
        full = bounds(placed)
        boxes = np.clip(full, 0, self.size * 2)
        visible = seen(placed, full, self.size)
        inside = np.flatnonzero((boxes[:, 2:] - boxes[:, :2] >= 2).all(axis=1))
        order = sorted(inside, key=lambda i: placed.trips[i].actor)
        return Truth(
            np.array([placed.trips[i].actor for i in order], dtype=np.int32),
            tuple(placed.trips[i].shape.label for i in order),
            boxes[order].astype(np.float32),
            visible[order].astype(np.float32),
        )

    def occupied(self, t: float) -> dict[str, bool]:
        """Name of each spot -> whether a vehicle stands in it."""
        standing = {trip.spot for trip in self.trips if trip.spot and trip.still[0] <= t < trip.still[1]}
        return {spot: spot in standing for spot in self.spots}

    def placed(self, t: float, props: tuple[Trip, ...] = ()) -> Placed:
        """All actors at `t` seconds, and `props` among them, projected."""
        return place([*(trip for trip in self.trips if trip.present(t)), *props], t, self.camera)

    def _camera(self, rng: np.random.Generator) -> Camera:
        """A pole some 10 m high, a little different for each seed."""
        at = (7.2 + rng.uniform(-0.7, 0.7), -21.0 + rng.uniform(-0.6, 0.6), 10.4 + rng.uniform(-0.5, 0.5))
        yaw, pitch = np.radians(-9.5 + rng.uniform(-1, 1)), np.radians(26.0 + rng.uniform(-0.7, 0.7))
        return Camera(at, float(yaw), float(pitch), 0.645 * self.size[0], self.size)

    def _ticket_x(self, shape: Shape) -> float:
        """Where on the road a vehicle's box has its bottom centre on the gate line, x in m, by bisection."""
        ends, _ = self.camera.project(np.array([(GATE_X, y, 0.0) for y in GATE_Y]))
        low, high = GATE_X - 5.0, GATE_X + 5.0
        while high - low > 1e-3:
            x = (low + high) / 2
            pixels, _ = self.camera.project(shape.vertices + np.array([x, -LANE, 0.0]))
            foot = ((pixels[:, 0].min() + pixels[:, 0].max()) / 2, pixels[:, 1].max())
            line = np.interp(foot[1], ends[::-1, 1], ends[::-1, 0])
            low, high = (x, high) if foot[0] < line else (low, x)
        return low

    def _shares(self, ground: list[tuple[float, float]]) -> Polygon:
        """Ground points, m -> shares 0..1 of the picture's width and height."""
        pixels, _ = self.camera.project(np.array([(x, y, 0.0) for x, y in ground]))
        return tuple((float(x), float(y)) for x, y in np.clip(pixels / self.size, 0, 1))

    def _lot(self) -> Polygon:
        """The road and both rows of spots behind the gate, up to the picture's right edge."""
        width, height = self.size
        (x0, y0), (x1, y1) = self.camera.ground(np.array([(width, 0.9 * height), (width, 0.4 * height)]))
        deep, gate = ROAD + SPOT[1], GATE_X + 0.5
        right = [(float(x0 + (y - y0) * (x1 - x0) / (y1 - y0)), y) for y in (-deep, deep)]
        near, far = (
            min(x for x, y in spot_centres().values() if y * side > 0) - SPOT[0] / 2 for side in (-1, 1)
        )
        south = [(gate, -ROAD), (near, -ROAD), (near, -deep), right[0]]
        return self._shares([*south, right[1], (far, deep), (far, ROAD), (gate, ROAD)])


def _spot_corners(x: float, y: float) -> list[tuple[float, float]]:
    w, d = SPOT[0] / 2, SPOT[1] / 2
    return [(x - w, y - d), (x + w, y - d), (x + w, y + d), (x - w, y + d)]
