"""Who drives when and where: the plan of the car park, paths over it, and a timetable without collisions.

Metres and seconds throughout. The road runs along x: vehicles enter from the left, drive on the right-hand
side (y < 0 going in, y > 0 coming out), pass the gate at x = GATE_X and find the spots on both sides beyond.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edgevision.scene.shapes import Shape

Floats = NDArray[np.float64]

GATE_X = -5.0
GATE_Y = (-6.4, 4.8)  # ends of the gate line: the road, the footpath and a margin
LANE = 1.75  # middle of each lane, from the middle of the road
ROAD = 3.5  # half the road's width
PATH_Y = -5.0  # middle of the footpath that passes the gate
WALK_Y = -10.4  # middle of the footpath nearest to the camera
SPOT = (2.5, 5.2)  # width and depth of a spot
LEFT, RIGHT = -19.0, 25.0  # beyond these x a vehicle's nearer end is out of the picture
STEP = 0.1  # m between points of a path
CHECK = 0.2  # s between checks for collisions; at 5.4 m/s that is 1.1 m
MINUTE = 60.0  # the timetable is made in blocks of this length, each with its own random numbers


def spot_centres() -> dict[str, tuple[float, float]]:
    """Name of each spot -> its centre (x, y): A1..A8 beyond the road, B1..B4 on the camera's side."""
    deep = ROAD + SPOT[1] / 2
    far = {f"A{i + 1}": (1.85 + i * SPOT[0], deep) for i in range(8)}
    return far | {f"B{i + 1}": (6.4 + i * SPOT[0], -deep) for i in range(4)}


@dataclass(frozen=True)
class Leg:
    """One drive without a halt through `points` (x, y), corners rounded; then a halt of `hold` seconds."""

    points: list[tuple[float, float]]
    reverse: bool = False
    hold: float = 0.0


@dataclass(frozen=True)
class Trip:
    """An actor's presence from `since` to `until`; it stands still before and after its times."""

    actor: int
    shape: Shape
    times: Floats  # (n,) s, not falling
    poses: Floats  # (n, 4): x m, y m, heading rad, way gone m
    since: float = -np.inf
    until: float = np.inf
    spot: str = ""  # the spot it stands in during `still`
    still: tuple[float, float] = (0.0, 0.0)

    def pose(self, t: float | Floats) -> Floats:
        """(4,) or, for times (m,), (m, 4): x m, y m, heading rad, way gone m."""
        return np.stack([np.interp(t, self.times, column) for column in self.poses.T], axis=-1)

    @cached_property
    def reach(self) -> Floats:
        """(2, 2) m: the lowest and the highest x, y of the ground centre."""
        return np.stack([self.poses[:, :2].min(axis=0), self.poses[:, :2].max(axis=0)])

    def shifted(self, by: float) -> Trip:
        """The same trip, `by` seconds later."""
        still = (self.still[0] + by, self.still[1] + by)
        return replace(self, times=self.times + by, since=self.since + by, until=self.until + by, still=still)

    def present(self, t: float | Floats) -> NDArray[np.bool_]:
        """Whether the actor exists at each time."""
        return np.asarray((self.since <= t) & (t < self.until))


def _round(points: list[tuple[float, float]], reach: float = 5.0) -> Floats:
    """(n, 2) m: a way through `points` in steps of STEP, corners bent from `reach` m before to after them."""
    nodes = np.array(points, dtype=np.float64)
    lengths = np.hypot(*np.diff(nodes, axis=0).T)
    lengths[1:-1] /= 2  # two corners share an inner stretch
    way = [nodes[:1]]
    for i in range(1, len(nodes) - 1):
        arms = nodes[[i - 1, i + 1]] - nodes[i]
        arms /= np.hypot(*arms.T)[:, None]
        turn = np.pi - np.arccos(np.clip(arms[0] @ arms[1], -1, 1))
        room = min(reach, 14.0 * np.tan(turn / 2), 0.98 * float(min(lengths[i - 1], lengths[i])))
        start, end = nodes[i] + room * arms
        u = np.linspace(0, 1, 40)[:, None]
        way.append((1 - u) ** 2 * start + 2 * u * (1 - u) * nodes[i] + u**2 * end)
    way.append(nodes[-1:])
    rough = np.concatenate(way)
    gone = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(rough, axis=0).T))])
    even = np.linspace(0, gone[-1], max(2, int(gone[-1] / STEP)))
    return np.stack([np.interp(even, gone, column) for column in rough.T], axis=-1)


def _pace(way: Floats, top: float, first: float, last: float, push: float) -> Floats:
    """(n,) s from the start: as fast as `top` m/s, `push` m/s2 along and 1.2 m/s2 across the way allow."""
    gap = np.hypot(*np.diff(way, axis=0).T)
    angle = np.unwrap(np.arctan2(*np.diff(way, axis=0).T[::-1]))
    bend = np.abs(np.diff(angle, prepend=angle[:1], append=angle[-1:])) / np.append(gap, gap[-1])
    speed = np.minimum(top, np.sqrt(1.2 / np.maximum(bend, 1e-6)))
    speed[0], speed[-1] = min(first, speed[0]), min(last, speed[-1])
    for i in range(1, len(speed)):
        speed[i] = min(speed[i], np.sqrt(speed[i - 1] ** 2 + 2 * push * gap[i - 1]))
    for i in range(len(speed) - 2, -1, -1):
        speed[i] = min(speed[i], np.sqrt(speed[i + 1] ** 2 + 2 * push * gap[i]))
    return np.concatenate([[0], np.cumsum(2 * gap / (speed[1:] + speed[:-1]))])


