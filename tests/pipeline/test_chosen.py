"""Pictures that `fps:` leaves out get no image, and nothing else changes."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from edgevision.core import Frame
from edgevision.metrics import Metrics
from edgevision.opencv import cv2
from edgevision.pipeline import capture as module
from edgevision.pipeline import reader
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.scheduler import Scheduler
from edgevision.sources import Picture, Source, Wanted
from edgevision.sources.base import UNMADE, all_of_them
from edgevision.sources.file import FileSource
from tests.pipeline.test_capture import Script, frames_of
from tests.pipeline.test_choice import Puts
from tests.sources.test_chosen import note_retrieved
from tests.waiting import wait_until

LENGTH = 60


class Whole:
    """The same source, of which nobody can say what he wants."""

    def __init__(self, source: Source) -> None:
        self.live, self.frame_rate = source.live, source.frame_rate
        self.pictures = source.pictures


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    rng = np.random.default_rng(1)
    for _ in range(LENGTH):
        writer.write(rng.integers(0, 255, (48, 64, 3), np.uint8))
    writer.release()
    return path


def frames_and_dropped(source: Source, fps: float | None) -> tuple[list[Frame], dict[str, int]]:
    scheduler, metrics = Scheduler(workers=50), Metrics()
    capture = Capture("gate", source, scheduler, metrics.camera("gate"), fps=fps, start=0.0)
    frames = frames_of(capture, scheduler, threading.Event())
    counts = scheduler.counts()["gate"]
    assert counts.captured == LENGTH == counts.processed + sum(counts.dropped.values())
    return frames, {reason: count for reason, count in counts.dropped.items() if count}


@pytest.mark.parametrize("fps", [None, 25, 10, 7, 0.5])
def test_a_file_gives_the_same_frames_and_no_other_is_retrieved(
    clip: Path, fps: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, dropped = frames_and_dropped(Whole(FileSource(clip)), fps)
    retrieved = note_retrieved(monkeypatch)
    after, dropped_now = frames_and_dropped(FileSource(clip), fps)
    assert [(each.index, each.ts, each.wall) for each in after] == [
        (each.index, each.ts, each.wall) for each in before
    ]
    assert all(np.array_equal(one.image, other.image) for one, other in zip(after, before, strict=True))
    assert dropped_now == dropped
    assert retrieved == [each.ts for each in after]
    seconds = LENGTH / 25
    assert len(after) == (LENGTH if fps in (None, 25) else int(np.ceil(seconds * fps)))


class Live:
    """A camera of 25 pictures a second, each of which comes when the last one was dealt with."""

    live = True
    frame_rate: float | None = 25.0

    def __init__(self, scheduler: Puts) -> None:
        self.scheduler = scheduler
        self.finished = threading.Event()
        self.made: list[int] = []
        self.sessions = 0

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: threading.Event, wanted: Wanted) -> Iterator[Picture]:
        first = LENGTH * self.sessions
        self.sessions += 1
        if self.sessions > 2:
            self.finished.set()
            return
        for number in range(first, first + LENGTH):
            wait_until(partial(self.has_dealt_with, number))
            image = UNMADE
            if wanted(arrival(number)):
                self.made.append(number)
                image = looks(number)
            yield Picture(image, None, arrival(number))

    def has_dealt_with(self, number: int) -> bool:
        counts = self.scheduler.counts()["gate"]
        return len(self.scheduler.given) + sum(counts.dropped.values()) == number


def looks(number: int) -> np.ndarray:
    return np.full((4, 4, 3), number, np.uint8)


def arrival(number: int) -> float:
    return 1000 + number / 25


@pytest.mark.parametrize("fps", [None, 10, 0.2])
def test_a_live_camera_too_and_over_a_reconnect(fps: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "KEPT", 2 * LENGTH)
    monkeypatch.setattr(module, "backoff", lambda *_: 0.0)
    pictures = [Picture(looks(number), None, arrival(number)) for number in range(2 * LENGTH)]
    plain, all_made = Puts(), Script(pictures[:LENGTH], pictures[LENGTH:])
    Capture("gate", all_made, plain, Metrics().camera("gate"), fps=fps, start=0.0).run(all_made.finished)

    scheduler = Puts()
    source = Live(scheduler)
    capture = Capture("gate", source, scheduler, Metrics().camera("gate"), fps=fps, start=0.0)
    capture.run(source.finished)
    assert [(each.index, each.ts) for each in scheduler.given] == [(e.index, e.ts) for e in plain.given]
    assert [int(each.image.max()) for each in scheduler.given] == [each.index for each in plain.given]
    assert scheduler.counts()["gate"].dropped == plain.counts()["gate"].dropped
    # A session's first picture says how large they are, and that they come.
    assert source.made == sorted({0, LENGTH} | {each.index for each in plain.given})
    assert len(plain.given) == {None: 120, 10: 48, 0.2: 1}[fps]


def test_pictures_without_an_image_push_none_with_one_out_of_the_way() -> None:
    ready = threading.Event()

    class Burst:
        live = True
        frame_rate: float | None = None

        def pictures(self, stop: threading.Event) -> Iterator[Picture]:
            yield Picture(looks(7), None, 0.0)
            for number in range(20):
                yield Picture(UNMADE, None, 1.0 + number)
            ready.set()
            stop.wait(10)

    taken = reader.Reader(Burst(), "burst", all_of_them)
    assert ready.wait(10)
    first = taken.take(1.0)
    assert first
    assert first.made
    assert taken.overwritten_since() == 1 + 20 - reader.KEPT
    assert taken.stop(5.0)
