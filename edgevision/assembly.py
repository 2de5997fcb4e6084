"""Makes a pipeline of a configuration: loads networks, builds sources, analytics and outputs."""

import importlib
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from edgevision.analytics import ANALYTICS
from edgevision.checks import check_against
from edgevision.config import CameraBase, LoadedConfig
from edgevision.errors import EdgevisionError, ModelError
from edgevision.inference.classifier import Classifier
from edgevision.inference.network import Network, load_network
from edgevision.inference.settings import ModelSettings
from edgevision.log import fields
from edgevision.looks import Looks, uses
from edgevision.metrics import Metrics
from edgevision.outputs import OUTPUTS, Output
from edgevision.pipeline.commit import NamedAnalytic
from edgevision.pipeline.pipeline import CameraPlan, ModelPlan, Pipeline, plan_workers
from edgevision.sources import Source, Timeouts, open_source

TOUCHED_SERIES = 100  # an analytic's counters exist from the start up to this many: 80 labels x 2 are more

log = logging.getLogger(__name__)


class Assembly:
    """The sources and the loaded networks of a configuration. Raises EdgevisionError, placed in the file."""

    def __init__(self, config: LoadedConfig, metrics: Metrics) -> None:
        self._config = config
        self._metrics = metrics
        self.sources = self._open_sources()
        with _importing("scipy.optimize"):
            self.models = self._load_models()
            self.seconds = self._load_seconds()
        check_against(config, {name: plan.detector for name, plan in self.models.items()}, self.seconds)

    def pipeline(self) -> Pipeline:
        """Everything put together, ready to start; outputs are opened. Raises EdgevisionError."""
        cameras = [self._camera(name, camera) for name, camera in self._config.settings.cameras.items()]
        return Pipeline(cameras, self.models, self._open_outputs(), self._metrics)

    def _open_sources(self) -> dict[str, Source]:
        sources = {}
        for name, camera in self._config.settings.cameras.items():
            with placed(self._config, "cameras", name, "source"):
                timeouts = Timeouts(camera.open_timeout, camera.stall_timeout)
                sources[name] = open_source(camera.address(self._config.base), timeouts)
        return sources

    def _load_models(self) -> dict[str, ModelPlan]:
        settings = self._config.settings
        used = sorted({settings.model_of(camera) for camera in settings.cameras})
        cores = max(1, len(os.sched_getaffinity(0)) // len(used))
        return {name: self._load_model(name, settings.models[name], cores) for name in used}

    def _load_model(self, name: str, model: ModelSettings, cores: int) -> ModelPlan:
        model_of = self._config.settings.model_of
        lives = [source.live for camera, source in self.sources.items() if model_of(camera) == name]
        workers, threads = plan_workers(model.workers, model.mode, lives, cores)
        with placed(self._config, "models", name):
            detector = load_network(model, self._config.base, threads)
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
        settings = self._config.settings
        used = {model for camera in settings.cameras.values() for _, _, model in uses(camera)}
        networks: dict[str, Network] = {}
        for name in sorted(used):
            if name in self.models:
                networks[name] = self.models[name].detector
                continue
            threads = len(os.sched_getaffinity(0)) if settings.models[name].mode == "latency" else 1
            with placed(self._config, "models", name):
                networks[name] = load_network(settings.models[name], self._config.base, threads)
            self._tell(name, networks[name], threads=threads)
        return networks

    def _tell(self, name: str, network: Network, **facts: int) -> None:
        self._metrics.model_info.labels(name, network.provider, network.precision).set(1)
        log.info("network loaded", extra=fields(model=name, **network.facts(), **facts))
        if network.weaknesses:
            log.info(network.weaknesses, extra=fields(model=name))

    def _camera(self, name: str, camera: CameraBase) -> CameraPlan:
        model = self._config.settings.model_of(name)
        known = self._config.settings.models[model].classes or self.models[model].detector.labels
        looks = Looks(self._config, camera, self.seconds)
        analytics = []
        for kind, each, settings in camera.analytics():
            analytic = NamedAnalytic(kind, each, ANALYTICS[kind].build(settings))
            found = looks.labels(settings.model) if kind == "look" else known
            named = [label for label in getattr(settings, "classes", []) if label in found]
            self._touch_counters(name, analytic, named or found)
            analytics.append(analytic)
        return CameraPlan(
            name=name,
            model=model,
            source=self.sources[name],
            analytics=analytics,
            confidence=self._config.settings.models[model].confidence,
            seconds=looks.seconds(),
            places=looks.places(analytics),
            fps=camera.fps,
            start=camera.start.timestamp(),
            stall=camera.stall_timeout,
            remember=camera.remember,
            tiles=camera.tiles,
            outlines=camera.outlines,
        )

    def _touch_counters(self, camera: str, each: NamedAnalytic, labels: list[str]) -> None:
        if len(labels) * len(each.analytic.kinds) > TOUCHED_SERIES:
            return
        for kind in each.analytic.kinds:
            for label in labels:
                self._metrics.count.labels(camera, each.kind, each.name, kind, label)

    def _open_outputs(self) -> list[Output]:
        outputs: list[Output] = []
        for index, settings in enumerate(self._config.settings.outputs):
            with placed(self._config, "outputs", index):
                outputs.append(OUTPUTS[settings.type].build(settings, f"{settings.type}-{index}"))
        return outputs


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
