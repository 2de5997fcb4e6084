"""Makes a pipeline of a configuration: loads networks, builds sources, analytics and outputs."""

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count, product
from pathlib import Path
from types import MappingProxyType

import numpy as np

from edgevision.analytics import ANALYTICS, Analytic
from edgevision.checks import check_against
from edgevision.config import CameraBase, LoadedConfig, placed
from edgevision.core.stillness import WhenStill
from edgevision.inference.settings import ModelSettings
from edgevision.journal import Past
from edgevision.loading import Tell
from edgevision.log import fields
from edgevision.looks import Looks
from edgevision.metrics import Metrics
from edgevision.networks import Networks
from edgevision.outputs import OUTPUTS, Output
from edgevision.outputs.sqlite import Sqlite
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan
from edgevision.pipeline.viewing import Viewing
from edgevision.sight import kinds_for
from edgevision.sources import Source, open_source
from edgevision.sources.identity import identity

TOUCHED_SERIES = 100  # an analytic's counters exist from the start up to this many: 80 labels x 2 are more

log = logging.getLogger(__name__)


class Assembly:
    """The sources and the loaded networks of a configuration. Raises EdgevisionError, placed in the file."""

    def __init__(
        self,
        config: LoadedConfig,
        metrics: Metrics,
        before: "Assembly | None" = None,
        play: Callable[[str, Source], Source] = lambda name, source: source,
        tell: Tell = lambda _: None,
    ) -> None:
        """before: the one that runs now, whose networks go on where nothing changes for them.
        play: gives, for a camera's name and source, the source to use in its place.
        tell: what is being loaded, where that takes long."""
        self.config = config
        self._play = play
        self._metrics = metrics
        self.sources = self._open_sources()
        lives = {name: source.live for name, source in self.sources.items()}
        running = before.networks if before else None
        self.networks: Networks = Networks(config, metrics, lives, running, tell)
        self.models, self.seconds = self.networks.models, self.networks.seconds
        check_against(config, {name: plan.detector for name, plan in self.models.items()}, self.seconds)

    def pipeline(self, viewing: Viewing | None = None, more: Sequence[Output] = ()) -> Pipeline:
        """Everything put together, ready to start; outputs are opened. more: outputs beside those of the
        configuration. Raises EdgevisionError."""
        self.networks.share_cores()
        self.networks.name_them()
        opened = [self.output(index) for index in range(len(self.config.settings.outputs))]
        journals = [output for output in opened if isinstance(output, Sqlite)]
        journal = journals[0] if journals else None
        outputs = [output for output in opened if not isinstance(output, Sqlite)]
        cameras = [
            self.camera(name, self.past(name, camera, journal))
            for name, camera in self.config.settings.cameras.items()
        ]
        return Pipeline(cameras, self.models, [*outputs, *more], self._metrics, journal, viewing)

    def _open_sources(self) -> dict[str, Source]:
        sources = {}
        for name, camera in self.config.settings.cameras.items():
            with placed(self.config, "cameras", name, "source"):
                source = open_source(camera.address(self.config.base), camera.live())
                sources[name] = self._play(name, source)
        return sources

    def past(self, name: str, camera: CameraBase, journal: Sqlite | None) -> Past:
        if journal is None:
            return Past(name)
        live = self.sources[name].live
        model = self.config.settings.models[self.config.settings.model_of(name)]
        past = journal.journal.past(name, None if live else _question(camera, model, self.config.base))
        if past.again:
            log.info("this file was counted before: what is known adds nothing", extra=fields(camera=name))
        elif past.others:
            text = "counted before: another file, or other settings; both counts are kept"
            log.info(text, extra=fields(camera=name, run=past.others + 1))
        return past

    def camera(
        self, name: str, past: Past, going_on: Mapping[tuple[str, str], Analytic] = MappingProxyType({})
    ) -> CameraPlan:
        """What a camera is to do. going_on: by kind and name, analytics that run and are as configured."""
        camera = self.config.settings.cameras[name]
        model, still = self.config.settings.model_of(name), camera.when_still
        known = self.config.settings.models[model].classes or self.models[model].detector.labels
        looks = Looks(self.config, camera, self.seconds)
        analytics = []
        for kind, each, settings in camera.analytics():
            built = going_on.get((kind, each)) or ANALYTICS[kind].build(settings)
            analytic = NamedAnalytic(kind, each, built)
            found = looks.labels(settings.model) if kind == "look" else known
            named = [label for label in getattr(settings, "classes", []) if label in found]
            self._touch_counters(name, analytic, named or found)
            analytics.append(analytic)
        return CameraPlan(
            name=name,
            model=model,
            source=self.sources[name],
            analytics=analytics,
            confidence=self.config.settings.models[model].confidence,
            seconds=looks.seconds(),
            places=looks.places(analytics),
            fps=camera.fps,
            priority=camera.priority,
            start=camera.start.timestamp(),
            live=camera.live(),
            remember=camera.remember,
            region=camera.window() if camera.region else None,
            tiles=camera.tiles,
            outlines=camera.outlines,
            past=past,
            sight=kinds_for(camera.sight, self.sources[name].live),
            ignored=[np.array(each.polygon, np.float32) for each in camera.ignore.values()],
            when_still=WhenStill(still.after, still.look_every) if still else None,
        )

    def _touch_counters(self, camera: str, each: NamedAnalytic, labels: Sequence[str]) -> None:
        parts = each.parts()
        if len(parts) * len(labels) * len(each.analytic.kinds) > TOUCHED_SERIES:
            return
        for part, kind, label in product(parts, each.analytic.kinds, labels):
            self._metrics.count.labels(camera, each.kind, part, kind, label)
            self._metrics.analytics.touch(camera, each.kind, part, kind, label)

    def output(self, index: int, taken: Collection[str] = ()) -> Output | Sqlite:
        """Open one of the outputs. taken: names that others have. Raises OutputError, placed in the file."""
        settings = self.config.settings.outputs[index]
        numbers = count(index)
        name = next(name for number in numbers if (name := f"{settings.type}-{number}") not in taken)
        with placed(self.config, "outputs", index):
            opened: Output | Sqlite = OUTPUTS[settings.type].build(settings, name)
            return opened


def _question(camera: CameraBase, model: ModelSettings, base: Path) -> str:
    """What is counted in which recording: both as before mean the same events. How many cores work on it, and
    where the recording lies, make no difference."""
    # Without what is as it is by default, so that a key of a later version does not make it another question.
    asked = camera.model_dump_json(
        exclude={"source", "priority"}, exclude_defaults=True
    ) + model.model_dump_json(exclude={"mode", "workers", "device", "batch"}, exclude_defaults=True)
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return f"{identity(camera.address(base))} {digest}"
