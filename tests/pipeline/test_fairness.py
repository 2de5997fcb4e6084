"""Who goes first when not all can: simulated."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.core import Frame
from edgevision.inference.tiles import Tiles
from edgevision.pipeline.lane import Ticket
from edgevision.pipeline.scheduler import IN_FLIGHT_PER_WORKER, Scheduler
from tests.pipeline.simulation import PIXEL, Camera, Simulation


def water(cameras: Sequence[Camera], frames: float) -> list[float]:
    """Weighted max-min shares of so many frames/s: nobody gets more than it asks for, and what is left is for
    the others by their priorities. By progressive filling (Bertsekas and Gallager, Data Networks, 6.5.2)."""
    shares, left = [0.0] * len(cameras), set(range(len(cameras)))
    while left:
        level = frames / sum(cameras[n].priority for n in left)
        full = {n for n in left if cameras[n].rate <= level * cameras[n].priority}
        for n in full or left:
            shares[n] = min(cameras[n].rate, level * cameras[n].priority)
            frames -= shares[n]
        left -= full or left
    return shares


def check(cameras: Sequence[Camera], frames: float, workers: int = 1, within: float = 0.02) -> None:
    """Long enough for the first and the last frame to make no difference: 2000 frames and more."""
    until = 2000 / frames + 10
    rates = Simulation(cameras, workers / frames, workers).run(until).rates(5, until - 5)
    assert rates == pytest.approx(water(cameras, frames), rel=within)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("frames", [13, 40, 100])
@pytest.mark.parametrize("apart", [0.0, 0.001, 0.011])
def test_equal_cameras_get_equal_shares(workers: int, frames: int, apart: float) -> None:
    """Whatever the phases at which their frames come."""
    check([Camera(30, begin=apart * n) for n in range(4)], frames, workers)


def test_a_slow_camera_gets_all_its_frames_as_long_as_they_are_less_than_its_share() -> None:
    check([Camera(5, begin=0.013), Camera(30), Camera(30, begin=0.01)], 40)


def test_cameras_of_different_rates_get_equal_shares_when_none_gets_all() -> None:
    check([Camera(25, begin=0.013), Camera(30), Camera(15, begin=0.01)], 40)


@pytest.mark.parametrize("rate", [9, 15, 30])
def test_what_is_looked_at_under_overload_is_fresh(rate: int) -> None:
    """Any choice that does not look at ages gets, of frames that wait until the next one comes, on average
    those of half an interval; the oldest first nearly all of it."""
    cameras = [Camera(rate, begin=n / 16 / rate) for n in range(16)]
    ages = Simulation(cameras, 2 / 120, workers=2).run(60).ages
    assert np.median(ages) < 0.25 / rate


@pytest.mark.parametrize("frames", [7, 20, 35])
def test_shares_are_as_the_priorities(frames: float) -> None:
    """1:2:4, down to where the last gets two thirds of its frames."""
    cameras = [Camera(30, 1), Camera(30, 2, begin=0.01), Camera(30, 4, begin=0.02)]
    assert water(cameras, frames) == [frames / 7, 2 * frames / 7, 4 * frames / 7]
    check(cameras, frames)


def test_many_cameras_on_two_workers_get_their_shares() -> None:
    check([Camera(10 + n, 1 + n % 3, begin=0.003 * n) for n in range(16)], 100, workers=2)


def test_a_frame_in_tiles_counts_as_many_pictures_as_it_makes() -> None:
    """Of 30 pictures/s each camera gets 10: ten frames, and two of five pictures each."""
    cameras = [Camera(30), Camera(30, begin=0.01), Camera(30, begin=0.02, tiles=Tiles(columns=2, rows=2))]
    simulation = Simulation(cameras, 1 / 30).run(110)
    assert simulation.rates(5, 105) == pytest.approx([10, 10, 2], rel=0.02)


@pytest.mark.parametrize("priority", [0.1, 1, 10])
def test_a_camera_that_was_silent_has_saved_nothing_up(priority: float) -> None:
    """A minute's silence of one of three. In the second after it every camera has what it has later on,
    but for a frame or two of the one that comes back."""
    cameras = [
        Camera(30, priority, pause=30, again=90),
        Camera(30, begin=0.01),
        Camera(30, begin=0.02),
    ]
    simulation = Simulation(cameras, 1 / 20).run(130)
    assert simulation.rates(40, 80) == pytest.approx([0, 10, 10], rel=0.02)
    fair = water(cameras, 20)
    for got, share in zip(simulation.rates(90, 91), fair, strict=True):
        assert abs(got - share) <= 3
    assert simulation.rates(95, 125) == pytest.approx(fair, rel=0.05, abs=0.1)


def test_cameras_that_come_are_not_served_for_the_time_before_they_came() -> None:
    cameras = [Camera(30), Camera(30, begin=60)]
    simulation = Simulation(cameras, 1 / 20).run(90)
    assert simulation.rates(60, 61) == pytest.approx([10, 10], abs=2)


def test_without_overload_every_frame_is_taken_whatever_the_priorities() -> None:
    cameras = [Camera(10, 0.1), Camera(10, 10, begin=0.01), Camera(10, 1, begin=0.011)]
    simulation = Simulation(cameras, 1 / 31).run(60)
    assert not any(lane.dropped for lane in simulation.lanes)


def test_a_file_loses_nothing_and_has_its_share_beside_a_live_camera() -> None:
    """It always has a frame waiting; so has the live one, whose rate is ten times what there is."""
    scheduler = Scheduler(workers=1)
    file, live = scheduler.lane("file", live=False), scheduler.lane("live", live=True, priority=3)
    seen: list[tuple[str, int]] = []
    for step in range(400):
        for lane in (file, live):
            if lane is live or not lane.waiting:
                index = sum(camera == "file" for camera, _ in seen) if lane is file else step
                scheduler.put(lane, Frame(lane.camera, 1, index, PIXEL, step, step, step), float(step))
        ticket = scheduler.take()
        assert ticket
        seen.append((ticket.lane.camera, ticket.frame.index))
        scheduler.done(ticket, "seen")
        scheduler.committed(ticket)
    indices = [index for camera, index in seen if camera == "file"]
    assert indices == list(range(100))
    assert not file.dropped


some = st.builds(
    Camera,
    rate=st.integers(1, 60),
    priority=st.floats(0.1, 10),
    begin=st.floats(0, 0.1),
    pause=st.floats(1, 3),
    again=st.floats(3, 5),
    tiles=st.sampled_from([None, Tiles(columns=2, rows=1), Tiles(columns=3, rows=2, whole=False)]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(some, min_size=1, max_size=6), st.floats(2, 100), st.integers(1, 3), st.integers(1, 8))
def test_nobody_starves(cameras: list[Camera], pictures: float, workers: int, batch: int) -> None:
    """While a frame of one camera waits, any other is served at most as often as their costs say, and twice:
    the credit of the one, and the start of the other. Costs are pictures of a frame over priority."""
    simulation = Simulation(cameras, workers / pictures, workers, batch)
    costs = [lane.views / each.priority for lane, each in zip(simulation.lanes, cameras, strict=True)]
    passed = [Counter[int]() for _ in cameras]  # by camera that waits: frames of others that went before
    take = simulation.scheduler.take_several

    def watched(most: int, shift: int | None = None) -> list[Ticket]:
        waits = [n for n, lane in enumerate(simulation.lanes) if lane.waiting]
        tickets = take(most)
        numbers = {simulation.lanes.index(ticket.lane) for ticket in tickets}
        assert numbers  # work-conserving: the simulation only asks when a frame waits
        for n in waits:
            held = len(simulation.lanes[n].in_flight) == IN_FLIGHT_PER_WORKER * workers
            if n in numbers or held:
                passed[n].clear()
                continue
            passed[n].update(numbers)
            for other, often in passed[n].items():
                assert often <= np.floor(costs[n] / costs[other] + 1e-6) + 2
        return tickets

    simulation.scheduler.take_several = watched  # type: ignore[method-assign]
    simulation.run(6)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.1, 10), st.integers(1, 4)), min_size=2, max_size=6), st.integers(20, 200)
)
def test_who_always_waits_is_never_further_behind_than_a_frame(
    cameras: list[tuple[float, int]], takes: int
) -> None:
    """The bound of the paper's Theorem 1: of two that wait all the time, what each had for its priority
    differs by the cost of a frame of one and one of the other."""
    scheduler = Scheduler(workers=1)
    tiles = [None if n == 1 else Tiles(columns=n, rows=1, whole=False) for _, n in cameras]
    lanes = [
        scheduler.lane(f"c{n}", live=True, tiles=tiles[n], priority=priority)
        for n, (priority, _) in enumerate(cameras)
    ]
    had = [0.0] * len(cameras)
    cost = [views / priority for priority, views in cameras]
    for step in range(takes):
        for lane in lanes:
            scheduler.put(lane, Frame(lane.camera, 1, step, PIXEL, step, step, step), float(step))
        ticket = scheduler.take()
        assert ticket
        number = lanes.index(ticket.lane)
        had[number] += cost[number]
        scheduler.done(ticket, "seen")
        scheduler.committed(ticket)
        for a in range(len(lanes)):
            for b in range(a):
                assert abs(had[a] - had[b]) <= cost[a] + cost[b] + 1e-6
