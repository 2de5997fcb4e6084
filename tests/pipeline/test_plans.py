"""How networks share the cores: what is planned, and that workers keep to it."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core import Frame
from edgevision.inference.settings import Mode
from edgevision.pipeline.lane import Lane
from edgevision.pipeline.permits import Permits
from edgevision.pipeline.plans import Asked, plan_workers, shared_cores
from edgevision.pipeline.scheduler import Scheduler

MODES: Sequence[Mode] = ("auto", "throughput", "latency")


@pytest.mark.parametrize(
    ("wanted", "mode", "lives", "expected"),
    [
        (None, "auto", [True], (1, 4, "latency: one live camera")),
        (None, "auto", [True, True], (4, 1, "throughput: several cameras, 2 cameras")),
        (None, "auto", [False], (4, 1, "throughput: a file, 1 camera")),
        (None, "latency", [False, True], (1, 4, "as configured: `mode: latency`")),
        (None, "throughput", [True], (4, 1, "as configured: `mode: throughput`, 1 camera")),
        (3, "latency", [True], (3, 1, "as configured: `workers`")),
    ],
)
def test_one_network_has_all_cores(
    wanted: int | None, mode: Mode, lives: list[bool], expected: tuple[int, int, str]
) -> None:
    plan = plan_workers({"a": Asked(wanted, mode, lives)}, 4)["a"]
    assert (plan.workers, plan.threads, plan.why) == expected


asked = st.builds(
    Asked,
    st.none() | st.integers(1, 8),
    st.sampled_from(MODES),
    st.lists(st.booleans(), min_size=1, max_size=3),
)


@given(st.dictionaries(st.text("abcde", min_size=1, max_size=1), asked, min_size=1), st.integers(1, 64))
def test_networks_use_no_more_cores_than_there_are(networks: dict[str, Asked], cores: int) -> None:
    plans = plan_workers(networks, cores)
    fixed = sum(each.workers * each.threads for each in plans.values() if not each.shared)
    sharing = any(each.shared for each in plans.values())
    running = fixed + (shared_cores(plans.values(), cores) if sharing else 0)
    by_hand = sum(each.workers or 0 for each in networks.values())  # is done, whatever it costs
    crowded = sum(each.mode == "latency" and not each.workers for each in networks.values()) + sharing
    assert running <= max(cores, by_hand + crowded)  # nothing can be less than one core


def frame(lane: Lane) -> Frame:
    return Frame(lane.camera, 1, 0, np.zeros((1, 1, 3), np.uint8), 0.0, 0.0, 0.0)


def test_workers_of_several_networks_wait_for_a_permit() -> None:
    permits = Permits(1)
    first, second = Scheduler(2, permits), Scheduler(2, permits)
    lanes = first.lane("a", live=True), second.lane("b", live=True)
    first.put(lanes[0], frame(lanes[0]), 0.0)
    second.put(lanes[1], frame(lanes[1]), 0.0)
    ticket = first.take()
    assert ticket
    taken: list[object] = []
    worker = threading.Thread(target=lambda: taken.append(second.take()), name="second worker")
    worker.start()
    worker.join(0.2)
    assert worker.is_alive()  # there is a frame for it, and no core
    first.done(ticket, "seen")
    worker.join(5)
    assert len(taken) == 1


def test_permits_that_are_added_wake_who_waits() -> None:
    permits = Permits(0)
    scheduler = Scheduler(1, permits)
    lane = scheduler.lane("a", live=True)
    scheduler.put(lane, frame(lane), 0.0)
    taken: list[object] = []
    worker = threading.Thread(target=lambda: taken.append(scheduler.take()), name="worker")
    worker.start()
    worker.join(0.2)
    assert worker.is_alive()
    permits.resize(1)
    worker.join(5)
    assert len(taken) == 1


def test_each_network_gets_its_frames_through() -> None:
    """Two networks of several workers and cameras on two permits: nothing is lost, nobody waits for ever, and
    never do more than two work."""
    cameras, frames = 5, 40
    permits = Permits(2)
    schedulers = [Scheduler(3, permits), Scheduler(3, permits)]
    working, most, lock, seen = 0, 0, threading.Lock(), [0, 0]

    def work(which: int) -> None:
        nonlocal working, most
        while ticket := schedulers[which].take():
            with lock:
                working += 1
                most = max(most, working)
            with lock:
                working -= 1
            schedulers[which].done(ticket, "seen")

    def feed(scheduler: Scheduler, lane: Lane) -> None:
        for _ in range(frames):
            scheduler.put(lane, frame(lane), 0.0)
        scheduler.end(lane)

    def commit(which: int, lane: Lane) -> None:
        while ticket := schedulers[which].next_done(lane):
            schedulers[which].committed(ticket)
            with lock:
                seen[which] += 1

    threads = []
    for which, scheduler in enumerate(schedulers):
        for n in range(cameras):
            lane = scheduler.lane(f"{which}-{n}", live=False)
            threads.append(threading.Thread(target=feed, args=(scheduler, lane), name=f"feed {lane.camera}"))
            threads.append(threading.Thread(target=commit, args=(which, lane), name=f"end {lane.camera}"))
        threads += [threading.Thread(target=work, args=(which,), name=f"work {which}") for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not [thread.name for thread in threads if thread.is_alive()]
    assert seen == [cameras * frames] * 2
    assert most <= 2
