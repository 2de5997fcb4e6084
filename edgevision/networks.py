"""Loads the networks of a configuration, and says how they use the cores."""

import logging
from collections.abc import Mapping

from edgevision.config import LoadedConfig, placed
from edgevision.cores import usable_cores
from edgevision.errors import ModelError
from edgevision.inference.classifier import Classifier
from edgevision.inference.network import Network, load_network
from edgevision.inference.settings import ModelSettings
from edgevision.log import fields
from edgevision.looks import uses
from edgevision.metrics import Metrics
from edgevision.pipeline.permits import Permits
from edgevision.pipeline.plans import Asked, ModelPlan, Workers, plan_workers, shared_cores

log = logging.getLogger(__name__)


class Networks:
    """Those that look at cameras (`models`), and those that look again (`seconds`), by name.

    Raises EdgevisionError, placed in the file.
    """

    def __init__(
        self, config: LoadedConfig, metrics: Metrics, lives: Mapping[str, bool], before: "Networks | None"
    ) -> None:
        """lives: by camera, whether it is live. before: those that run now; where nothing changes for one of
        them it goes on."""
        self.config = config
        self._metrics = metrics
        self._lives = lives
        self._before = {} if before is None else before.reusable(config)
        self.cores = usable_cores()
        self.permits: Permits = before.permits if before else Permits(self.cores.number)
        log.info("cores", extra=fields(used=self.cores.number, of=self.cores.why, cv2=1, decoder=1))
        self.models = self._load_models()
        self.seconds = self._load_seconds()

    def reusable(self, config: LoadedConfig) -> dict[str, ModelPlan]:
        """Networks that another configuration uses as this one does."""
        wanted = config.settings.models
        return {
            name: plan
            for name, plan in self.models.items()
            if wanted.get(name) == self.config.settings.models[name]
        }

    def _load_models(self) -> dict[str, ModelPlan]:
        settings = self.config.settings
        used = sorted({settings.model_of(camera) for camera in settings.cameras})
        self._planned = plan_workers({name: self._asked(name) for name in used}, self.cores.number)
        return {
            name: self._before.get(name) or self._load_model(name, settings.models[name], self._planned[name])
            for name in used
        }

    def _asked(self, name: str) -> Asked:
        settings = self.config.settings
        lives = [live for camera, live in self._lives.items() if settings.model_of(camera) == name]
        return Asked(settings.models[name].workers, settings.models[name].mode, lives)

    def share_cores(self) -> None:
        """The networks are used from now on: those that share cores get what others have not reserved.
        One that went on from before keeps the plan that it had."""
        self.permits.resize(shared_cores(self._planned.values(), self.cores.number))

    def _load_model(self, name: str, model: ModelSettings, plan: Workers) -> ModelPlan:
        with placed(self.config, "models", name):
            detector = load_network(model, self.config.base, plan.threads)
            if isinstance(detector, Classifier):
                raise ModelError(
                    f"{detector.path} says what a picture as a whole is; cameras run networks that find "
                    "objects (detectors) or say what each pixel is (segmenters)"
                )
        if detector.provider != "CPUExecutionProvider":
            plan = Workers(1, plan.threads, "a GPU runs one picture after the other")
        self._tell(name, detector, workers=plan.workers, threads=plan.threads, plan=plan.why)
        permits = self.permits if plan.shared else None
        return ModelPlan(detector, plan.workers, plan.threads, plan.why, permits)

    def _load_seconds(self) -> dict[str, Network]:
        """The networks that look again, by name. They run in the threads of the cameras, on a core each."""
        settings = self.config.settings
        used = {model for camera in settings.cameras.values() for _, _, model in uses(camera)}
        networks: dict[str, Network] = {}
        for name in sorted(used):
            if name in self.models:
                networks[name] = self.models[name].detector
                continue
            threads = self.cores.number if settings.models[name].mode == "latency" else 1
            with placed(self.config, "models", name):
                networks[name] = load_network(settings.models[name], self.config.base, threads)
            self._tell(name, networks[name], threads=threads)
        return networks

    def _tell(self, name: str, network: Network, **facts: int | str) -> None:
        self._metrics.model_info.labels(name, network.provider, network.precision).set(1)
        log.info("network loaded", extra=fields(model=name, **network.facts(), **facts))
        if network.weaknesses:
            log.info(network.weaknesses, extra=fields(model=name))
