"""Frames of several cameras in one run: the same answers as alone, in order, and no second unaccounted."""

import time
from typing import Any

import numpy as np
import pytest

from edgevision.core import Frame, Size
from edgevision.core.types import Detections, Image
from edgevision.inference.tiles import Tiles
from edgevision.metrics import STAGES, Metrics
from edgevision.pipeline.lane import Lane
from edgevision.pipeline.permits import Permits
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.pipeline.scheduler import Scheduler
from edgevision.pipeline.worker import Seen, Worker
from tests.blobs import Blobs, drawn
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import run_to_end
from tests.pipeline.test_pixels import Film, zone

SIZES = [Size(480, 320), Size(320, 480), Size(160, 160), Size(333, 77)]


class Slow(Blobs):
    """Takes long enough for frames of other cameras to gather, and remembers how many came at once."""

    def __init__(self, side: int, seconds: float = 0.002) -> None:
        super().__init__(side)
        self.seconds = seconds
        self.sizes: list[int] = []

    def infer(self, tensor: np.ndarray) -> list[np.ndarray]:
        self.sizes.append(len(tensor))
        time.sleep(self.seconds)
        return super().infer(tensor)


def film(camera: int) -> Film:
    """A square that wanders, at another place in each camera, in pictures of another size."""
    size = SIZES[camera % len(SIZES)]

    def draw(number: int) -> Image:
        x = (7 * camera + size.width * number // 80) % (size.width - 30)
        y = 5 + 3 * camera
        return drawn(size, [(x, y, x + 24, y + 24)])

    return Film(draw)


def play(
    batch: int, cameras: int = 4, workers: int = 1, tiles: Tiles | None = None
) -> tuple[dict[str, list[Any]], Slow, Metrics]:
    """The events of each camera, in the order in which they came."""
    network, output, metrics = Slow(160), Recorder(), Metrics()
    plans = [
        CameraPlan(f"c{n}", "m", film(n), [zone()], 0.5, tiles=tiles if n == 0 else None)
        for n in range(cameras)
    ]
    plan = ModelPlan(network.as_detector(), workers, batch=batch)
    run_to_end(Pipeline(plans, {"m": plan}, [output], metrics))
    found: dict[str, list[Any]] = {plan.name: [] for plan in plans}
    for result in output.results:
        found[result.camera] += [(e.id, e.kind, e.ts, e.track_id, e.value) for e in result.events]
    return found, network, metrics


TILES = Tiles(columns=3, rows=2)


@pytest.fixture(scope="module")
def alone() -> dict[str, list[Any]]:
    """Events of frames that went through one by one."""
    events, network, _ = play(1, tiles=TILES)
    assert set(network.sizes) == {1}
    assert all(events.values())
    return events


@pytest.mark.parametrize("workers", [1, 2])
def test_frames_in_batches_give_the_same_events_as_alone(workers: int, alone: dict[str, list[Any]]) -> None:
    """One camera is in tiles; each has pictures of another size."""
    together, network, _ = play(4, workers=workers, tiles=TILES)
    assert together == alone
    assert 1 < max(network.sizes) <= 4


def test_the_stages_of_frames_in_batches_add_up_and_the_wait_for_others_is_queue() -> None:
    _, network, metrics = play(4)
    for camera in (f"c{n}" for n in range(4)):
        assert metrics.value("latency_seconds_count", camera=camera) == 60
        sums = {s: metrics.value("stage_seconds_sum", camera=camera, stage=s) or 0 for s in STAGES}
        latency = metrics.value("latency_seconds_sum", camera=camera)
        assert sum(sums.values()) == pytest.approx(latency, rel=1e-9)
        assert min(sums.values()) >= 0
        assert sums["infer"] >= 60 * network.seconds  # each frame is in a run for as long as that takes
    assert metrics.value("batch_size_count", model="m") == len(network.sizes)
    assert metrics.value("batch_size_sum", model="m") == sum(network.sizes) == 4 * 60


def frame(lane: Lane, index: int, captured: float) -> Frame:
    return Frame(lane.camera, 1, index, np.zeros((8, 8, 3), np.uint8), index / 10, 0.0, captured)


def lanes(scheduler: Scheduler, count: int, tiles: Tiles | None = None) -> list[Lane]:
    """With a frame waiting in each, of which the last camera's is the oldest."""
    found = [scheduler.lane(f"c{n}", live=True, tiles=tiles) for n in range(count)]
    for n, lane in enumerate(found):
        scheduler.put(lane, frame(lane, 0, captured=10.0 - n), 10.0)
    return found


def test_the_oldest_frames_go_together_and_one_of_each_camera_at_most() -> None:
    scheduler = Scheduler(workers=1)
    lanes(scheduler, 5)
    file = scheduler.lane("file", live=False)
    for index in range(2):
        scheduler.put(file, frame(file, index, captured=1.0 + index), 10.0)
    assert [t.lane.camera for t in scheduler.take_several(4)] == ["file", "c4", "c3", "c2"]
    assert [(t.lane.camera, t.frame.index) for t in scheduler.take_several(4)] == [
        ("c1", 0),
        ("c0", 0),
        ("file", 1),  # it had one already
    ]


def test_what_is_there_is_taken_and_nothing_waited_for() -> None:
    scheduler = Scheduler(workers=1)
    lanes(scheduler, 1)
    assert len(scheduler.take_several(8)) == 1  # or the test would hang


@pytest.mark.parametrize(
    ("tiles", "taken"),
    [(Tiles(columns=2, rows=1), 2), (Tiles(columns=4, rows=2), 1), (Tiles(), 1)],
)
def test_frames_in_tiles_fill_a_run_by_themselves(tiles: Tiles, taken: int) -> None:
    """Eight pictures: two frames of 2 x 1 tiles and an overview make 6, a third would make 9. What is not
    taken may still be replaced by a newer frame."""
    scheduler = Scheduler(workers=1)
    lanes(scheduler, 5, tiles)
    assert len(scheduler.take_several(8)) == taken


def test_a_camera_whose_tiles_its_size_decides_counts_as_the_pictures_it_is_cut_into() -> None:
    network, scheduler = Slow(32), Scheduler(workers=1)
    (lane,) = lanes(scheduler, 1, Tiles())
    scheduler.end(lane)
    Worker("w", network.as_detector(), scheduler).run()
    assert lane.views == sum(network.sizes) < Tiles().views


def test_frames_that_were_taken_together_use_one_permit() -> None:
    permits = Permits(1)
    scheduler = Scheduler(2, permits)
    lanes(scheduler, 3)
    first = scheduler.take_several(3)
    assert len(first) == 3
    for ticket in first[:2]:
        scheduler.done(ticket, "done")
        assert not permits.take()  # its run is not over
    scheduler.done(first[2], "done")
    assert permits.take()
    assert not permits.take()


def test_the_first_frame_of_a_batch_is_done_before_the_last_is_decoded() -> None:
    seen: list[tuple[int, int]] = []

    class Watching(Slow):
        def decode(self, outputs: list[np.ndarray], placement: Any, least: float = 0.1) -> Detections:
            assert len(outputs[0]) == 1
            seen.append((len(seen), sum(lane.in_flight[0].result is not None for lane in cameras)))
            return super().decode(outputs, placement, least)

    network = Watching(32)
    scheduler = Scheduler(workers=1)
    cameras = lanes(scheduler, 3)
    for lane in cameras:
        scheduler.end(lane)
    Worker("w", network.as_detector(), scheduler, batch=3).run()
    assert network.sizes == [3]
    assert seen == [(0, 0), (1, 1), (2, 2)]
    results = [lane.in_flight[0].result for lane in cameras]
    assert all(isinstance(result, Seen) for result in results)
    assert len({result.taken for result in results}) == 1
