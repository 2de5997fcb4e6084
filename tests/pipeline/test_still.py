"""A car park with pauses: what is counted is the same whether the network looks at the pauses or not."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from edgevision.analytics.spots import Config as SpotsConfig
from edgevision.analytics.spots import Spots
from edgevision.core.stillness import WhenStill
from edgevision.core.types import Event
from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.metrics import Metrics
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.sources import Picture
from tests.networks import echo_network
from tests.pipeline.halting import Halting, Spell, counted
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import run_to_end

# A car has passed the gate in the first pause, a lorry stands just before it in the second.
FILM = [Spell(6, 18), Spell(5.9, 13.85), Spell(1, 3)]
KINDS = {"in": "crossed_in", "out": "crossed_out"}


def told(events: list[Event]) -> list[tuple[Any, ...]]:
    """Who is inside when the film ends is told at the last look, which may be 5 s before."""
    return [
        (e.analytic, e.name, e.kind, e.label, e.track_id, e.kind == "stays_on" or round(e.ts, 1))
        for e in events
    ]


def test_a_car_park_that_is_not_looked_at_while_it_stands_still_has_the_same_events() -> None:
    film = Halting(FILM, fps=4, size=(640, 360))
    every, _ = counted(film, None)
    some, pipeline = counted(film, {"after": 5.0, "look_every": 5.0})
    counts = pipeline.frame_counts()["lot"]
    assert counts.captured == 191 == counts.processed + sum(counts.dropped.values())
    assert counts.dropped["still"] > 60
    truth = Counter((KINDS[each.direction], each.label) for each in film.scene.crossings)
    crossed = Counter((e.kind, e.label) for e in some if e.analytic == "line")
    assert crossed == truth
    assert sum(truth.values()) >= 2
    assert told(some) == told(every)
    report = pipeline.report("lot")
    assert report
    assert report["dropped"]["still"] == counts.dropped["still"]


class Dimmed:
    """A thing in the middle that the network misses while the light is low; nothing moves but the light."""

    live = False
    frame_rate: float | None = 10.0

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        for number in range(1600):
            low = 1200 <= number < 1350
            yield Picture(np.full((64, 64, 3), 15 if low else 255, np.uint8), number / 10, time.monotonic())


def test_single_looks_that_miss_what_cannot_have_moved_free_no_spot(tmp_path: Path) -> None:
    """Three looks in fifteen seconds miss it; the `hold` of a spot is five."""
    network = load_detector(
        ModelSettings(path=str(echo_network(tmp_path / "echo.onnx")), device="cpu"), Path(), threads=1
    )
    whole = {"A1": [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]}
    output = Recorder()
    plan = CameraPlan(
        name="lot",
        model="echo",
        source=Dimmed(),
        analytics=[NamedAnalytic("spots", "spots", Spots(SpotsConfig.model_validate({"places": whole})))],
        confidence=0.5,
        when_still=WhenStill(after=5, look_every=5),
    )
    pipeline = Pipeline([plan], {"echo": ModelPlan(network, 1)}, [output], Metrics())
    run_to_end(pipeline)
    assert pipeline.frame_counts()["lot"].processed < 100
    assert [(e.kind, round(e.ts)) for result in output.results for e in result.events] == [("occupied", 0)]
