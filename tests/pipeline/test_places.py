"""An analytic of many places: findings of the place they name, states as metrics, shapes that say all."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from edgevision.core import Finding, Size, Track
from edgevision.core.types import PlaceState, Shape
from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.metrics import Metrics
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from tests.networks import echo_network
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import Light, run_to_end

CORNERS = np.array([[0, 0], [9, 0], [9, 9]], np.float32)


class Places:
    """A1 is taken from the first frame on and freed in the third; A2 is never known."""

    kinds: Sequence[str] = ("occupied", "freed")
    places: Sequence[str] = ("A1", "A2")
    possible: Sequence[str] = ("unknown", "free", "occupied")

    def __init__(self) -> None:
        unknown = PlaceState("unknown", None, None)
        self.frames, self.now = 0, {"A1": unknown, "A2": unknown}

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        self.frames += 1
        if self.frames == 1:
            self.now = {**self.now, "A1": PlaceState("occupied", ts - 100, "thing")}
            return [Finding("occupied", "thing", 1, 1, 0.9, name="A1", at=ts - 100)]
        if self.frames == 3:
            self.now = {**self.now, "A1": PlaceState("free", ts, None)}
            return [Finding("freed", "thing", 1, 400.0, 0.9, name="A1")]
        return []

    def occupancy(self) -> int:
        return sum(each.state == "occupied" for each in self.now.values())

    def states(self) -> Mapping[str, PlaceState]:
        return self.now

    def shape(self, size: Size) -> list[Shape]:
        return [Shape(CORNERS, True, name, (1, 2, 3)) for name in self.places]


@pytest.mark.parametrize("frames", [0, 2, 4])
def test_places_are_events_metrics_and_shapes_of_their_own(tmp_path: Path, frames: int) -> None:
    settings = ModelSettings(path=str(echo_network(tmp_path / "echo.onnx")), device="cpu")
    output, metrics = Recorder(wants_frames=True), Metrics()
    analytics = [NamedAnalytic("spots", "spots", Places())]
    plan = CameraPlan("lot", "echo", Light(frames), analytics, confidence=0.5)
    detector = load_detector(settings, Path(), threads=1)
    run_to_end(Pipeline([plan], {"echo": ModelPlan(detector, 1)}, [output], metrics))

    events = [event for result in output.results for event in result.events]
    ids = ["lot:A1:00000001", "lot:A1:00000002"]
    assert [(e.id, e.name, e.analytic) for e in events] == [(id, "A1", "spots") for id in ids[: frames // 2]]
    now = {0: "unknown", 2: "occupied", 4: "free"}[frames]
    for state in ("unknown", "free", "occupied"):
        assert metrics.value("spot_state", camera="lot", spot="A1", state=state) == (state == now)
        assert metrics.value("spot_state", camera="lot", spot="A2", state=state) == (state == "unknown")
        count = (state == now) + (state == "unknown")
        assert metrics.value("spots", camera="lot", state=state) == count
    assert metrics.value("spot_stay_seconds_sum", camera="lot") == (400 if frames == 4 else 0)
    longest = metrics.value("spot_longest_stay_seconds", camera="lot")
    assert longest == pytest.approx(100.1 if frames == 2 else 0)
    for result in output.results:
        assert [(shape.text, shape.color) for shape in result.shapes] == [
            ("A1", (1, 2, 3)),
            ("A2", (1, 2, 3)),
        ]
