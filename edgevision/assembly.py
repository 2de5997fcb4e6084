"""Makes a pipeline of a configuration: loads networks, builds sources, analytics and outputs."""

import hashlib
import importlib
import logging
import os
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, product
from pathlib import Path
from types import MappingProxyType

from edgevision.analytics import ANALYTICS, Analytic
from edgevision.checks import check_against
from edgevision.config import CameraBase, LoadedConfig
from edgevision.errors import EdgevisionError, ModelError
from edgevision.inference.classifier import Classifier
from edgevision.inference.network import Network, load_network
from edgevision.inference.settings import ModelSettings
from edgevision.journal import Past
from edgevision.log import fields
from edgevision.looks import Looks, uses
from edgevision.metrics import Metrics
from edgevision.outputs import OUTPUTS, Output
from edgevision.outputs.sqlite import Sqlite
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan, plan_workers
from edgevision.pipeline.viewing import Viewing
from edgevision.sight import kinds_for
from edgevision.sources import Source, open_source
from edgevision.sources.identity import identity

TOUCHED_SERIES = 100  # an analytic's counters exist from the start up to this many: 80 labels x 2 are more

log = logging.getLogger(__name__)


class Assembly:
    """The sources and the loaded networks of a configuration. Raises EdgevisionError, placed in the file."""

    def __init__(self, config: LoadedConfig, metrics: Metrics, before: "Assembly | None" = None) -> None:
        """before: the one that runs now, whose networks go on where nothing changes for them."""
        self.config = config
        self._metrics = metrics
        self._before = {} if before is None else before.reusable(config)
        self.sources = self._open_sources()
        with _importing("scipy.optimize"):
            self.models = self._load_models()
            self.seconds = self._load_seconds()
        check_against(config, {name: plan.detector for name, plan in self.models.items()}, self.seconds)

    def pipeline(self, viewing: Viewing | None = None, more: Sequence[Output] = ()) -> Pipeline:
        """Everything put together, ready to start; outputs are opened. more: outputs beside those of the
        configuration. Raises EdgevisionError."""
        opened = [self.output(index) for index in range(len(self.config.settings.outputs))]
        journals = [output for output in opened if isinstance(output, Sqlite)]
        journal = journals[0] if journals else None
        outputs = [output for output in opened if not isinstance(output, Sqlite)]
        cameras = [
            self.camera(name, self.past(name, camera, journal))
            for name, camera in self.config.settings.cameras.items()
        ]
        return Pipeline(cameras, self.models, [*outputs, *more], self._metrics, journal, viewing)

    def reusable(self, config: LoadedConfig) -> dict[str, ModelPlan]:
        """Networks that another configuration uses as this one does."""
        wanted = config.settings.models
        return {
            name: plan
            for name, plan in self.models.items()
            if wanted.get(name) == self.config.settings.models[name]
        }

    def _open_sources(self) -> dict[str, Source]:
        sources = {}
        for name, camera in self.config.settings.cameras.items():
            with placed(self.config, "cameras", name, "source"):
                sources[name] = open_source(camera.address(self.config.base), camera.live())
        return sources

    def _load_models(self) -> dict[str, ModelPlan]:
        settings = self.config.settings
        used = sorted({settings.model_of(camera) for camera in settings.cameras})
        cores = max(1, len(os.sched_getaffinity(0)) // len(used))
        return {
            name: self._before.get(name) or self._load_model(name, settings.models[name], cores)
            for name in used
        }

    def _load_model(self, name: str, model: ModelSettings, cores: int) -> ModelPlan:
        model_of = self.config.settings.model_of
        lives = [source.live for camera, source in self.sources.items() if model_of(camera) == name]
        workers, threads = plan_workers(model.workers, model.mode, lives, cores)
        with placed(self.config, "models", name):
            detector = load_network(model, self.config.base, threads)
            if isinstance(detector, Classifier):
                raise ModelError(
                    f"{detector.path} says what a picture as a whole is; cameras run networks that find "
                    "objects (detectors) or say what each pixel is (segmenters)"
                )
        if detector.provider != "CPUExecutionProvider":
            workers = 1
        self._tell(name, detector, workers=workers, threads=threads)
        return ModelPlan(detector, workers)

    def _load_seconds(self) -> dict[str, Network]:
        """The networks that look again, by name. They run in the threads of the cameras, on a core each."""
        settings = self.config.settings
        used = {model for camera in settings.cameras.values() for _, _, model in uses(camera)}
        networks: dict[str, Network] = {}
        for name in sorted(used):
            if name in self.models:
                networks[name] = self.models[name].detector
                continue
            threads = len(os.sched_getaffinity(0)) if settings.models[name].mode == "latency" else 1
            with placed(self.config, "models", name):
                networks[name] = load_network(settings.models[name], self.config.base, threads)
            self._tell(name, networks[name], threads=threads)
        return networks

    def _tell(self, name: str, network: Network, **facts: int) -> None:
        self._metrics.model_info.labels(name, network.provider, network.precision).set(1)
        log.info("network loaded", extra=fields(model=name, **network.facts(), **facts))
        if network.weaknesses:
            log.info(network.weaknesses, extra=fields(model=name))

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
        model = self.config.settings.model_of(name)
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
            start=camera.start.timestamp(),
            live=camera.live(),
            tiles=camera.tiles,
            outlines=camera.outlines,
            past=past,
            sight=kinds_for(camera.sight, self.sources[name].live),
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
    asked = camera.model_dump_json(exclude={"source"}) + model.model_dump_json(
        exclude={"mode", "workers", "device"}
    )
    digest = hashlib.sha256(asked.encode()).hexdigest()
    return f"{identity(camera.address(base))} {digest}"


@contextmanager
def placed(config: LoadedConfig, *path: str | int) -> Iterator[None]:
    """Errors inside name the file, line and key that they are about."""
    try:
        yield
    except EdgevisionError as error:
        raise error.placed(config.where(*path)) from None


@contextmanager
def _importing(module: str) -> Iterator[None]:
    """Imports a slow module beside other work, instead of at the first frame that needs it."""
    thread = threading.Thread(target=importlib.import_module, args=(module,), name=f"import {module}")
    thread.start()
    try:
        yield
    finally:
        thread.join()
