"""What stands in an ignored place is not followed; everything else is, and all is still hidden by outputs."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core.types import Detections, Size
from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.metrics import Metrics
from edgevision.pipeline.ignored import without_ignored
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from tests.commands.process import edgevision
from tests.networks import echo_network
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import Light, run_to_end

SIZE = Size(200, 100)
WHOLE = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)


def found(boxes: list[list[float]]) -> Detections:
    count = len(boxes)
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, 0.9, np.float32),
        np.arange(count, dtype=np.int32),
    )


@given(
    st.lists(
        st.tuples(st.integers(0, 150), st.integers(0, 60), st.integers(2, 50), st.integers(2, 39)), max_size=8
    ),
    st.integers(1, 199),
    st.integers(1, 99),
)
def test_by_the_middle_of_the_bottom(sizes: list[tuple[int, int, int, int]], wide: int, high: int) -> None:
    """Against a plain comparison, with a rectangle from the corner; nobody stands on its border."""
    boxes = [[x, y, x + w, y + h] for x, y, w, h in sizes if (x + w / 2) != wide and y + h != high]
    corners = np.array(
        [[-0.1, -0.1], [wide / 200, -0.1], [wide / 200, high / 100], [-0.1, high / 100]], np.float32
    )
    kept = without_ignored(found([list(map(float, each)) for each in boxes]), [corners], SIZE)
    wanted = [n for n, (x1, _, x2, y2) in enumerate(boxes) if not ((x1 + x2) / 2 < wide and y2 < high)]
    assert kept.class_ids.tolist() == wanted


def test_in_any_of_several_and_in_none() -> None:
    boxes = found([[0, 0, 20, 20], [100, 0, 120, 20], [180, 70, 199, 99]])
    left, right = WHOLE * (0.2, 1), WHOLE * (0.2, 1) + (0.8, 0)
    places = [left.astype(np.float32), right.astype(np.float32)]
    assert without_ignored(boxes, places, SIZE).class_ids.tolist() == [1]
    assert without_ignored(boxes, [], SIZE) is boxes


@pytest.mark.parametrize("ignored", [False, True])
def test_no_track_and_no_event_but_still_a_region_to_hide(tmp_path: Path, ignored: bool) -> None:
    settings = ModelSettings(path=str(echo_network(tmp_path / "echo.onnx")), device="cpu")
    output = Recorder(wants_frames=True)
    plan = CameraPlan("gate", "echo", Light(40), (), confidence=0.5, ignored=[WHOLE] if ignored else [])
    detector = load_detector(settings, Path(), threads=1)
    run_to_end(Pipeline([plan], {"echo": ModelPlan(detector, 1)}, [output], Metrics()))
    tracks = [track for result in output.results for track in result.tracks]
    assert bool(tracks) is not ignored
    assert any(result.regions for result in output.results)


@pytest.mark.parametrize("ignore", ["", "    ignore: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}}\n"])
def test_as_the_configuration_says(tmp_path: Path, ignore: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        "models: {drawn: {path: builtin:drawn}}\ncameras:\n  lot:\n"
        "    source: synthetic:carpark?seed=1&seconds=8&fps=5&width=320&height=180\n"
        f"    zones: {{all: {{polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}}}}\n{ignore}http: null\n"
    )
    done = edgevision("run", "config.yaml", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)["cameras"]["lot"]["counts"]
    assert ("entered" in counts.get("all", {})) is not bool(ignore)
