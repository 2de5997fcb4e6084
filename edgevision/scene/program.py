"""What happens in each minute of the scene: which vehicles come, park, leave or turn away, and who walks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from edgevision.scene.actors import MODELS
from edgevision.scene.shapes import Shape
from edgevision.scene.traffic import (
    GATE_X,
    LANE,
    LEFT,
    MINUTE,
    PATH_Y,
    RIGHT,
    WALK_Y,
    Leg,
    Timetable,
    Trip,
    at_gate,
    crossings,
    spot_centres,
    travel,
)

Point = tuple[float, float]
HEADWAY = 4.4  # s between the starts of two vehicles, before collisions put them off
PATIENCE = 8.0  # s a vehicle waits for a spot's turn before another spot is tried
REVERSING_X = 14.0  # m; beside a spot further right a reversing car would leave the picture


class Program:
    """Fills a timetable minute by minute.

    `ticket_x(shape)` says where, x in m, a vehicle stands with the bottom centre of its box on the gate line.
    """

    def __init__(self, seed: int, ticket_x: Callable[[Shape], float]) -> None:
        self.rng = np.random.default_rng((seed, 0))
        self.seed = seed
        self.ticket_x = ticket_x
        self.table = Timetable()
        self.spots = spot_centres()

    def run(self, seconds: float) -> tuple[Trip, ...]:
        """All trips that begin before `seconds`, rounded up to whole minutes.

        A minute depends on the seed and the minutes before it, so a longer run begins like a shorter one.
        """
        self._parked()
        for begin in np.arange(0.0, max(seconds, 1.0), MINUTE):
            before = list(self.table.trips)
            for attempt in range(100):  # three are enough for most seeds
                self.rng = np.random.default_rng((self.seed, int(begin) + 1, attempt))
                self.table.trips = list(before)
                self._minute(float(begin))
                if self._busy(float(begin)):
                    break
        return tuple(self.table.trips)

    def _busy(self, begin: float) -> bool:
        """Whether enough happens in the minute, and nothing is left open at its end.

        Through the gate: five vehicles in, three out, and someone on foot; in the lot: a car that comes to a
        spot and one that leaves. Nobody may be at the gate when the minute ends: who is on the line then has
        crossed it in truth, but nobody who counts can know yet.
        """
        end = begin + MINUTE
        came = any(trip.spot and begin < trip.still[0] < end for trip in self.table.trips)
        left = any(trip.spot and begin < trip.still[1] < end for trip in self.table.trips)
        ways, walkers = [], 0
        for trip in self.table.trips:
            near = at_gate(trip)
            if near and near[0] <= end <= near[1]:
                return False
            found = [way for t, way in crossings(trip) if begin + 2 < t < end]
            walkers += len(found) if trip.shape.label == "person" else 0
            ways += found if trip.shape.label != "person" else []
        return came and left and ways.count("in") >= 5 and ways.count("out") >= 3 and walkers > 0

    def _minute(self, begin: float) -> None:
        """Five in and four out by turns, each in random order; one that turns away; two walkers."""
        enter, leave = partial(self._through, inward=True), partial(self._through, inward=False)
        arrivals = [
            self._ticket,
            self._park,
            self._park,
            partial(enter, "truck bus"),
            partial(enter, "motorcycle"),
        ]
        third = "truck bus" if self.rng.random() < 0.5 else "motorcycle"
        departures = [
            self._leave,
            self._leave,
            partial(leave, third),
            partial(leave, "car car truck bus motorcycle"),
        ]
        first, second = self.rng.permutation(len(arrivals)), self.rng.permutation(len(departures))
        queue = [move for i, j in zip(first, second, strict=False) for move in (arrivals[i], departures[j])]
        queue.append(arrivals[first[-1]])
        queue.insert(int(self.rng.integers(2, 7)), self._turn_away)
        for i, move in enumerate(queue):
            move(begin - 1.0 + i * HEADWAY + self.rng.uniform(0, 0.8))
        self._walk(begin + self.rng.uniform(0, 25), gate=True)
        self._walk(begin + self.rng.uniform(0, 35), gate=bool(self.rng.random() < 0.3))

    def _model(self, label: str) -> Shape:
        return MODELS[label](self.rng)

    def _parked(self) -> None:
        """Cars that stand in about 60 % of the spots from the start; each row has a free one."""
        free = {f"A{self.rng.integers(1, 9)}", f"A{self.rng.integers(1, 9)}", f"B{self.rng.integers(1, 5)}"}
        for spot, (x, y) in self.spots.items():
            if spot in free or self.rng.random() < 0.3:
                continue
            heading = np.copysign(np.pi / 2, y) * (1 if self.rng.random() < 0.6 else -1)
            pose = np.array([[x + self.rng.uniform(-0.08, 0.08), y, heading, 0.0]])
            still = (-np.inf, np.inf)
            trip = Trip(self.table.next_actor, self._model("car"), np.zeros(1), pose, spot=spot, still=still)
            self.table.trips.append(trip)

    def _drive(
        self, shape: Shape, legs: list[Leg], earliest: float, spot: str = "", patience: float = 600
    ) -> bool:
        """Schedule a vehicle that comes into the picture; with `spot` it stays there."""
        times, poses = travel(legs, self.rng.uniform(3.8, 5.4), (True, not spot))
        end = float(times[-1])
        until = np.inf if spot else end
        trip = Trip(self.table.next_actor, shape, times, poses, 0.0, until, spot, (end, np.inf))
        return self.table.add(trip, earliest, patience)

    def _ticket(self, earliest: float) -> None:
        """Halts with its box's bottom centre on the gate line, then goes on."""
        shape = self._model("car")
        begin, halt = (LEFT - shape.size[0] / 2, -LANE), (self.ticket_x(shape), -LANE)
        legs = [
            Leg([begin, halt], hold=self.rng.uniform(3.2, 5.6)),
            Leg([halt, (RIGHT + shape.size[0], -LANE)]),
        ]
        self._drive(shape, legs, earliest)

    def _turn_away(self, earliest: float) -> None:
        """Halts before the gate and backs out again."""
        shape = self._model("car")
        begin = (LEFT - shape.size[0] / 2, -LANE)
        halt = (GATE_X - shape.size[0] / 2 - self.rng.uniform(1.6, 2.6), -LANE)
        legs = [Leg([begin, halt], hold=self.rng.uniform(1.5, 2.5)), Leg([halt, begin], reverse=True)]
        self._drive(shape, legs, earliest)

    def _through(self, labels: str, earliest: float, inward: bool) -> None:
        """One of the labels, drawn at random, drives along the whole road."""
        shape = self._model(str(self.rng.choice(labels.split())))
        left, right = LEFT - shape.size[0] / 2, RIGHT + shape.size[0] / 2
        ends: list[Point] = [(left, -LANE), (right, -LANE)] if inward else [(right, LANE), (left, LANE)]
        self._drive(shape, [Leg(ends)], earliest)

    def _park(self, earliest: float) -> None:
        """Drives to a free spot and stays, nose in or backwards; drives on where no spot can be reached."""
        taken = {trip.spot for trip in self.table.trips if trip.until == np.inf}
        free = [spot for spot in self.spots if spot not in taken]
        for spot in self.rng.permutation(free):
            x, y = self.spots[spot]
            shape = self._model("car")
            lane = -LANE if y > 0 else LANE  # the far lane gives room for the turn
            way: list[Point] = [(LEFT - shape.size[0] / 2, -LANE)]
            way += [] if y > 0 else [(x - 8.5, -LANE)]
            legs = [Leg([*way, (x, lane), (x, y)])]
            if x < REVERSING_X and self.rng.random() < 0.5:
                beyond = (x + 6.0, lane)
                way += [] if y > 0 else [(x - 0.5, LANE)]
                legs = [Leg([*way, beyond], hold=0.8), Leg([beyond, (x, lane), (x, y)], reverse=True)]
            if self._drive(shape, legs, earliest, str(spot), PATIENCE):
                return
        self._through("car", earliest, inward=True)

    def _leave(self, earliest: float) -> None:
        """A parked car drives away; one comes from beyond the lot where none can."""
        stays = [trip for trip in self.table.trips if trip.spot and trip.until == np.inf]
        stays = [trip for trip in stays if trip.still[0] < earliest - 8 and trip.poses[-1, 0] < REVERSING_X]
        for i in self.rng.permutation(len(stays)):
            stay = stays[i]
            x, y = stay.poses[-1, :2]
            lane, left = (-LANE if y > 0 else LANE), LEFT - stay.shape.size[0] / 2
            beyond = (x + 6.0, lane)
            merge: list[Point] = [(x - 3.0, LANE)] if y > 0 else []
            legs = [Leg([(x, y), (x, lane), (x - 9.0, LANE), (left, LANE)])]
            if np.sin(stay.poses[-1, 2]) * y > 0:  # it stands nose in
                back = Leg([(x, y), (x, lane), beyond], reverse=True, hold=0.8)
                legs = [back, Leg([beyond, *merge, (left, LANE)])]
            times, poses = travel(legs, self.rng.uniform(3.8, 5.0), (False, True))
            trip = Trip(stay.actor, stay.shape, times, poses, 0.0, float(times[-1]))
            if self.table.add(trip, earliest, PATIENCE, replaces=stay):
                return
        self._through("car", earliest, inward=False)

    def _walk(self, earliest: float, gate: bool) -> None:
        """Walks along the camera's side, or through the gate between the road's footpath and there."""
        shape, drift = self._model("person"), self.rng.uniform(-0.3, 0.3)
        path, walk = PATH_Y + drift, WALK_Y + drift
        way: list[Point] = [(26.0, walk), (-12.0, walk)]
        if gate:
            way = [(LEFT + 4, path), (-1.5, path), (1.5, walk), (26.0, walk)]
        way = way if self.rng.random() < (0.75 if gate else 0.5) else way[::-1]
        times, poses = travel([Leg(way)], self.rng.uniform(1.15, 1.45), (True, True))
        trip = Trip(self.table.next_actor, shape, times, poses, 0.0, float(times[-1]))
        self.table.add(trip, earliest, patience=600)
