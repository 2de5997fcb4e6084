"""A constant-velocity Kalman filter for boxes, all tracks at once, with time in seconds.

Each box is its centre (with a velocity) and its size (without: a growing box is followed fast enough by
its process noise). x and y share their noise, so one 2x2 covariance per track serves both axes:

    x' = x + v dt                                   F = [1 dt; 0 1]
    Q  = a^2 [dt^3/3 dt^2/2; dt^2/2 dt] + b^2 [dt 0; 0 0]

the integral of white acceleration noise over dt (Bar-Shalom, Li, Kirubarajan, "Estimation with
Applications to Tracking and Navigation", 2001, 6.2.2) and of a drift of the box's place. Because Q is an
integral, ten frames of 0.1 s give the same uncertainty as one of 1 s: the filter does not care for the
frame rate. All deviations are in units of the object's scale sqrt(w h), so far and near objects are
treated alike. Those of measured boxes are what two detectors show on MOT15: from frame to frame centres
jitter by .04 to .06, sides by .06 to .12, and nearly as much again is wrong for longer. How objects wander
was chosen on three and a half of its videos, at 1.4 to 25 frames/s; half or twice as much did no better.
"""

from dataclasses import dataclass

import numpy as np

from edgevision.core.types import Floats

MEASURED = 0.08  # scale: deviation of a detected centre
MEASURED_SIDE = 0.1  # scale: deviation of a detected side
DRIFT = 0.15  # scale / s^0.5: how the centre and the sides wander
ACCELERATION = 0.35  # scale / s^1.5
START_SPEED = 1.9  # scale / s: deviation of the unknown speed of a new object
UNNOTICED = 0.3  # scale: deviation of the way of what moves, but so little that no look was taken
NEW_SIDE = 0.3  # scale: deviation of the sides of an object that did the unexpected
ONE = np.float32(1)  # px^2


@dataclass(slots=True, eq=False)
class Motion:
    """The state of N boxes; every field has N rows."""

    center: Floats  # (N, 2) px
    velocity: Floats  # (N, 2) px/s
    size: Floats  # (N, 2) px, width and height
    var_center: Floats  # (N,) px^2
    cov_speed: Floats  # (N,) px^2/s: of centre and velocity
    var_speed: Floats  # (N,) px^2/s^2
    var_size: Floats  # (N,) px^2

    def __len__(self) -> int:
        return len(self.center)

    @property
    def boxes(self) -> Floats:
        """(N, 4) px."""
        half = self.size / np.float32(2)
        return np.concatenate([self.center - half, self.center + half], axis=1)

    @property
    def scale2(self) -> Floats:
        """(N,) px^2: width by height, at least one pixel."""
        scale2: Floats = np.maximum(self.size[:, 0] * self.size[:, 1], ONE)
        return scale2

    @property
    def scale(self) -> Floats:
        """(N,) px: the geometric mean of width and height, at least one pixel."""
        scale: Floats = np.sqrt(self.scale2)
        return scale


def start(boxes: Floats) -> Motion:
    """New tracks at rest at detected boxes (N, 4) px, their speed unknown."""
    center, size = split(boxes)
    zeros = np.zeros(len(boxes), np.float32)
    motion = Motion(center, np.zeros_like(center), size, zeros, zeros, zeros, zeros)
    scale = motion.scale
    motion.var_center = (MEASURED * scale) ** 2
    motion.cov_speed = np.zeros_like(scale)
    motion.var_speed = (START_SPEED * scale) ** 2
    motion.var_size = (MEASURED_SIDE * scale) ** 2
    return motion


def predict(motion: Motion, dt: float | Floats) -> None:
    """Move all boxes `dt` seconds on, in place; each by its own, if it is (N,)."""
    dt = np.asarray(dt, np.float32)
    drift = motion.scale2 * dt
    accel = ACCELERATION**2 * drift  # its integrals over dt, once, twice and three times
    drift *= DRIFT**2
    var_speed, cov_speed = motion.var_speed, motion.cov_speed
    motion.center = motion.center + motion.velocity * dt[..., None]
    motion.var_center = (
        motion.var_center + dt * (2 * cov_speed + dt * (var_speed + accel / np.float32(3))) + drift
    )
    motion.cov_speed = cov_speed + dt * (var_speed + accel / np.float32(2))
    motion.var_speed = var_speed + accel
    motion.var_size = motion.var_size + drift


