import threading
import time
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core import Frame
from edgevision.pipeline.lane import Lane
from edgevision.pipeline.scheduler import WAITING_FILE, Scheduler


def frame(lane: Lane, index: int, captured: float = 0.0) -> Frame:
    return Frame(lane.camera, 1, index, np.zeros((1, 1, 3), np.uint8), index / 10, 0.0, captured)


def test_among_cameras_that_had_as_much_the_oldest_frame_goes_first() -> None:
    scheduler = Scheduler(workers=1)
    a, b = scheduler.lane("a", live=True), scheduler.lane("b", live=True)
    scheduler.put(a, frame(a, 0, captured=5.0), 5.0)
    scheduler.put(b, frame(b, 0, captured=3.0), 5.0)
    assert [ticket.lane.camera for ticket in (scheduler.take(), scheduler.take()) if ticket] == ["b", "a"]


def test_a_live_camera_keeps_its_newest_frame_and_counts_the_others() -> None:
    scheduler = Scheduler(workers=1)
    lane = scheduler.lane("a", live=True)
    for index in range(5):
        assert scheduler.put(lane, frame(lane, index), 0.0)
    ticket = scheduler.take()
    assert ticket
    assert ticket.frame.index == 4
    counts = scheduler.counts()["a"]
    assert (counts.captured, counts.dropped, counts.in_flight) == (5, {"overload": 4}, 1)


def test_a_file_waits_for_room() -> None:
    scheduler = Scheduler(workers=1)
    lane = scheduler.lane("a", live=False)
    put = threading.Event()

    def fill() -> None:
        for index in range(WAITING_FILE + 1):
            scheduler.put(lane, frame(lane, index), 0.0)
        put.set()

    thread = threading.Thread(target=fill, name="filler")
    thread.start()
    assert not put.wait(0.1)
    scheduler.take()
    assert put.wait(5)
    thread.join(5)
    assert scheduler.counts()["a"].dropped == {}


def test_results_come_in_order_of_frames_whoever_is_done_first() -> None:
    scheduler = Scheduler(workers=2)
    lane = scheduler.lane("a", live=False)
    for index in range(2):
        scheduler.put(lane, frame(lane, index), 0.0)
    scheduler.end(lane)
    first, second = scheduler.take(), scheduler.take()
    assert first
    assert second
    scheduler.done(second, "second")
    scheduler.done(first, "first")
    for expected in ("first", "second"):
        ticket = scheduler.next_done(lane)
        assert ticket
        assert ticket.result == expected
        scheduler.committed(ticket)
    assert scheduler.next_done(lane) is None
    assert scheduler.take() is None


def test_stop_drops_what_waits_and_finishes_what_is_in_flight() -> None:
    scheduler = Scheduler(workers=1)
    lane = scheduler.lane("a", live=False)
    for index in range(2):
        scheduler.put(lane, frame(lane, index), 0.0)
    ticket = scheduler.take()
    assert ticket
    scheduler.stop()
    assert not scheduler.put(lane, frame(lane, 2), 0.0)
    assert scheduler.take() is None
    scheduler.done(ticket, "done")
    assert scheduler.next_done(lane) is ticket
    scheduler.committed(ticket)
    assert scheduler.next_done(lane) is None
    counts = scheduler.counts()["a"]
    assert (counts.captured, counts.processed, counts.dropped["shutdown"], counts.in_flight) == (2, 1, 1, 0)


def test_abort_does_not_wait_for_what_may_never_be_done() -> None:
    scheduler = Scheduler(workers=1)
    lane = scheduler.lane("a", live=False)
    scheduler.put(lane, frame(lane, 0), 0.0)
    scheduler.take()
    waiting = threading.Thread(target=lambda: scheduler.next_done(lane), name="committer")
    waiting.start()
    scheduler.abort()
    waiting.join(5)
    assert not waiting.is_alive()


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 25)), min_size=1, max_size=3),
    st.integers(1, 4),
    st.randoms(use_true_random=False),
)
def test_every_frame_is_accounted_for_at_every_moment(
    cameras: list[tuple[bool, int]], workers: int, random: st.DrawFn
) -> None:
    """Real threads; whatever their timing, the account is exact whenever somebody looks."""
    scheduler = Scheduler(workers)
    lanes = [scheduler.lane(f"camera{n}", live) for n, (live, _) in enumerate(cameras)]
    committed: dict[str, list[int]] = {lane.camera: [] for lane in lanes}
    wrong: list[object] = []

    def capture(lane: Lane, frames: int) -> None:
        for index in range(frames):
            scheduler.put(lane, frame(lane, index, captured=index), 0.0)
        scheduler.end(lane)

    def work() -> None:
        while ticket := scheduler.take():
            time.sleep(0.0002 * (ticket.frame.index % 3))
            scheduler.done(ticket, "done")

    def commit(lane: Lane) -> None:
        while ticket := scheduler.next_done(lane):
            committed[lane.camera].append(ticket.frame.index)
            scheduler.committed(ticket)

    threads = [threading.Thread(target=work, name="worker") for _ in range(workers)]
    threads += [threading.Thread(target=commit, args=(lane,), name="committer") for lane in lanes]
    threads += [
        threading.Thread(target=capture, args=(lane, frames), name="capture")
        for lane, (_, frames) in zip(lanes, cameras, strict=True)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        wrong += [
            counts
            for counts in scheduler.counts().values()
            if counts.captured != counts.processed + sum(counts.dropped.values()) + counts.in_flight
        ]
        time.sleep(0.0005)
    for thread in threads:
        thread.join(5)
    assert wrong == []
    for lane, (live, frames) in zip(lanes, cameras, strict=True):
        done = committed[lane.camera]
        assert done == sorted(done)
        assert len(done) == frames if not live else len(done) + lane.dropped["overload"] == frames
        assert Counter(done).most_common(1)[:1] in ([], [(done[0] if done else 0, 1)])


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_no_camera_has_more_in_flight_than_stated(workers: int) -> None:
    scheduler = Scheduler(workers)
    lane = scheduler.lane("a", live=True)
    taken = 0
    for index in range(20):
        scheduler.put(lane, frame(lane, index), 0.0)
        if len(lane.in_flight) < 2 * workers:
            assert scheduler.take()
            taken += 1
    assert taken == 2 * workers
