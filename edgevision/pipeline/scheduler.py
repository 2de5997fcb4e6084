"""Hands the frames of many cameras to a few workers, and gives each camera its results back in order.

    capture --put--> [waiting] --take--> worker --done--> [in flight, in order] --next_done--> commit

A file waits for room, so nothing is lost. A live camera keeps only its newest frame: the older one is
dropped and counted. After `take` nothing is dropped any more: the dear work is being done.

All cameras share one lock, held for a few list operations, so that a scrape sees every frame exactly once.
Each camera has its own conditions on it: a frame of one of 64 cameras wakes one worker and one committer.
Waking all of them took 2280 us of CPU a frame instead of 1410 with 64 cameras (tests/bench/host_scale.py).
"""

import time
from dataclasses import replace
from threading import Condition, Lock
from typing import Any

from edgevision.accounts import FrameCounts
from edgevision.core.types import Frame
from edgevision.inference.region import Window
from edgevision.inference.tiles import Tiles
from edgevision.pipeline.errands import MOST, Errand
from edgevision.pipeline.fairness import Fairness
from edgevision.pipeline.lane import Lane, Ticket
from edgevision.pipeline.permits import Permits

WAITING_FILE = 2  # frames decoded ahead of the workers: one per worker hides the decoder's pauses
IN_FLIGHT_PER_WORKER = 2  # results kept while an older frame of the same camera is still being worked on


