"""A pinhole camera on a pole: metres of the car park to pixels of the picture.

World axes: x to the right, y away from the pole, z up, in metres. Pixels: x right, y down, (0, 0) the
picture's top left corner, so that a picture W wide spans 0..W.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """Where the camera stands (m), where it looks (rad) and how it sees (px)."""

    position: tuple[float, float, float]
    yaw: float  # 0 looks along +y; positive turns to the right
    pitch: float  # 0 looks at the horizon; positive looks down
    focal: float
    size: tuple[int, int]  # width, height

    def axes(self) -> Floats:
        """(3, 3): the unit vectors right, down and forward of the camera, as rows, in world axes."""
        cy, sy, cp, sp = cos(self.yaw), sin(self.yaw), cos(self.pitch), sin(self.pitch)
        return np.array([[cy, -sy, 0.0], [-sp * sy, -sp * cy, -cp], [cp * sy, cp * cy, -sp]])

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """World points (N, 3) m -> pixels (N, 2) and depth (N,) m along the line of sight.

        Points less than 0.1 m in front of the lens have no picture; they are treated as if 0.1 m away.
        """
        seen = (points - np.asarray(self.position)) @ self.axes().T
        depth = np.maximum(seen[:, 2], 0.1)
        centre = np.array(self.size) / 2
        return centre + self.focal * seen[:, :2] / depth[:, None], depth

    def ground_matrix(self) -> Floats:
        """(3, 3) homography: homogeneous ground point (x m, y m, 1) -> homogeneous pixel."""
        width, height = self.size
        lens = np.array([[self.focal, 0, width / 2], [0, self.focal, height / 2], [0, 0, 1]])
        axes = self.axes()
        return np.asarray(lens @ np.column_stack([axes[:, 0], axes[:, 1], -axes @ np.asarray(self.position)]))

    def ground(self, pixels: Floats) -> Floats:
        """Pixels (N, 2) below the horizon -> the ground points (N, 2) m that they show."""
        homogeneous = np.column_stack([pixels, np.ones(len(pixels))]) @ np.linalg.inv(self.ground_matrix()).T
        return np.asarray(homogeneous[:, :2] / homogeneous[:, 2:])
