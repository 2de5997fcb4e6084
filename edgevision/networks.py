"""Loads the networks of a configuration, and says how they use the cores."""

import logging
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from edgevision.builtin import network_path
from edgevision.config import LoadedConfig, placed
from edgevision.cores import usable_cores
from edgevision.errors import ModelError
from edgevision.inference.batching import try_batch, wanted_batch
from edgevision.inference.classifier import Classifier
from edgevision.inference.detector import Detector
from edgevision.inference.devices import CPUS, OPENVINO
from edgevision.inference.network import Network, load_network
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.session import makes_engine
from edgevision.inference.settings import ModelSettings
from edgevision.loading import Tell, watched
from edgevision.log import fields
from edgevision.looks import uses
from edgevision.metrics import Metrics
from edgevision.pipeline.permits import Permits
from edgevision.pipeline.plans import Asked, ModelPlan, Workers, on_gpu, plan_workers, shared_cores

log = logging.getLogger(__name__)


class Networks:
    """Those that look at cameras (`models`), and those that look again (`seconds`), by name.

    Raises EdgevisionError, placed in the file.
    """

    def __init__(
        self,
        config: LoadedConfig,
        metrics: Metrics,
        lives: Mapping[str, bool],
        before: "Networks | None",
        tell: Tell = lambda _: None,
    ) -> None:
        """lives: by camera, whether it is live. before: those that run now; where nothing changes for one of
        them it goes on. tell: what is being loaded, where that takes long."""
        self._told = tell
        self.config = config
        self._metrics = metrics
        self._lives = lives
        self._before, self._looked_before = before.reusable(config) if before else ({}, {})
        self.cores = usable_cores()
        self.permits: Permits = before.permits if before else Permits(self.cores.number)
        log.info("cores", extra=fields(used=self.cores.number, of=self.cores.why, cv2=1, decoder=1))
        self.models = self._load_models()
        self.seconds = self._load_seconds()
        self._before, self._looked_before = {}, {}  # what is not used any more is not kept

    def reusable(self, config: LoadedConfig) -> tuple[dict[str, ModelPlan], dict[str, Network]]:
        """Networks that another configuration uses as this one does: those that look at cameras, and those
        that only look again."""
        wanted, here = config.settings.models, self.config.settings.models
        same = {name for name in here if wanted.get(name) == here[name]}
        models = {name: plan for name, plan in self.models.items() if name in same}
        seconds = {name: each for name, each in self.seconds.items() if name in same - set(self.models)}
        return models, seconds

    def _load_models(self) -> dict[str, ModelPlan]:
        self._planned = self._plans()
        return {
            name: self._before.get(name) or self._load_model(name, self.config.settings.models[name], plan)
            for name, plan in self._planned.items()
        }

    def _plans(self) -> dict[str, Workers]:
        settings = self.config.settings
        used = sorted({settings.model_of(camera) for camera in settings.cameras})
        return plan_workers({name: self._asked(name) for name in used}, self.cores.number)

    def _asked(self, name: str) -> Asked:
        settings = self.config.settings
        lives = [live for camera, live in self._lives.items() if settings.model_of(camera) == name]
        return Asked(settings.models[name].workers, settings.models[name].mode, lives)

    def share_cores(self) -> None:
        """The networks are used from now on: those that share cores get what others have not reserved.
        One that went on from before keeps the plan that it had."""
        self.permits.resize(shared_cores(self._planned.values(), self.cores.number))

    def name_them(self) -> None:
        """The networks are used from now on: the metrics say what they run on."""
        used = {**{name: plan.detector for name, plan in self.models.items()}, **self.seconds}
        self._metrics.models({(name, each.provider, each.precision) for name, each in used.items()})

    def adjustable(self) -> list[str]:
        """The networks whose plan may change while they run: on a CPU of several cores, as long as the
        configuration leaves the plan to us. One that looks again, too, would have to be kept beside it."""
        if self.cores.number == 1:
            return []
        return [
            name
            for name, plan in self.models.items()
            if self._is_free(name, plan.detector) and name not in self.seconds
        ]

    def _is_free(self, name: str, network: Detector | Segmenter) -> bool:
        model = self.config.settings.models[name]
        return model.workers is None and model.mode == "auto" and network.provider in CPUS

    def planned(self, name: str) -> Workers:
        """The plan that its cameras suggest."""
        return self._plans()[name]

    def fitted(self, name: str, workers: Workers) -> ModelPlan:
        """Its plan with these workers, and the network loaded again where a run is to have other cores, or an
        engine lays out so many runs at once when it loads.

        Raises EdgevisionError, also if the file was changed."""
        plan, model = self.models[name], self.config.settings.models[name]
        network = plan.detector
        more = network.provider == OPENVINO and workers.workers > plan.workers
        if workers.threads != plan.threads or more:
            with placed(self.config, "models", name):
                again = load_network(model, self.config.base, workers.threads, workers.workers)
                same = (again.path, again.provider, again.precision, _written(again.path)) == (
                    network.path, network.provider, network.precision, plan.written,
                )  # fmt: skip
                if isinstance(again, Classifier) or not same:  # `precision: auto` may take another by now
                    raise ModelError(f"{again.path} is not the file that was loaded: restart to use it")
            network = again
        why = _with_batch(workers.why, plan.batch)
        return replace(plan, detector=network, workers=workers.workers, threads=workers.threads, why=why)

    def use(self, name: str, plan: ModelPlan, workers: Workers) -> None:
        """From now on it has this plan."""
        self.models[name] = plan
        self._planned[name] = workers
        self.share_cores()

    def _load_model(self, name: str, model: ModelSettings, plan: Workers) -> ModelPlan:
        with placed(self.config, "models", name), self._watched(name, model):
            detector = load_network(model, self.config.base, plan.threads, plan.workers)
            written = _written(detector.path)
            if isinstance(detector, Classifier):
                raise ModelError(
                    f"{detector.path} says what a picture as a whole is; cameras run networks that find "
                    "objects (detectors) or say what each pixel is (segmenters)"
                )
            batch = self._batch(name, model, detector)
        if detector.provider not in CPUS:
            plan = on_gpu(model.workers, plan)
        plan = replace(plan, why=_with_batch(plan.why, batch))
        self._tell(name, detector, workers=plan.workers, threads=plan.threads, plan=plan.why)
        # Also for a network that has all cores to itself now, and may have to share them with one that comes.
        permits = self.permits if plan.shared or self._is_free(name, detector) else None
        return ModelPlan(detector, plan.workers, plan.threads, plan.why, batch, permits, written)

    def _batch(self, name: str, model: ModelSettings, network: Detector | Segmenter) -> int:
        """How many pictures its runs take at most: what was asked for, if the network can."""
        settings = self.config.settings
        cameras = [each for camera, each in settings.cameras.items() if settings.model_of(camera) == name]
        views = sum(each.tiles.views if each.tiles else 1 for each in cameras)
        most = wanted_batch(model.batch, network.provider, views)
        fault = try_batch(network, most) if most > 1 else None
        if fault is None:
            return most
        asked = model.batch != "auto"
        log.log(
            logging.WARNING if asked else logging.INFO,
            "one picture at a time",
            extra=fields(model=name, asked=most, why=fault),
        )
        return 1

    def _watched(self, name: str, model: ModelSettings) -> AbstractContextManager[None]:
        makes = makes_engine(network_path(model.path, self.config.base), model.device)
        what = f"building the engine of {name}" if makes else f"loading the network {name}"
        return watched(what, self._told, long=makes)

    def _load_seconds(self) -> dict[str, Network]:
        """The networks that look again, by name. They run in the threads of the cameras, on a core each."""
        settings = self.config.settings
        used = {model for camera in settings.cameras.values() for _, _, model in uses(camera)}
        networks: dict[str, Network] = {}
        for name in sorted(used):
            if name in self.models:
                networks[name] = self.models[name].detector
                continue
            if name in self._looked_before:
                networks[name] = self._looked_before[name]
                continue
            threads = self.cores.number if settings.models[name].mode == "latency" else 1
            callers = 1 if threads > 1 else self.cores.number
            with placed(self.config, "models", name), self._watched(name, settings.models[name]):
                networks[name] = load_network(settings.models[name], self.config.base, threads, callers)
            self._tell(name, networks[name], threads=threads)
        return networks

    def _tell(self, name: str, network: Network, **facts: int | str) -> None:
        log.info("network loaded", extra=fields(model=name, **network.facts(), **facts))
        if network.weaknesses:
            log.info(network.weaknesses, extra=fields(model=name))


def _with_batch(why: str, batch: int) -> str:
    return f"{why}; up to {batch} frames of different cameras at once" if batch > 1 else why


def _written(path: Path) -> tuple[int, int] | None:
    """When a file was written, ns, and its bytes; None: it is not there any more."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size