def travel(
    legs: list[Leg], speed: float, rolling: tuple[bool, bool], push: float = 1.4
) -> tuple[Floats, Floats]:
    """Times (n,) s and poses (n, 4) of a journey; `rolling` says whether it begins and ends at full speed."""
    times, poses, clock, gone = [], [], 0.0, 0.0
    for i, leg in enumerate(legs):
        way = _round(leg.points)
        begin = speed if i == 0 and rolling[0] else 0.0
        end = speed if i == len(legs) - 1 and rolling[1] else 0.0
        pace = clock + _pace(way, 2.2 if leg.reverse else speed, begin, end, push)
        steps = np.diff(way, axis=0)
        heading = np.arctan2(steps[:, 1], steps[:, 0]) + (np.pi if leg.reverse else 0.0)
        walked = gone + np.concatenate([[0], np.cumsum(np.hypot(*steps.T))])
        poses.append(np.column_stack([way, np.append(heading, heading[-1]), walked]))
        times.append(pace)
        clock, gone = pace[-1] + leg.hold, walked[-1]
    path = np.concatenate(poses)
    path[:, 2] = np.unwrap(path[:, 2])
    return np.concatenate(times), path


def overlap(
    a: Floats, a_size: tuple[float, float], b: Floats, b_size: tuple[float, float]
) -> NDArray[np.bool_]:
    """(n,): whether two rectangles on the ground meet.

    Poses (n, >= 3) are x m, y m, heading rad; sizes are length and width, m.
    """
    meet = np.hypot(*(b[:, :2] - a[:, :2]).T) < (np.hypot(*a_size) + np.hypot(*b_size)) / 2
    a, b = a[meet], b[meet]
    axes = []
    for pose in (a, b):
        along = np.column_stack([np.cos(pose[:, 2]), np.sin(pose[:, 2])])
        axes += [along, np.column_stack([-along[:, 1], along[:, 0]])]
    units, halves = np.stack(axes), np.array([*a_size, *b_size])[:, None] / 2
    apart = np.zeros(len(a), dtype=np.bool_)
    for unit in units:
        extent = (halves * np.abs((units * unit).sum(axis=2))).sum(axis=0)
        apart |= np.abs(((b[:, :2] - a[:, :2]) * unit).sum(axis=1)) > extent
    meet[meet] = ~apart
    return np.asarray(meet)


class Timetable:
    """Adds trips one at a time, each put off until it meets nobody."""

    def __init__(self) -> None:
        self.trips: list[Trip] = []

    @property
    def next_actor(self) -> int:
        return max((trip.actor for trip in self.trips), default=0) + 1

    def add(self, trip: Trip, earliest: float, patience: float, replaces: Trip | None = None) -> bool:
        """Take the trip, put off until it is clear of all others; False if that takes `patience` s or more.

        The trip's own times count from its start. `replaces` is the actor's stay in a spot, which ends then.
        """
        others = [other for other in reversed(self.trips) if other is not replaces]
        for start in np.arange(earliest, earliest + patience, 0.4):
            late = trip.shifted(float(start))
            if all(self._clear(late, other) for other in others):
                if replaces is not None:
                    stay = replace(replaces, until=late.since, still=(replaces.still[0], late.since))
                    self.trips[self.trips.index(replaces)] = stay
                self.trips.append(late)
                return True
        return False

    def _clear(self, new: Trip, old: Trip) -> bool:
        """No meeting, not even 0.8 s apart, and the gate to itself."""
        if "person" not in (new.shape.label, old.shape.label):
            a, b = at_gate(new), at_gate(old)
            if a is not None and b is not None and a[0] < b[1] and b[0] < a[1]:
                return False
        room = (new.shape.size[0] + old.shape.size[0]) / 2 + 2.0
        if (new.reach[0] - room > old.reach[1]).any() or (old.reach[0] - room > new.reach[1]).any():
            return True  # their ways never come near each other
        last = max(new.times[-1], old.times[-1]) + 1.0
        grid = np.arange(new.times[0] - 1.0, min(last, new.until, old.until + 1.0), CHECK)
        poses, size = new.pose(grid), (new.shape.size[0] + 1.0, new.shape.size[1] + 0.15)
        for lag in (0.0, -0.8, 0.8):
            here = new.present(grid) & old.present(grid + lag)
            if (
                here.any()
                and overlap(poses[here], size, old.pose(grid[here] + lag), old.shape.size[:2]).any()
            ):
                return False
        return True


def at_gate(trip: Trip) -> tuple[float, float] | None:
    """First and last moment, s, when a vehicle is within 4 m of the gate line."""
    near = np.abs(trip.poses[:, 0] - GATE_X) < trip.shape.size[0] / 2 + 4.0
    return (float(trip.times[near][0]), float(trip.times[near][-1])) if near.any() else None


def crossings(trip: Trip) -> list[tuple[float, str]]:
    """Moments, s, and directions in which the trip's ground centre passes the gate line."""
    side = trip.poses[:, 0] - GATE_X
    found = []
    for i in np.flatnonzero(np.sign(side[1:]) * np.sign(side[:-1]) < 0):
        share = side[i] / (side[i] - side[i + 1])
        t = float(trip.times[i] + share * (trip.times[i + 1] - trip.times[i]))
        if GATE_Y[0] < trip.pose(t)[1] < GATE_Y[1]:
            found.append((t, "in" if side[i] < 0 else "out"))
    return found
