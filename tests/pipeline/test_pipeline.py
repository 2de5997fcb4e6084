"""The whole pipeline with real threads and a real network, fed by sources that play a script."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edgevision.analytics.zone import Config, Zone
from edgevision.errors import InternalError
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.metrics import STAGES, Metrics
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.sources import Picture
from tests.networks import echo_network
from tests.pipeline.test_delivery import Recorder
from tests.waiting import wait_until

ALL = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


class Light:
    """A source whose pictures are bright, so that the echo network sees a thing in the middle, or dark."""

    frame_rate: float | None = 10.0

    def __init__(self, frames: int, live: bool = False, pause: float = 0.0) -> None:
        self.frames = frames
        self.live = live
        self.pause = pause

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        for number in range(self.frames):
            if stop.is_set():
                return
            bright = 20 <= number % 60 < 40
            image = np.full((64, 64, 3), 255 if bright else 0, np.uint8)
            time.sleep(self.pause)
            yield Picture(image, None if self.live else number / 10, time.monotonic())


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    path = echo_network(tmp_path / "echo.onnx")
    return load_detector(ModelSettings(path=str(path), device="cpu"), Path(), threads=1)


def build(
    detector: Detector, *sources: Light, workers: int = 2, output: Recorder | None = None
) -> tuple[Pipeline, Metrics]:
    metrics = Metrics()
    cameras = [
        CameraPlan(
            name=f"camera{n}",
            model="echo",
            source=source,
            analytics=[NamedAnalytic("zone", "all", Zone(Config(polygon=ALL)))],
            confidence=0.5,
        )
        for n, source in enumerate(sources)
    ]
    outputs = [output] if output else []
    return Pipeline(cameras, {"echo": ModelPlan(detector, workers)}, outputs, metrics), metrics


def run_to_end(pipeline: Pipeline) -> None:
    pipeline.start()
    wait_until(lambda: not pipeline.is_working())
    pipeline.finish()
    wait_until(lambda: not pipeline.is_writing())
    assert pipeline.stop() == []


def check_light(output: Recorder) -> None:
    """What 18 s of Light give: bright from 2.0, 8.0 and 14.0 s for 2 s each. Confirmed after 0.2 s and in the
    zone 0.5 s after that; last seen at 3.9 s and forgotten when more than 2 s have gone since."""
    found = [(e.id, e.kind, round(e.ts, 3), e.track_id) for r in output.results for e in r.events]
    assert found == [
        ("camera0:all:00000001", "entered", 2.7, 1),
        ("camera0:all:00000002", "left", 6.0, 1),
        ("camera0:all:00000003", "entered", 8.7, 2),
        ("camera0:all:00000004", "left", 12.0, 2),
        ("camera0:all:00000005", "entered", 14.7, 3),
    ]


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_a_file_gives_the_same_events_whatever_the_number_of_workers(
    detector: Detector, workers: int
) -> None:
    output = Recorder()
    pipeline, _ = build(detector, Light(180), workers=workers, output=output)
    run_to_end(pipeline)
    check_light(output)


def test_an_output_is_told_which_cameras_wait_for_nobody(detector: Detector) -> None:
    output = Recorder(wants_frames=True)
    pipeline, _ = build(detector, Light(5), Light(100_000, live=True, pause=0.01), output=output)
    pipeline.start()
    wait_until(lambda: len({each.camera for each in output.results}) == 2)
    pipeline.stop()
    assert {(each.camera, each.live) for each in output.results} == {("camera0", False), ("camera1", True)}


def test_the_stages_of_a_frame_add_up_to_its_latency(detector: Detector) -> None:
    pipeline, metrics = build(detector, Light(60))
    run_to_end(pipeline)
    assert metrics.value("latency_seconds_count", camera="camera0") == 60
    sums = [metrics.value("stage_seconds_sum", camera="camera0", stage=stage) or 0 for stage in STAGES]
    assert sum(sums) == pytest.approx(metrics.value("latency_seconds_sum", camera="camera0"), rel=1e-9)
    assert min(sums) >= 0


def test_a_delay_shows_in_its_own_stage_and_no_other(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    infer = detector.infer

    def slow(tensor: np.ndarray) -> list[np.ndarray]:
        time.sleep(0.05)
        return infer(tensor)

    monkeypatch.setattr(detector, "infer", slow)
    pipeline, metrics = build(detector, Light(20), workers=1)
    run_to_end(pipeline)
    spent = {s: metrics.value("stage_seconds_sum", camera="camera0", stage=s) or 0 for s in STAGES}
    assert spent["infer"] >= 20 * 0.05
    others = sum(spent[s] for s in ("capture", "preprocess", "postprocess", "track", "analytics", "output"))
    assert others < spent["infer"] / 2


def test_every_frame_is_accounted_for_at_every_scrape(detector: Detector) -> None:
    pipeline, metrics = build(detector, Light(100_000, live=True), Light(100_000, live=True), workers=1)
    pipeline.start()
    for _ in range(200):
        for counts in pipeline.frame_counts().values():
            assert counts.captured == counts.processed + sum(counts.dropped.values()) + counts.in_flight
        time.sleep(0.001)
    wait_until(lambda: min(c.dropped.get("overload", 0) for c in pipeline.frame_counts().values()) > 0)
    assert pipeline.stop() == []
    for camera, counts in pipeline.frame_counts().items():
        assert counts.in_flight == 0
        assert metrics.value("frames_total", camera=camera) == counts.captured
        assert metrics.value("frames_processed_total", camera=camera) == counts.processed


@pytest.mark.parametrize("stage", ["infer", "decode"])
def test_an_error_in_a_worker_ends_everything_and_is_told(
    detector: Detector, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    monkeypatch.setattr(detector, stage, lambda *_: [][1])
    pipeline, _ = build(detector, Light(1000), output=Recorder())
    pipeline.start()
    wait_until(lambda: not pipeline.is_working())
    assert pipeline.stop() == []
    assert isinstance(pipeline.error, InternalError)


def test_a_worker_that_hangs_is_named_and_does_not_keep_the_process(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    monkeypatch.setattr(detector, "infer", lambda _: release.wait(60))
    monkeypatch.setattr("edgevision.pipeline.pipeline.STUCK", 0.2)
    pipeline, _ = build(detector, Light(1000), workers=1)
    pipeline.start()
    assert pipeline.stuck() == []
    wait_until(lambda: bool(pipeline.stuck()))
    assert pipeline.stuck()[0].startswith("echo worker 1: infer for")
    hung = pipeline.stop()
    assert "echo worker 1" in hung
    release.set()


def test_a_camera_that_is_away_is_trouble_but_nothing_is_stuck(detector: Detector) -> None:
    pipeline, _ = build(detector, Light(10), Light(0, live=True))
    assert pipeline.troubles() == ["camera camera0: connecting", "camera camera1: connecting"]
    assert pipeline.stuck() == []


@pytest.mark.parametrize(("hanging", "stuck"), [(2, False), (3, True)])
def test_reads_that_hang_for_good_are_stuck_when_they_are_many(
    detector: Detector, monkeypatch: pytest.MonkeyPatch, hanging: int, stuck: bool
) -> None:
    pipeline, _ = build(detector, Light(0, live=True))
    monkeypatch.setattr(Capture, "hanging", lambda _: hanging)
    assert any(f"{hanging} reads hang in the video library" in text for text in pipeline.stuck()) == stuck
