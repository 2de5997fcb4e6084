"""All cameras, models and outputs of one process, running."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from edgevision.accounts import FrameCounts
from edgevision.batchmetrics import batch_sizes
from edgevision.errors import EdgevisionError, SourceError
from edgevision.journal import Past
from edgevision.log import fields
from edgevision.metrics import Metrics
from edgevision.outputs import Output
from edgevision.outputs.sqlite import Sqlite
from edgevision.pipeline.crew import Crew, join
from edgevision.pipeline.delivery import Delivery
from edgevision.pipeline.errands import Errand
from edgevision.pipeline.heartbeat import STUCK, Heartbeat
from edgevision.pipeline.history import Point
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.pipeline.reader import MOST_LEFT
from edgevision.pipeline.retry import Gate
from edgevision.pipeline.running import STOP_COMMIT, STOP_READ, RunningCamera, RunningModel, threads_of
from edgevision.pipeline.trails import Trail
from edgevision.pipeline.viewing import Viewing
from edgevision.progress import ProgressCollector

MOST_HANGING = 8  # reads of all cameras that hang for good; of one, see MOST_LEFT
STOP_WRITE = 1.0  # s: for the outputs to write what is queued

log = logging.getLogger(__name__)


class Pipeline:
    """Built whole, started once, stopped once. In between one thread may change it."""

    def __init__(
        self,
        cameras: Sequence[CameraPlan],
        models: Mapping[str, ModelPlan],
        outputs: Sequence[Output],
        metrics: Metrics,
        journal: Sqlite | None = None,
        viewing: Viewing | None = None,
    ) -> None:
        self.delivery = Delivery(outputs, metrics, journal, viewing)
        self._crew = Crew(on_error=self._abort)
        self._metrics = metrics
        # Replaced as a whole when they change: other threads read them.
        self._batches = batch_sizes(metrics.registry)
        self._models = {name: RunningModel(name, plan, self._batches) for name, plan in models.items()}
        self._paused: frozenset[str] = frozenset()  # cameras, by name
        self._gate = Gate(sum(camera.source.live for camera in cameras))
        self._cameras = {plan.name: self._camera(plan) for plan in cameras}
        metrics.watch_frames(self.frame_counts)
        metrics.registry.register(ProgressCollector(self.progress))

    def start(self) -> None:
        """Start all threads."""
        self.delivery.start(self._crew)
        for camera in self._cameras.values():
            camera.start(self._crew)
        for model in self._models.values():
            model.start(self._crew)

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Meanwhile models wait for new cameras; those that no camera uses at the end of it go."""
        before = list(self._models.values())
        for model in before:
            model.await_cameras(self._crew)
        try:
            yield
        finally:
            for model in [*before, *self._models.values()]:
                model.scheduler.hold(False)
            used = {camera.plan.model for camera in self._cameras.values()}
            self._models = {name: model for name, model in self._models.items() if name in used}

    def use_model(self, name: str, plan: ModelPlan) -> None:
        """Add a model, or put it in the place of one that no camera will use any more."""
        model = RunningModel(name, plan, self._batches)
        model.scheduler.hold(True)
        self._models = {**self._models, name: model}
        model.start(self._crew)

    def replan(self, name: str, plan: ModelPlan) -> list[str]:
        """Other workers for a model whose cameras go on; the names of threads that hung."""
        return self._models[name].use(plan, self._crew)

    def spent(self, name: str) -> tuple[int, float]:
        """Frames that the workers of now of a model are through with, and their seconds on them."""
        return self._models[name].spent()

    def use_camera(self, plan: CameraPlan) -> None:
        """Add a camera; one of that name must have been removed before."""
        camera = self._camera(plan)
        self._cameras = {**self._cameras, plan.name: camera}
        camera.start(self._crew)

    def model_plans(self) -> dict[str, ModelPlan]:
        """How each model uses the cores."""
        return {name: model.plan for name, model in self._models.items()}

    def plan(self, camera: str) -> CameraPlan:
        """What a camera does now."""
        return self._cameras[camera].plan

    def change_camera(self, plan: CameraPlan) -> None:
        """Other analytics and second looks for a camera whose pictures, network and tracker go on."""
        self._cameras[plan.name].change(plan)

    def remove_camera(self, name: str) -> Past:
        """Finish its frames in flight. What one that takes its place goes on from."""
        camera = self._cameras[name]
        self._cameras = {each: other for each, other in self._cameras.items() if each != name}
        if hung := camera.end():
            log.warning("threads hang and are left behind", extra=fields(threads=", ".join(hung)))
        self._metrics.forget(name)
        return camera.analysis.handover()

    def is_working(self) -> bool:
        """Whether any frame may still come through; False once all files have ended, or after an error."""
        makers = threads_of(list(self._cameras.values()), list(self._models.values()))
        return any(thread.is_alive() for thread in makers)

    def is_writing(self) -> bool:
        """Whether outputs still write what is queued; to be asked after `finish`."""
        return any(thread.is_alive() for thread in self.delivery.threads)

    def finish(self) -> None:
        """All frames are through: let the outputs end when they have written everything."""
        self.delivery.close()

    def stop(self) -> list[str]:
        """End within 5 s: finish the frames in flight, write all events. The names of threads that hung."""
        cameras, models = list(self._cameras.values()), list(self._models.values())
        for camera in cameras:
            camera.stop.set()
        for model in models:
            model.scheduler.stop()
        late = join(threads_of(cameras, models), STOP_COMMIT)
        self.delivery.close()
        late += join(self.delivery.threads, STOP_WRITE)
        return late + join([camera.reader for camera in cameras if camera.reader], STOP_READ)

    @property
    def error(self) -> EdgevisionError | None:
        """The error of the first thread that failed, which ended all others."""
        return self._crew.error

    def source_errors(self) -> dict[str, SourceError]:
        """By camera: files that could not be read to their end."""
        return {name: each.capture.error for name, each in self._cameras.items() if each.capture.error}

    def frame_counts(self) -> dict[str, FrameCounts]:
        """The account of each camera's frames."""
        counts: dict[str, FrameCounts] = {}
        for model in self._models.values():
            counts |= model.scheduler.counts()
        return counts

    def reset(self, camera: str, name: str | None, why: str) -> Errand | None:
        """Have a live camera's counts begin at 0 again; None: it is gone, or too much is asked of it."""
        found = self._cameras.get(camera)
        return found.committer.reset(name, why) if found else None

    def pause(self, camera: str, on: bool) -> None:
        """Have a live camera let go of its source, or take it again. It stays so when it is opened anew."""
        self._paused = self._paused | {camera} if on else self._paused - {camera}
        if found := self._cameras.get(camera):
            found.capture.rest.wanted = on

    def counts(self, camera: str) -> Counter[tuple[str, str, str]]:
        """What was found so far, by (name, kind, label)."""
        found: Counter[tuple[str, str, str]] = Counter()
        for (_, *what), number in dict(self._cameras[camera].analysis.counted).items():
            found[what[0], what[1], what[2]] += number
        return found

    def cameras(self) -> list[str]:
        """Their names."""
        return list(self._cameras)

    def report(self, camera: str) -> dict[str, Any] | None:
        """What there is to tell of a camera now, in JSON's types; None: it has just been removed."""
        found = self._cameras.get(camera)
        return found.report() if found else None

    def trails(self, camera: str) -> list[Trail]:
        """Where its objects went lately; none of a camera that has just been removed."""
        found = self._cameras.get(camera)
        return found.committer.trails.newest() if found else []

    def history(self, camera: str) -> dict[str, list[Point]]:
        """How many were inside each of its analytics that know, minute by minute."""
        found = self._cameras.get(camera)
        return found.analysis.history.points() if found else {}

    def stuck(self) -> list[str]:
        """What hangs inside this process, in words: a reason to be restarted."""
        stuck = (heart.stuck(STUCK + heart.grace) for heart in self._hearts())
        return [text for text in stuck if text] + self._hanging()

    def slow(self) -> list[str]:
        """What seems to hang, in words, and may come to be a reason to be restarted."""
        slow = (heart.stuck(STUCK) for heart in self._hearts())
        return [text for text in slow if text] + self._hanging()

    def troubles(self) -> list[str]:
        """All that keeps frames from coming through or being counted: cameras that are away or blind, too."""
        away = [text for camera in self._cameras.values() if (text := camera.trouble())]
        return self.slow() + self.delivery.troubles() + away

    def progress(self) -> dict[str, dict[str, float]]:
        """By camera and step: time.monotonic() s up to which that step is through; 0.0 before its first."""
        through: dict[str, dict[str, float]] = {}
        for model in self._models.values():
            through |= model.scheduler.progress()
        for camera, steps in through.items():
            behind = self.delivery.behind(camera)
            steps["published"] = steps["committed"] if behind is None else min(behind, steps["committed"])
        return through

    def _hearts(self) -> list[Heartbeat]:
        hearts = [heart for model in self._models.values() for heart in model.heartbeats]
        for camera in self._cameras.values():
            hearts += [camera.capture.heartbeat, camera.committer.heartbeat]
        return hearts + self.delivery.heartbeats

    def _hanging(self) -> list[str]:
        """Reads that will never return. Their number is bounded: each holds memory and a connection."""
        hanging = {name: camera.capture.hanging() for name, camera in self._cameras.items()}
        if max(hanging.values(), default=0) < MOST_LEFT and sum(hanging.values()) < MOST_HANGING:
            return []
        return [f"camera {name}: {n} reads hang in the video library" for name, n in hanging.items() if n]

    def _camera(self, plan: CameraPlan) -> RunningCamera:
        camera = RunningCamera(plan, self._models[plan.model], self.delivery, self._metrics, self._gate)
        camera.capture.rest.wanted = plan.name in self._paused
        return camera

    def _abort(self) -> None:
        for camera in self._cameras.values():
            camera.stop.set()
        for model in self._models.values():
            model.scheduler.abort()
        self.delivery.close()
