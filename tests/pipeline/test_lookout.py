"""A camera whose view is covered for a while, in the whole pipeline, with real threads."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from edgevision.analytics import line
from edgevision.core import Finding, Size, Track
from edgevision.core.types import Image
from edgevision.events import to_json
from edgevision.metrics import Metrics
from edgevision.outputs.picture import picture as drawn
from edgevision.pipeline.lookout import WORDS
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.sight import ALWAYS, CLEAR, KINDS
from edgevision.sources import Picture
from tests.blobs import Blobs
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import run_to_end
from tests.waiting import wait_until

WIDTH, HEIGHT = 320, 180
FPS = 5
COVERED, OPEN = 20.0, 50.0  # s: when the hand comes, and goes
GONE = 70.0  # s: the end
LINE = {"from": [0.0, 0.5], "to": [1.0, 0.5]}


def picture(ts: float) -> Image:
    """Grey edges everywhere, a box that stands, and one that crosses the middle downwards once in 10 s."""
    rng = np.random.default_rng(2)
    image = np.full((HEIGHT, WIDTH, 3), 20, np.uint8)
    for x, y in rng.integers(0, (WIDTH, HEIGHT), (80, 2)).tolist():
        image[y : y + 14, x : x + 18] = int(rng.integers(20, 100))
    y = int(40 + 12 * (ts % 10))
    image[y - 20 : y, 150:170] = 255
    if COVERED <= ts < OPEN:
        image[:] = 60  # and a reflection that crosses as well
        image[y - 20 : y, 150:170] = 255
    image[30:50, 20:40] = 255  # parked, and seen all the time
    return image


class Film:
    """Of the scene above; it may stay open at its end."""

    frame_rate: float | None = FPS
    live = False

    def __init__(self, until: float = GONE, stays: bool = False) -> None:
        self.until, self.stays = until, stays

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        for number in range(round(self.until * FPS)):
            yield Picture(picture(number / FPS), number / FPS, time.monotonic())
        if self.stays:
            stop.wait(30)


class State:
    """An analytic with a state: it notes what it is told."""

    kinds: Sequence[str] = ("unknown",)

    def __init__(self) -> None:
        self.seen: list[float] = []

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        self.seen.append(ts)
        return []

    def blind(self, ts: float) -> list[Finding]:
        return [Finding("unknown", "", None, 0, 1, name="spot_1")]

    def occupancy(self) -> None:
        return None

    def shape(self, size: Size) -> None:
        return None


def build(film: Film, sight: Sequence[str], workers: int = 2) -> tuple[Pipeline, Metrics, Recorder, State]:
    state, output, metrics = State(), Recorder("recorder", wants_frames=True), Metrics()
    counter: Any = line.build(line.Config.model_validate(LINE))
    analytics = [
        NamedAnalytic("line", "middle", counter),
        NamedAnalytic("state", "lot", state),
    ]
    plan = CameraPlan("gate", "m", film, analytics, 0.5, sight=sight)
    network = ModelPlan(Blobs(WIDTH).as_detector(), workers)
    return Pipeline([plan], {"m": network}, [output], metrics), metrics, output, state


def events(output: Recorder) -> list[dict[str, Any]]:
    return [json.loads(to_json(event)) for result in output.results for event in result.events]


@pytest.mark.parametrize("workers", [1, 4])
def test_nothing_is_counted_while_the_view_is_covered(workers: int) -> None:
    """The box is on the line at 4.2 s and every ten seconds after that. What hides the view is believed after
    10 s, at 30 s; that it is gone after 2 s, at 52 s: the crossings at 34 s and 44 s are none."""
    pipeline, metrics, output, state = build(Film(), ALWAYS, workers)
    run_to_end(pipeline)
    told = events(output)
    crossings = [round(e["value"]) for e in told if e["kind"] == "crossed_in"]
    assert crossings == [1, 2, 3, 4, 5]  # at 4, 14, 24, 54 and 64 s
    assert len({e["track_id"] for e in told if e["kind"] == "crossed_in"}) == 5
    parked = [{t.id for t in output.results[s * FPS].tracks if t.box[0] < 100} for s in (15, 29, 53, 69)]
    assert parked[0] == parked[1]
    assert parked[2] == parked[3]
    assert max(parked[0]) < min(parked[2])  # whoever stood there meanwhile
    (covered,) = [e for e in told if e["kind"] == "covered"]
    (clear,) = [e for e in told if e["kind"] == "clear"]
    assert (covered["analytic"], covered["name"], covered["id"]) == ("sight", "sight", "gate:sight:00000001")
    assert (covered["value"], covered["time"]) == (0, "1970-01-01T00:00:20.000Z")
    assert (clear["value"], clear["time"]) == (30, "1970-01-01T00:00:50.000Z")
    assert [(e["analytic"], e["name"]) for e in told if e["kind"] == "unknown"] == [("state", "spot_1")]
    assert not [ts for ts in state.seen if 30.1 < ts < 51.9]
    assert [ts for ts in state.seen if 29 < ts < 29.9]
    assert len(output.results) == GONE * FPS
    blind = output.results[40 * FPS]
    assert blind.tracks == []
    assert blind.regions  # what is to be hidden is hidden all the same
    assert "covered" in [shape.text for shape in blind.shapes]
    assert drawn(blind, None).shape == (HEIGHT, WIDTH, 3)
    of = {"camera": "gate", "analytic": "sight", "name": "sight", "label": ""}
    assert [metrics.value("count_total", **of, kind=kind) for kind in ("covered", "dark", "clear")] == [
        1,
        0,
        1,
    ]


def test_a_camera_that_is_blind_now_is_named() -> None:
    pipeline, metrics, _, _ = build(Film(until=40, stays=True), ALWAYS)
    assert metrics.value("camera_sight", camera="gate", state="clear") == 1
    assert metrics.value("camera_sight", camera="gate", state="covered") == 0
    pipeline.start()
    wait_until(lambda: metrics.value("camera_sight", camera="gate", state="covered") == 1)
    assert metrics.value("camera_sight", camera="gate", state="clear") == 0
    (trouble,) = [text for text in pipeline.troubles() if "covered" in text]
    assert trouble.startswith("camera gate: the view is covered")
    assert pipeline.stuck() == []
    assert pipeline.stop() == []


def test_sight_off_changes_nothing() -> None:
    pipeline, metrics, output, state = build(Film(), ())
    run_to_end(pipeline)
    assert {e["kind"] for e in events(output)} == {"crossed_in"}
    assert len(state.seen) == GONE * FPS
    assert metrics.value("camera_sight", camera="gate", state="clear") is None


def test_every_state_has_its_words() -> None:
    assert set(WORDS) == {*KINDS, CLEAR}
