"""A car park in numbers: who stands where and when, and what a camera on a pole sees of it, as boxes.

A road for passing traffic, a row of spots A, a lane, a row of spots B: the camera looks over them from 4 to
10 m, so trucks on the road hide row A, and cars in row A hide parts of row B. Cars drive in over other spots,
park, stay, leave; trucks halt on the road for longer than the tracker remembers what they hide.
x to the right, y away from the camera, z up, in metres; all times in seconds. The same seed is the same day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgevision.scene.camera import Camera
from edgevision.scene.traffic import Leg, travel

Floats = NDArray[np.float64]

SIZE = (1280, 720)
COLUMNS = 7  # spots in each row
WIDE, DEEP = 2.5, 5.0
ROAD, LANE = -3.5, 8.0  # middle of the road in front of row A (0..5), and of the lane behind it
ROWS = {"A": 2.5, "B": 13.5}  # middle of each row
FAR = 26.0  # where vehicles come from and go to
WARM, QUIET = 40.0, 60.0  # s: nobody comes to a spot before, nor comes or leaves this long before the end
STAY = (45.0, 150.0)  # s
BETWEEN = (25.0, 90.0)  # s that a spot is free
GRID = (np.arange(9) + 0.5) / 9  # points each way of a box at which it is told what hides it

CAR, TRUCK = 0, 1
LABELS = ("car", "truck")


@dataclass(frozen=True)
class Drive:
    """One vehicle, from when it is there until it is not; it stands where its times end."""

    size: tuple[float, float, float]  # length, width, height m
    kind: int
    times: Floats  # (n,) s
    poses: Floats  # (n, 3): x, y m, heading rad
    since: float
    until: float

    def pose(self, t: float) -> Floats:
        return np.array([np.interp(t, self.times, column) for column in self.poses.T])


@dataclass(frozen=True)
class Stay:
    """A car stands in a spot from `since` to `until`, infinite where it does not leave."""

    spot: str
    since: float
    until: float


class Lot:
    """`seconds` of a car park; `polygons` are the spots in px, by name."""

    def __init__(self, seed: int, seconds: float = 420.0) -> None:
        self.rng = np.random.default_rng((seed, 7))
        self.seconds = seconds
        height = self.rng.uniform(4, 10)
        back = self.rng.uniform(12, 16)
        yaw, pitch = self.rng.uniform(-0.3, 0.3), np.arctan2(height, back + 6)
        side = self.rng.uniform(-4, 4) - 14 * np.tan(yaw)
        self.camera = Camera((side, -back, height), yaw, pitch, 0.72 * SIZE[0], SIZE)
        self.centres = {
            f"{row}{i + 1}": ((i - (COLUMNS - 1) / 2) * WIDE, y)
            for row, y in ROWS.items()
            for i in range(COLUMNS)
        }
        self.polygons = self._watched()
        self.drives: list[Drive] = []
        self.stays: list[Stay] = []
        for spot in self.centres:
            self._fill(spot)
        self._traffic()

    def taken(self, spot: str, t: float) -> bool:
        return any(stay.spot == spot and stay.since <= t < stay.until for stay in self.stays)

    def seen(self, t: float) -> tuple[Floats, NDArray[np.int_], Floats, NDArray[np.int_]]:
        """What the picture has at `t`: boxes (N, 4) px round what is not hidden of each vehicle, its number
        (N,), the share of it (N,) that is not hidden, 0..1, and its kind (N,)."""
        there = [i for i, drive in enumerate(self.drives) if drive.since <= t < drive.until]
        poses = np.array([self.drives[i].pose(t) for i in there]).reshape(-1, 3)
        near = np.argsort(np.hypot(*(poses[:, :2] - self.camera.position[:2]).T))
        hulls = [self._hull(self.drives[there[k]].size, poses[k]) for k in near]
        found = []
        for rank, (k, hull) in enumerate(zip(near, hulls, strict=True)):
            seen = _visible(hull, hulls[:rank])
            if seen is not None:
                found.append((seen[0], there[k], seen[1], self.drives[there[k]].kind))
        if not found:
            return np.zeros((0, 4)), np.zeros(0, int), np.zeros(0), np.zeros(0, int)
        boxes, numbers, shares, kinds = zip(*found, strict=True)
        return np.array(boxes), np.array(numbers), np.array(shares), np.array(kinds)

    def _watched(self) -> dict[str, Floats]:
        """The spots that somebody would draw: wholly in the picture, and when all are taken, at least half of
        the car in them can be seen."""
        outlines = {name: self._outline(x, y) for name, (x, y) in self.centres.items()}
        cars = {
            name: self._hull((4.4, 1.8, 1.5), np.array([x, y, np.pi / 2]))
            for name, (x, y) in self.centres.items()
        }
        nearer = sorted(
            cars, key=lambda name: float(np.hypot(*(self.centres[name] - np.array(self.camera.position[:2]))))
        )
        watched = {}
        for rank, name in enumerate(nearer):
            seen = _visible(cars[name], [cars[each] for each in nearer[:rank]])
            inside = ((outlines[name] >= 0) & (outlines[name] <= SIZE)).all()
            if inside and seen is not None and seen[1] >= 0.5:
                watched[name] = outlines[name]
        return watched

    def _outline(self, x: float, y: float) -> Floats:
        corners = [(x + a * WIDE / 2, y + b * DEEP / 2, 0.0) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        return self.camera.project(np.array(corners))[0]

    def _hull(self, size: tuple[float, float, float], pose: Floats) -> Floats:
        """(8, 2) px: the corners of the block that a vehicle is."""
        length, width, height = size
        local = np.array([(a, b) for a in (-1, 1) for b in (-1, 1)]) * (length / 2, width / 2)
        c, s = np.cos(pose[2]), np.sin(pose[2])
        ground = pose[:2] + local @ np.array([(c, s), (-s, c)])
        corners = [(x, y, z) for x, y in ground for z in (0.0, height)]
        return self.camera.project(np.array(corners))[0]

    def _fill(self, spot: str) -> None:
        """One spot's day: cars that come and leave by turns."""
        rng, last = self.rng, self.seconds - QUIET
        t = 0.0
        if rng.random() < 0.6:  # somebody stands there from the start
            until = rng.uniform(WARM, last) if rng.random() < 0.5 else np.inf
            t = self._stay(spot, -np.inf, until)
        while t < last:
            arrive = max(t, WARM) + rng.uniform(*BETWEEN)
            until = arrive + rng.uniform(*STAY)
            if arrive > last:
                return
            t = self._stay(spot, arrive, until if until < last else np.inf)

    def _stay(self, spot: str, since: float, until: float) -> float:
        """A car that stands in a spot; returns when it has driven away."""
        rng = self.rng
        x, y = self.centres[spot]
        x, y = x + rng.uniform(-0.2, 0.2), y + rng.uniform(-0.2, 0.2)
        size = (rng.uniform(3.9, 4.8), rng.uniform(1.7, 1.9), rng.uniform(1.4, 1.8))
        self.stays.append(Stay(spot, since, until))
        way = rng.choice((-1, 1))
        times, poses = [np.array([since if since > -np.inf else 0.0])], []
        heading = np.pi / 2 if y > LANE else -np.pi / 2
        begin = since
        if since > -np.inf:  # along the lane, then in a bow over the spots beside it
            bow = (x - way * rng.uniform(3.0, 5.0), LANE + np.sign(y - LANE) * rng.uniform(0, 2.5))
            legs = [Leg([(-way * FAR, LANE), bow, (x, y)])]
            pace, path = travel(legs, rng.uniform(3.0, 5.0), (True, False))
            times, poses, begin = [since - pace[-1] + pace], [path[:, :3]], since - pace[-1]
            heading = path[-1, 2]
        else:
            poses.append(np.array([[x, y, heading]]))
        end = np.inf
        if until < np.inf:  # back out, then forwards along the lane
            out = (x + way * rng.uniform(2.0, 4.0), LANE)
            legs = [
                Leg([(x, y), (x, LANE - np.sign(LANE - y)), out], reverse=True, hold=0.8),
                Leg([out, (-way * FAR, LANE)]),
            ]
            pace, path = travel(legs, rng.uniform(3.0, 5.0), (False, True))
            path[:, 2] += np.round((heading - path[0, 2]) / (2 * np.pi)) * 2 * np.pi
            times.append(until + pace)
            poses.append(path[:, :3])
            end = float(until + pace[-1])
        self.drives.append(Drive(size, CAR, np.concatenate(times), np.concatenate(poses), begin, end))
        return end

    def _traffic(self) -> None:
        """Cars and trucks on the road; some trucks halt, in front of row A, for 6 to 25 s."""
        rng, t = self.rng, 5.0
        while t < self.seconds:
            truck = rng.random() < 0.5
            size = (rng.uniform(7, 10), 2.4, rng.uniform(2.8, 3.4)) if truck else (4.4, 1.8, 1.5)
            way = rng.choice((-1, 1))
            halt = (rng.uniform(-8, 8), ROAD)
            hold = rng.uniform(6, 25) if truck and rng.random() < 0.5 else 0.0
            legs = [Leg([(-way * FAR, ROAD), (way * FAR, ROAD)])]
            if hold:
                legs = [Leg([(-way * FAR, ROAD), halt], hold=hold), Leg([halt, (way * FAR, ROAD)])]
            pace, path = travel(legs, rng.uniform(5, 9), (True, True))
            self.drives.append(
                Drive(size, TRUCK if truck else CAR, t + pace, path[:, :3], t, float(t + pace[-1]))
            )
            t += pace[-1] + rng.uniform(3, 20)