def creep(motion: Motion) -> None:
    """Nothing was seen to move for a while, in place: what is small or pale may have got a little way."""
    motion.var_center = motion.var_center + UNNOTICED**2 * motion.scale2


def doubt(motion: Motion, rows: np.ndarray, dt: np.ndarray) -> None:
    """Let go of the speed of the tracks `rows` (K,), in place: since `dt` (K,) s ago it may be any.

    For objects that were not where they should be. The steady noise above fits walking; a car that comes
    near, or turns, is followed because its track begins to learn anew.
    """
    scale2 = motion.scale[rows] ** 2
    speed = START_SPEED**2 * scale2
    motion.var_speed[rows] += speed
    motion.cov_speed[rows] += speed * dt
    motion.var_center[rows] += speed * dt**2
    motion.var_size[rows] += NEW_SIDE**2 * scale2


def hold(motion: Motion, rows: np.ndarray, boxes: Floats) -> None:
    """Put the tracks `rows` (K,) at boxes (K, 4) px, at rest, in place; they may set off any time."""
    center, size = split(boxes)
    motion.center[rows], motion.size[rows], motion.velocity[rows] = center, size, 0
    scale2 = motion.scale2[rows]
    motion.var_center[rows] = MEASURED**2 * scale2
    motion.var_speed[rows] = ACCELERATION**2 * scale2  # as after a second
    motion.var_size[rows] = MEASURED_SIDE**2 * scale2
    motion.cov_speed[rows] = 0


def correct(motion: Motion, rows: np.ndarray, boxes: Floats) -> None:
    """Take in the detected boxes (K, 4) px of the tracks `rows` (K,), in place."""
    center, size = split(boxes)
    old_center, old_size = motion.center.take(rows, axis=0), motion.size.take(rows, axis=0)
    var_center, cov_speed, var_size = motion.var_center[rows], motion.cov_speed[rows], motion.var_size[rows]
    scale2 = np.maximum(old_size[:, 0] * old_size[:, 1], ONE)
    total = var_center + MEASURED**2 * scale2
    gain_center, gain_speed = var_center / total, cov_speed / total
    gain_size = var_size / (var_size + MEASURED_SIDE**2 * scale2)
    surprise = center - old_center
    motion.center[rows] = old_center + gain_center[:, None] * surprise
    motion.velocity[rows] += gain_speed[:, None] * surprise
    motion.size[rows] = old_size + gain_size[:, None] * (size - old_size)
    motion.var_speed[rows] -= gain_speed * cov_speed
    motion.cov_speed[rows] = cov_speed - gain_center * cov_speed
    motion.var_center[rows] = var_center - gain_center * var_center
    motion.var_size[rows] = var_size - gain_size * var_size


def variance(motion: Motion) -> Floats:
    """(N,) px^2: of the difference between each track's centre and that of a box of it, on each axis.

    A squared distance divided by this is a squared Mahalanobis distance: with two degrees of freedom 9.21
    holds 99 % of the true pairs.
    """
    total: Floats = motion.var_center + MEASURED**2 * motion.scale2
    return total


def side_deviation(motion: Motion) -> Floats:
    """(N,) px: deviation of where each side of a box is: of its centre, and of half its size."""
    deviation: Floats = np.sqrt(motion.var_center + motion.var_size / 4)
    return deviation


def split(boxes: Floats) -> tuple[Floats, Floats]:
    """Centres and sizes of boxes (N, 4): (N, 2) px each."""
    center: Floats = (boxes[:, :2] + boxes[:, 2:]) / np.float32(2)
    return center, boxes[:, 2:] - boxes[:, :2]
