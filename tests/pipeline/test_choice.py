"""Which pictures the network is given, and what becomes of the others."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core import Frame
from edgevision.core.stillness import WhenStill
from edgevision.metrics import Metrics
from edgevision.pipeline import capture as module
from edgevision.pipeline import reader
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.choice import CELLS, Choice, shrunk
from edgevision.pipeline.lane import Lane
from edgevision.pipeline.scheduler import Scheduler
from edgevision.sources import Picture
from tests.pipeline.test_capture import Script, frames_of

GREY = np.full((72, 128, 3), 100, np.uint8)
STILL = WhenStill(after=2, look_every=4)


def with_square(x: int) -> np.ndarray:
    image = GREY.copy()
    image[20:40, x : x + 20] = 200
    return image


@given(st.integers(8, 300), st.integers(8, 300), st.sampled_from([40, 160]))
def test_a_small_picture_has_the_mean_and_the_shape_of_the_large_one(w: int, h: int, cells: int) -> None:
    ramp = np.tile(np.linspace(0, 250, w).astype(np.uint8)[None, :, None], (h, 1, 3))
    small = shrunk(ramp, cells)
    assert small.dtype == np.float32
    assert max(small.shape) == min(cells, max(w, h))
    scale = min(1, cells / max(w, h))
    assert (
        max(abs(small.shape[1] - w * scale), abs(small.shape[0] - h * scale)) <= 0.5
        or min(w, h) * scale < 0.5
    )
    assert small.mean() == pytest.approx(ramp.mean(), abs=4)


def test_cells_are_of_eight_pixels_and_finer_for_small_objects() -> None:
    image = np.zeros((720, 1280, 3), np.uint8)
    image[80:88, 160:168] = 255
    small = shrunk(image, CELLS)
    assert np.argwhere(small > 1).tolist() == [[10, 20]]
    assert small[10, 20] == 255
    image[84:, :] = image[:, 164:] = 0
    assert shrunk(image, 2 * CELLS)[20, 40] == 255


def test_a_picture_that_stands_still_is_left_out_and_the_next_one_tells_until_when() -> None:
    choice = Choice(10, STILL, fine=False)
    found, stills = Counter[Any](), {}
    for number in range(500):  # 25 frames/s
        ts = number / 25
        why = choice.leaves_out(GREY if ts < 18 else with_square(30), ts)
        found[why] += 1
        if why is None:
            stills[round(ts, 2)] = choice.still_until()
    # Ten of 25 frames a second: two seconds of them at first and from 18 s on, one at 5.9 s, ...
    assert found["rate"] == 300
    assert {ts: round(still, 2) for ts, still in stills.items() if still} == {
        5.92: 5.8, 9.92: 9.8, 13.92: 13.8, 17.92: 17.8,
    }  # fmt: skip
    assert found[None] == 20 + 4 + 20


def test_without_the_key_everything_is_wanted() -> None:
    choice = Choice(None, None, fine=False)
    choice.anew()
    choice.lost(3)
    assert [choice.leaves_out(GREY, ts) for ts in range(100)] == [None] * 100
    assert choice.still_until() is None


def captured(source: Script) -> tuple[list[Frame], Capture, dict[str, int]]:
    metrics, scheduler = Metrics(), Scheduler(workers=50)
    capture = Capture(
        "gate", source, scheduler, metrics.camera("gate"), fps=None, start=1000.0, when_still=STILL
    )
    metrics.watch_frames(scheduler.counts)
    frames = frames_of(capture, scheduler, source.finished)
    counts = scheduler.counts()["gate"]
    assert counts.captured == counts.processed + sum(counts.dropped.values()) + counts.in_flight
    told = {
        reason: int(metrics.value("frames_dropped_total", camera="gate", reason=reason) or 0)
        for reason in ("still", "rate", "overload")
    }
    return frames, capture, told


def test_still_frames_are_accounted_for_and_keep_their_numbers() -> None:
    pictures = [Picture(GREY, number / 10, 0.0) for number in range(100)]
    frames, _, told = captured(Script(pictures, live=False))
    assert told == {"still": 100 - 20 - 2, "rate": 0, "overload": 0}
    assert [frame.index for frame in frames] == [*range(20), 59, 99]
    assert [frame.still for frame in frames[-3:]] == pytest.approx([None, 5.8, 9.8])


def test_another_size_is_another_picture() -> None:
    """It would look the same when made small."""
    large = GREY.repeat(4, axis=0).repeat(4, axis=1)
    small = GREY.repeat(2, axis=0).repeat(2, axis=1)
    pictures = [Picture(large if number < 50 else small, number / 10, 0.0) for number in range(80)]
    frames, _, _ = captured(Script(pictures, live=False))
    assert [frame.index for frame in frames] == [*range(20), *range(50, 70)]


class Puts(Scheduler):
    """Takes all that it is given at once, so that no picture of a live camera gives way to another."""

    def __init__(self) -> None:
        super().__init__(workers=1)
        self.given: list[Frame] = []

    def put(self, lane: Lane, frame: Frame, now: float) -> bool:
        self.given.append(frame)
        return True


def test_a_camera_that_came_back_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "KEPT", 100)
    monkeypatch.setattr(module, "backoff", lambda *_: 0.0)
    sessions = [[Picture(GREY, None, start + number / 10) for number in range(40)] for start in (100, 200)]
    source, scheduler, metrics = Script(*sessions), Puts(), Metrics()
    Capture("gate", source, scheduler, metrics.camera("gate"), fps=None, start=0.0, when_still=STILL).run(
        source.finished
    )
    assert [frame.index for frame in scheduler.given] == [*range(20), *range(40, 60)]
    assert scheduler.counts()["gate"].dropped["still"] == 40
    assert scheduler.given[20].still == pytest.approx(103.9)


def test_a_frame_that_gives_way_leaves_what_it_had_to_tell() -> None:
    scheduler = Scheduler(workers=1)
    lane = scheduler.lane("gate", live=True)
    scheduler.put(lane, Frame("gate", 1, 7, GREY, 5.0, 5.0, 5.0, 4.9), now=5.0)
    scheduler.put(lane, Frame("gate", 1, 8, GREY, 5.1, 5.1, 5.1), now=5.1)
    ticket = scheduler.take()
    assert ticket
    assert (ticket.frame.index, ticket.frame.still) == (8, 4.9)
    assert scheduler.counts()["gate"].dropped["overload"] == 1


def test_a_still_camera_is_not_taken_to_hang() -> None:
    scheduler = Scheduler(workers=1)
    lane = scheduler.lane("gate", live=True)
    scheduler.put(lane, Frame("gate", 1, 0, GREY, 5.0, 5.0, 5.0), now=5.0)
    scheduler.drop(lane, "still")
    assert scheduler.progress()["gate"]["committed"] == 0  # one is on its way
    ticket = scheduler.take()
    assert ticket
    scheduler.done(ticket, "done")
    scheduler.committed(ticket)
    before = scheduler.progress()["gate"]
    scheduler.drop(lane, "rate")
    assert scheduler.progress()["gate"]["committed"] == before["committed"]
    scheduler.drop(lane, "still")
    after = scheduler.progress()["gate"]
    assert after["captured"] == after["inferred"] == after["committed"] > before["committed"]