ANGLES = np.arange(16) * np.pi / 8
RAYS = np.stack([np.cos(ANGLES), np.sin(ANGLES)])


def _visible(hull: Floats, nearer: list[Floats]) -> tuple[Floats, float] | None:
    """The box (4,) px round what is seen of a hull (8, 2), and which share of it that is; None if little."""
    low, high = hull.min(axis=0), hull.max(axis=0)
    grid = low + np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2) * (high - low)
    grid = grid[(grid @ RAYS <= (hull @ RAYS).max(axis=0)).all(axis=1)]
    inside = ((grid >= 0) & (grid <= SIZE)).all(axis=1)
    if inside.mean() < 0.05:
        return None
    grid = grid[inside]  # of what the border cuts, a detector sees what is left
    clear = np.ones(len(grid), bool)
    hidden = False
    for other in nearer:
        if (other.min(axis=0) < high).all() and (low < other.max(axis=0)).all():
            behind = (grid @ RAYS <= (other @ RAYS).max(axis=0)).all(axis=1)
            hidden |= bool(behind.any())
            clear &= ~behind
    share = float(clear.mean())
    if share < 0.25:
        return None
    if not hidden:
        return np.clip(np.concatenate([low, high]), 0, SIZE * 2), share
    half = (high - low) / 18
    seen = grid[clear]
    return np.clip(np.concatenate([seen.min(axis=0) - half, seen.max(axis=0) + half]), 0, SIZE * 2), share
