"""Workers and live cameras without threads, by a clock that only the test turns."""

import heapq
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edgevision.core import Frame
from edgevision.inference.tiles import Tiles
from edgevision.pipeline.lane import Ticket
from edgevision.pipeline.scheduler import IN_FLIGHT_PER_WORKER, Scheduler

PIXEL = np.zeros((1, 1, 3), np.uint8)


@dataclass(frozen=True)
class Camera:
    """Gives `rate` frames/s from `begin` on, or from `again` on after a pause that begins at `pause`."""

    rate: float
    priority: float = 1.0
    begin: float = 0.0
    pause: float = float("inf")
    again: float = float("inf")
    tiles: Tiles | None = None

    def times(self, until: float) -> list[float]:
        times = self.begin + np.arange(int((until - self.begin) * self.rate)) / self.rate
        return [float(time) for time in times if not self.pause <= time < self.again]


class Simulation:
    """Workers that take `seconds` for each picture, up to `batch` at once, on frames of live cameras."""

    def __init__(self, cameras: Sequence[Camera], seconds: float, workers: int = 1, batch: int = 1) -> None:
        self.scheduler = Scheduler(workers)
        self.lanes = [
            self.scheduler.lane(f"c{n}", live=True, tiles=each.tiles, priority=each.priority)
            for n, each in enumerate(cameras)
        ]
        self.cameras, self.seconds, self.workers, self.batch = cameras, seconds, workers, batch
        self.taken: list[tuple[float, int]] = []  # when, and of which camera
        self.ages: list[float] = []  # s that each of these was old then

    def ready(self) -> bool:
        most = IN_FLIGHT_PER_WORKER * self.workers
        return any(lane.waiting and len(lane.in_flight) < most for lane in self.lanes)

    def run(self, until: float) -> "Simulation":
        frames = [(t, n) for n, each in enumerate(self.cameras) for t in each.times(until)]
        free = self.workers
        ends: list[tuple[float, int, list[Ticket]]] = []
        coming = sorted(frames)[::-1]
        index = 0
        while coming or ends:
            if not ends or (coming and coming[-1][0] <= ends[0][0]):
                now, camera = coming.pop()
                self._put(camera, now, index)
                index += 1
            else:
                now, _, tickets = heapq.heappop(ends)
                self._finish(tickets)
                free += 1
            while free and self.ready():
                tickets = self.scheduler.take_several(self.batch)
                self.taken += [(now, self.lanes.index(ticket.lane)) for ticket in tickets]
                self.ages += [now - ticket.frame.captured for ticket in tickets]
                pictures = sum(ticket.lane.views for ticket in tickets)
                heapq.heappush(ends, (now + self.seconds * pictures, len(self.taken), tickets))
                free -= 1
        return self

    def _put(self, camera: int, now: float, index: int) -> None:
        lane = self.lanes[camera]
        self.scheduler.put(lane, Frame(lane.camera, 1, index, PIXEL, now, now, now), now)

    def _finish(self, tickets: Sequence[Ticket]) -> None:
        for ticket in tickets:
            self.scheduler.done(ticket, "seen")
        for lane in self.lanes:
            while lane.in_flight and lane.in_flight[0].result:
                self.scheduler.committed(lane.in_flight[0])

    def rates(self, since: float, until: float) -> list[float]:
        """Frames/s of each camera that were taken between two times."""
        seen = Counter(camera for time, camera in self.taken if since <= time < until)
        return [seen[n] / (until - since) for n in range(len(self.cameras))]
