"""The drawn car park with pauses in which nothing moves but the noise of the sensor; its truth is known."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from edgevision.assembly import Assembly
from edgevision.config import check
from edgevision.core.types import Event, Image
from edgevision.document import Document
from edgevision.metrics import Metrics
from edgevision.opencv import as_image, cv2
from edgevision.pipeline.pipeline import Pipeline
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from edgevision.sources import Picture
from tests.pipeline.test_delivery import Recorder

NOISE = 3.0  # grey levels: of a sensor at dusk


class Spell(NamedTuple):
    """A part of the film: the scene goes on for `plays` s, and then stands still for `halts` s."""

    plays: float
    halts: float


class Noise:
    """Of a sensor, made once and moved about: to draw it for each picture takes 60 ms."""

    def __init__(self, deviation: float, size: tuple[int, int], seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        width, height = size
        self._noise = self._random.normal(0, deviation, (height + 64, width + 64, 3)).astype(np.int16)
        self._size = size

    def on(self, image: Image) -> Image:
        y, x = self._random.integers(0, 64, 2)
        width, height = self._size
        noise = self._noise[y : y + height, x : x + width]
        return as_image(cv2.add(image, noise, dtype=cv2.CV_8U))


class Halting:
    """A file of such spells."""

    live = False

    def __init__(
        self, spells: Sequence[Spell], fps: float, size: tuple[int, int] = (960, 540), noise: float = NOISE
    ) -> None:
        self.frame_rate: float | None = fps
        self.spells = spells
        self.scene = Scene(1, sum(spell.plays for spell in spells), size)
        self.seconds = sum(spell.plays + spell.halts for spell in spells)
        self._noise = Noise(noise, size)

    def moment(self, ts: float) -> float:
        """Which second of the scene is shown at `ts` s of the film."""
        begun = 0.0
        for spell in self.spells:
            if ts < spell.plays + spell.halts:
                return begun + min(ts, spell.plays)
            ts -= spell.plays + spell.halts
            begun += spell.plays
        return begun

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        renderer = Renderer(self.scene)
        shown, drawn = -1.0, renderer.frame(0.0)
        assert self.frame_rate
        for number in range(int(self.seconds * self.frame_rate)):
            if stop.is_set():
                return
            ts = number / self.frame_rate
            if self.moment(ts) != shown:
                shown = self.moment(ts)
                drawn = renderer.frame(shown)
            yield Picture(self._noise.on(drawn), ts, time.monotonic())


def counted(source: Halting, when_still: dict[str, Any] | None) -> tuple[list[Event], Pipeline]:
    """What the drawn network finds in it, to its end, and the pipeline that is through with it."""
    scene, output = source.scene, Recorder()
    start, end = scene.gate
    data = {
        "models": {"vehicles": {"path": "builtin:drawn"}},
        "cameras": {
            "lot": {
                "source": "synthetic:carpark",  # in whose place the other plays
                "when_still": when_still,
                "lines": {"gate": {"from": list(start), "to": list(end)}},
                "zones": {"lot": {"polygon": [list(point) for point in scene.lot], "dwell": True}},
                "spots": {
                    "places": {name: [list(p) for p in polygon] for name, polygon in scene.spots.items()}
                },
            }
        },
        "http": None,
    }
    assembly = Assembly(check(Document("halting", data, {}, []), Path()), Metrics(), play=lambda *_: source)
    pipeline = assembly.pipeline(more=[output])
    pipeline.start()
    while pipeline.is_working():
        time.sleep(0.01)
    pipeline.finish()
    while pipeline.is_writing():
        time.sleep(0.01)
    assert pipeline.stop() == []
    return [event for result in output.results for event in result.events], pipeline
