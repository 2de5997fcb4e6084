"""The end of a file: what analytics held back until they were sure is told, and heard by others."""

import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from edgevision.analytics.trips import Config, Trips
from edgevision.core import Finding, Size, Track
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.metrics import Metrics
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.sources import Picture
from tests.networks import echo_network
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import Light, run_to_end
from tests.waiting import wait_until


class Unsure:
    """Believes something that happened at `at` only when no frame will come any more."""

    kinds: Sequence[str] = ("crossed_in",)

    def __init__(self, at: float) -> None:
        self.at = at

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        return []

    def finish(self) -> list[Finding]:
        return [Finding("crossed_in", "thing", 7, 1, 0.9, at=self.at)]

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> None:
        return None


class Held(Light):
    """Does not end before it is stopped."""

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        yield from super().pictures(stop)
        stop.wait(30)


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    path = echo_network(tmp_path / "echo.onnx")
    return load_detector(ModelSettings(path=str(path), device="cpu"), Path(), threads=1)


def build(detector: Detector, source: Light, output: Recorder) -> tuple[Pipeline, Metrics]:
    trips = Trips(Config.model_validate({"places": ["north", "east"]}))
    analytics = [
        NamedAnalytic("line", "east", Unsure(0.45)),
        NamedAnalytic("line", "north", Unsure(0.25)),
        NamedAnalytic("trips", "flow", trips),
    ]
    metrics = Metrics()
    plan = CameraPlan("gate", "echo", source, analytics, confidence=0.5, start=1000.0)
    return Pipeline([plan], {"echo": ModelPlan(detector, 2)}, [output], metrics), metrics


@pytest.mark.parametrize("shown", [False, True])
def test_what_was_held_back_is_told_at_the_end_of_a_file(detector: Detector, shown: bool) -> None:
    """Six frames, the last at 0.5 s."""
    output = Recorder(wants_frames=shown)
    pipeline, metrics = build(detector, Light(6), output)
    run_to_end(pipeline)
    events = [event for result in output.results for event in result.events]
    assert [(e.id, e.kind, e.ts) for e in events] == [
        ("gate:east:00000001", "crossed_in", 0.45),
        ("gate:north:00000001", "crossed_in", 0.25),
        ("gate:flow:00000001", "north>east", 0.45),
    ]
    assert [e.wall for e in events] == pytest.approx([1000.45, 1000.25, 1000.45], abs=1e-3)
    assert sum(result.frame is not None for result in output.results) == (6 if shown else 0)
    assert pipeline.counts("gate")["flow", "north>east", "thing"] == 1
    of = {"camera": "gate", "analytic": "line", "name": "north", "kind": "crossed_in", "label": "thing"}
    assert metrics.value("count_total", **of) == 1


@pytest.mark.parametrize("source", [Held(6), Held(6, live=True), Light(0)], ids=["stopped", "live", "empty"])
def test_nothing_is_believed_early_of_what_has_not_ended(detector: Detector, source: Light) -> None:
    output = Recorder()
    pipeline, _ = build(detector, source, output)
    pipeline.start()
    if source.frames:
        wait_until(lambda: pipeline.frame_counts()["gate"].processed > 0)
    assert pipeline.stop() == []
    assert output.results == []
