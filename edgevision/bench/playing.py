"""The whole pipeline as a subject: it plays in its turn, and is measured from frame to frame."""

import threading
import time
from collections import Counter, deque
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import numpy as np

from edgevision.assembly import Assembly
from edgevision.bench.clips import Valve
from edgevision.bench.task import assembled
from edgevision.bench.turns import Turn
from edgevision.bench.usage import meter
from edgevision.config import LoadedConfig
from edgevision.core.types import Size
from edgevision.errors import SourceError
from edgevision.inference.tiles import views_of
from edgevision.metrics import STAGES, Metrics
from edgevision.sources import LiveSettings, open_source

MOST_FRAMES = 100_000  # of a turn whose stages are kept: 8 MB
FIRST = 60.0  # s for every camera's first frame to come through
SETTLE = 0.2  # of a turn, until all workers are at work again
DRAIN = 60.0  # s for frames in flight: 64 recordings have 130, of which two busy cores do 6 a second
LOOK = 0.05  # s between two looks at how it goes


class Playing:
    """A configuration's cameras, playing recordings. To be used with `with`."""

    def __init__(self, config: LoadedConfig, pace: float | None = None) -> None:
        """pace: frames/s that each camera comes with; as fast as possible when left out."""
        self._valve = Valve()
        self._frames: deque[tuple[str, Mapping[str, float]]] = deque(maxlen=MOST_FRAMES)
        metrics = Metrics(on_frame=lambda camera, stages: self._frames.append((camera, stages)))
        self.assembly: Assembly = assembled(config, metrics, self._valve, pace)
        self.pipeline = self.assembly.pipeline()
        self._models = {camera: config.settings.model_of(camera) for camera in config.settings.cameras}
        self._runs = _runs_per_frame(config, self.assembly)
        self._started = False

    def __enter__(self) -> Self:
        self.pipeline.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._valve.turn(False)
        self.pipeline.stop()

    def turn(self, seconds: float) -> Turn:
        """Raises the error of a source or a thread that failed."""
        self._valve.turn(True)
        if not self._started:
            self._wait_for_all()
        self._sleep(SETTLE * seconds)
        self._frames.clear()
        before, read = self._dropped(), meter()
        self._sleep((1 - SETTLE) * seconds)
        frames, used = list(self._frames), read()
        dropped = self._dropped() - before
        self._valve.turn(False)
        self._drain()
        counts = Counter(camera for camera, _ in frames)
        by_model: Counter[str] = Counter()
        for camera, number in counts.items():
            by_model[self._models[camera]] += number * self._runs[camera]
        return Turn(
            len(frames) / used.wall,
            used.cpu / max(1, len(frames)),
            used.others / used.wall,
            {name: runs / used.wall for name, runs in by_model.items()},
            {stage: np.array([stages[stage] for _, stages in frames]) for stage in STAGES},
            dropped,
        )

    def _wait_for_all(self) -> None:
        until = time.monotonic() + FIRST
        while not all(each.processed for each in self.pipeline.frame_counts().values()):
            self._sleep(LOOK)
            if time.monotonic() > until:
                why = "; ".join(self.pipeline.troubles()) or "give it fewer --streams"
                raise SourceError("slow", f"a camera gave nothing within {FIRST:.0f} s: {why}")
        self._started = True

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK, left))
            if self.pipeline.error:
                raise self.pipeline.error
            for error in self.pipeline.source_errors().values():
                raise error

    def _drain(self) -> None:
        """So that another subject's turn is its own. Raises SourceError."""
        until = time.monotonic() + DRAIN
        while any(each.in_flight for each in self.pipeline.frame_counts().values()):
            time.sleep(0.002)
            if time.monotonic() > until:
                raise SourceError("slow", f"frames took longer than {DRAIN:.0f} s: give it fewer --streams")

    def _dropped(self) -> int:
        return sum(each.dropped.get("overload", 0) for each in self.pipeline.frame_counts().values())


def _runs_per_frame(config: LoadedConfig, assembly: Assembly) -> dict[str, int]:
    """By camera: 1, or the number of its tiles."""
    runs = dict.fromkeys(config.settings.cameras, 1)
    for name, camera in config.settings.cameras.items():
        if camera.tiles:
            source = open_source(camera.address(config.base), LiveSettings())
            image = camera.window().of(next(source.pictures(threading.Event())).image)
            network = assembly.models[config.settings.model_of(name)].detector
            size = Size(image.shape[1], image.shape[0])
            runs[name] = len(views_of(size, camera.tiles, network.input.size))
    return runs