class Scheduler:
    """Shared by all cameras of one model. First comes who had least of it so far, see Fairness."""

    def __init__(self, workers: int, permits: Permits | None = None) -> None:
        """permits: that workers share with those of other models; without, each may run at any time."""
        self._most_in_flight = IN_FLIGHT_PER_WORKER * workers
        self._permits = permits
        self._lock = permits.lock if permits else Lock()
        self._work = permits.join() if permits else Condition(self._lock)  # of the workers
        self._lanes: list[Lane] = []
        self._fairness = Fairness()
        self._shift = 0  # of workers: those of an earlier one leave
        self._held = False
        self._left = False  # whether workers left, as all cameras had ended
        self._stopped = False
        self._aborted = False

    def lane(
        self,
        camera: str,
        live: bool,
        tiles: Tiles | None = None,
        priority: float = 1.0,
        region: Window | None = None,
    ) -> Lane:
        """Add a camera: before the first `take`, or while the scheduler is held."""
        room, first = Condition(self._lock), Condition(self._lock)
        lane = Lane(camera, live, room, first, tiles, region, tiles.views if tiles else 1, priority)
        with self._lock:
            self._lanes.append(lane)
        return lane

    def change_shift(self, shift: int, workers: int) -> None:
        """So many workers of another shift take over: the others leave after the frames that they have."""
        with self._lock:
            self._most_in_flight = IN_FLIGHT_PER_WORKER * workers
            self._shift = shift
            self._left = False
            self._work.notify_all()

    def hold(self, held: bool) -> bool:
        """While it is held, workers wait for cameras to come, though all have ended. True: that was so
        before, and they have left."""
        with self._lock:
            self._held = held
            self._work.notify_all()
            return self._left

    def leave(self, lane: Lane, *, at_once: bool = False) -> None:
        """Drop what waits of a camera that is removed; what is in flight still comes out, unless at once."""
        with self._lock:
            lane.ended, lane.left, lane.given_up = True, True, at_once
            if at_once:
                for ticket in lane.in_flight:
                    self._give_back(ticket)  # a run that hangs would keep it for good
                lane.in_flight.clear()
            lane.dropped["shutdown"] += len(lane.waiting)
            lane.waiting.clear()
            if not lane.in_flight and lane in self._lanes:
                self._lanes.remove(lane)
            self._wake_all(lane)

    def put(self, lane: Lane, frame: Frame, now: float) -> bool:
        """Give in a frame at `now`, time.monotonic() s. A file waits for room; a live camera never waits.
        False: stopped, frame refused."""
        with self._lock:
            if not lane.live:
                lane.room.wait_for(lambda: self._stopped or lane.left or len(lane.waiting) < WAITING_FILE)
            if self._stopped or lane.left:
                return False
            lane.captured += 1
            lane.progress["captured"] = now
            if lane.live and lane.waiting:
                left_out = lane.waiting.popleft().frame
                lane.dropped["overload"] += 1
                self._fairness.lost()
                if frame.still is None and left_out.still is not None:
                    frame = replace(frame, still=left_out.still)  # nobody else would tell
            lane.waiting.append(Ticket(lane, frame, queued=now))
            self._work.notify()
            return True

    def drop(self, lane: Lane, reason: str) -> None:
        """Account for a frame that was captured but not wanted."""
        with self._lock:
            lane.captured += 1
            now = lane.progress["captured"] = time.monotonic()
            lane.dropped[reason] += 1
            if reason == "still" and not lane.waiting and not lane.in_flight:
                # All that there is to see has been seen: a camera that shows nothing new does not hang.
                lane.progress["inferred"] = lane.progress["committed"] = now

    def end(self, lane: Lane) -> None:
        """No more frames will come from this camera; what waits is still worked on."""
        with self._lock:
            lane.ended = True
            self._wake_all(lane)

    def take(self) -> Ticket | None:
        """Wait for the next frame to work on. None when there will be none any more."""
        return next(iter(self.take_several(1)), None)

    def take_several(self, most: int, shift: int | None = None) -> list[Ticket]:
        """Wait for the next frame, and take with it those of other cameras that wait already, see Fairness:
        as many as make up to `most` pictures for the network, and one at least. None are waited for, as the
        next ones gather while these are worked on. Empty when there will be none any more, also for
        a worker whose shift is over."""
        with self._lock:
            while shift is None or shift == self._shift:
                most_each = self._most_in_flight
                ready = [lane for lane in self._lanes if lane.waiting and len(lane.in_flight) < most_each]
                if ready and (self._permits is None or self._permits.take()):
                    tickets = [self._begin(lane) for lane in self._fairness.next(ready, most)]
                    tickets[-1].permit = True
                    return tickets
                ended = all(lane.ended and not lane.waiting for lane in self._lanes)
                if self._stopped or (ended and not self._held):
                    self._left = True
                    return []
                self._work.wait()
            return []

    def done(self, ticket: Ticket, result: Any) -> None:
        """A worker is through with a frame. Frames that were taken together are done in that order."""
        with self._lock:
            ticket.result = result
            ticket.lane.progress["inferred"] = time.monotonic()
            ticket.lane.first.notify()
            self._give_back(ticket)

    def ask(self, lane: Lane, errand: Errand) -> bool:
        """Have the committer do it before its next frame, also where none comes. False: too many wait."""
        with self._lock:
            if len(lane.errands) >= MOST:
                return False
            lane.errands.append(errand)
            lane.first.notify_all()
            return True

    def next_done(self, lane: Lane) -> Ticket | None:
        """Wait until the camera's oldest frame in flight is done; None when none will be any more. What is
        asked of the committer meanwhile is done here, in its thread.

        The frame stays in flight until `committed`.
        """
        while isinstance(found := self._next(lane), Errand):
            found.run()
        return found

    def _next(self, lane: Lane) -> Ticket | Errand | None:
        with self._lock:
            while not self._aborted:
                if lane.errands:
                    return lane.errands.popleft()
                if lane.in_flight and lane.in_flight[0].result is not None:
                    return lane.in_flight[0]
                finished = self._stopped or (lane.ended and not lane.waiting)
                if finished and not lane.in_flight:
                    return None
                lane.first.wait()
            return None

    def committed(self, ticket: Ticket) -> None:
        """The frame went the whole way."""
        with self._lock:
            lane = ticket.lane
            if lane.given_up:
                return
            lane.in_flight.popleft()
            lane.processed += 1
            lane.progress["committed"] = time.monotonic()
            if lane.left and not lane.in_flight:
                self._lanes.remove(lane)
            if lane.waiting:
                self._work.notify()  # it may have been at its most in flight

    def stop(self) -> None:
        """Drop what waits; what is in flight still comes out. Wakes everybody who waits."""
        with self._lock:
            self._stopped = True
            for lane in self._lanes:
                lane.dropped["shutdown"] += len(lane.waiting)
                lane.waiting.clear()
                self._wake_all(lane)
            self._work.notify_all()

    def abort(self) -> None:
        """Stop, and give out nothing more: a worker has failed, so what is in flight may never be done."""
        with self._lock:
            self._aborted = True
        self.stop()

    def counts(self) -> dict[str, FrameCounts]:
        """The account of every camera, all at one moment."""
        with self._lock:
            return {lane.camera: lane.counts() for lane in self._lanes}

    def progress(self) -> dict[str, dict[str, float]]:
        """By camera and step: time.monotonic() when a frame was last through with it."""
        with self._lock:
            return {lane.camera: dict(lane.progress) for lane in self._lanes}

    def _begin(self, lane: Lane) -> Ticket:
        ticket = lane.waiting.popleft()
        lane.served += lane.cost
        lane.in_flight.append(ticket)
        lane.room.notify()
        if lane.ended and not lane.waiting:
            self._work.notify_all()  # this was the last frame: whoever waits for another ends
        return ticket

    def _give_back(self, ticket: Ticket) -> None:
        if self._permits and ticket.permit:
            ticket.permit = False
            self._permits.give_back()

    def _wake_all(self, lane: Lane) -> None:
        lane.room.notify_all()
        lane.first.notify_all()
        self._work.notify_all()
