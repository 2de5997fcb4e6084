"""What analytics measure beside events: histograms of times, gauges, grids."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from edgevision.core import Finding, Size, Track
from edgevision.core.types import Floats
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.metrics import Metrics
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from tests.networks import echo_network
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import Light, run_to_end

GATE = {"camera": "gate", "name": "till"}


class Till:
    """Serves one after 30, 60, 90 ... seconds, whatever is seen."""

    kinds: Sequence[str] = ("waited",)

    def __init__(self) -> None:
        self.served = 0

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        self.served += 1
        return [Finding("waited", "person", 7, 30.0 * self.served, 0.9)]

    def gauges(self) -> dict[str, dict[tuple[str, ...], float]]:
        return {"queue_length": {(): 10 - self.served}, "queue_longest_wait_seconds": {(): np.nan}}

    def grid(self) -> Floats:
        return np.full((2, 3), self.served, np.float32)

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> None:
        return None


@pytest.fixture
def detector(tmp_path: Path) -> Detector:
    path = echo_network(tmp_path / "echo.onnx")
    return load_detector(ModelSettings(path=str(path), device="cpu"), Path(), threads=1)


@pytest.mark.parametrize("shown", [False, True])
def test_times_gauges_and_grids_go_where_they_belong(detector: Detector, shown: bool) -> None:
    output, metrics = Recorder(wants_frames=shown), Metrics()
    analytics = [NamedAnalytic("queue", "till", Till()), NamedAnalytic("speed", "other", Till())]
    plan = CameraPlan("gate", "echo", Light(4), analytics, confidence=0.5)
    run_to_end(Pipeline([plan], {"echo": ModelPlan(detector, 1)}, [output], metrics))
    waits = {"label": "person", **GATE}
    assert metrics.value("queue_wait_seconds_count", **waits) == 4
    assert metrics.value("queue_wait_seconds_sum", **waits) == 30 + 60 + 90 + 120
    assert metrics.value("queue_wait_seconds_bucket", le="60.0", **waits) == 2
    assert metrics.value("queue_wait_seconds_count", camera="gate", name="other", label="person") is None
    assert metrics.value("queue_length", **GATE) == 6
    longest = metrics.value("queue_longest_wait_seconds", **GATE)
    assert longest is not None
    assert np.isnan(longest)
    metrics.forget("gate")
    assert metrics.value("queue_length", **GATE) is None
    assert metrics.value("queue_wait_seconds_count", **waits) is None
    grids = [{name: grid.max() for name, grid in result.grids.items()} for result in output.results]
    assert grids == [{"till": n, "other": n} if shown else {} for n in (1, 2, 3, 4)]
