"""The parts of a pipeline that run: one camera, and one model with its workers."""

import functools
import logging
import threading
from collections.abc import Sequence
from typing import Any

from prometheus_client import Histogram

from edgevision.accounts import FrameCounts
from edgevision.core.tracker import Tracker
from edgevision.journal import Past
from edgevision.log import fields
from edgevision.metrics import Metrics
from edgevision.pipeline.analysis import Analysis
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.chain import Chain
from edgevision.pipeline.commit import Committer
from edgevision.pipeline.crew import Crew, join
from edgevision.pipeline.delivery import Delivery
from edgevision.pipeline.heartbeat import Heartbeat
from edgevision.pipeline.lookout import Lookout
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.pipeline.retry import Gate
from edgevision.pipeline.scheduler import Scheduler
from edgevision.pipeline.worker import Worker

STOP_COMMIT = 2.0  # s: for the frames in flight to be finished
STOP_GIVE_UP = 0.5  # s: to notice that they are not waited for
STOP_WORK = 10.0  # s: for workers whose shift is over to finish the frame that they have
STOP_READ = 0.5  # s: for a camera's read to return; it may take a stall timeout, so it is abandoned

log = logging.getLogger(__name__)


class RunningModel:
    """A network, its workers and the frames that wait for them."""

    def __init__(self, name: str, plan: ModelPlan, batches: Histogram) -> None:
        self.plan = plan
        self.scheduler = Scheduler(plan.workers, plan.permits)
        self.threads: list[threading.Thread] = []
        self._name = name
        self._told = batches.labels(name).observe
        self._shift = 0
        self._workers = self._hire(plan)

    @property
    def heartbeats(self) -> list[Heartbeat]:
        return [worker.heartbeat for worker in self._workers]

    def start(self, crew: Crew) -> None:
        self.threads = [crew.start(worker.heartbeat.name, worker.run) for worker in self._workers]

    def use(self, plan: ModelPlan, crew: Crew) -> list[str]:
        """Other workers for the same frames, which nothing is lost of: those of before leave after the frame
        that they have. The names of those that do not, and are still watched."""
        same = (plan.detector, plan.workers) == (self.plan.detector, self.plan.workers)
        if same:
            self.plan = plan
            return []
        return self._relieve(plan, crew)

    def await_cameras(self, crew: Crew) -> None:
        """Until the scheduler is held no more, workers wait for cameras. Where they have left, as all files
        had ended, others come."""
        if self.scheduler.hold(True):
            self._relieve(self.plan, crew)

    def spent(self) -> tuple[int, float]:
        """Frames that its workers are through with, and their seconds on them."""
        workers = self._workers
        return sum(each.frames for each in workers), sum(each.seconds for each in workers)

    def _relieve(self, plan: ModelPlan, crew: Crew) -> list[str]:
        self._shift += 1
        before, leaving, workers = self._workers, self.threads, self._hire(plan)
        self.scheduler.change_shift(self._shift, plan.workers)
        self.plan, self._workers = plan, [*before, *workers]
        started = [crew.start(worker.heartbeat.name, worker.run) for worker in workers]
        self.threads = [*leaving, *started]
        if late := join(leaving, STOP_WORK):
            return late
        self._workers, self.threads = workers, started
        return []

    def _hire(self, plan: ModelPlan) -> list[Worker]:
        return [
            Worker(
                f"{self._name} worker {number}",
                plan.detector,
                self.scheduler,
                plan.batch,
                self._told,
                self._shift,
            )
            for number in range(1, plan.workers + 1)
        ]


class RunningCamera:
    """A camera's capture, tracker and analytics, with the two threads they belong to."""

    def __init__(
        self, plan: CameraPlan, model: RunningModel, delivery: Delivery, metrics: Metrics, gate: Gate
    ) -> None:
        self.plan = plan
        self.reader: threading.Thread | None = None
        self.committing: threading.Thread | None = None
        self.stop = threading.Event()
        self._model = model
        self._metrics = metrics.camera(plan.name)
        self.capture = Capture(
            plan.name,
            plan.source,
            model.scheduler,
            self._metrics,
            fps=plan.fps,
            start=plan.start,
            live=plan.live,
            gate=gate,
            when_still=plan.when_still,
            lane=model.scheduler.lane(plan.name, plan.source.live, plan.tiles, plan.priority, plan.region),
        )
        self.capture.choice.ignore(plan.ignored)
        labels = model.plan.detector.labels
        keeps = delivery.keeps and plan.source.live
        past = plan.past or Past(plan.name)
        self.analysis = Analysis(plan.analytics, past, self._metrics, labels, plan.outlines, keeps=keeps)
        self.committer = Committer(
            self.capture.lane,
            model.scheduler,
            Tracker(labels, confident=plan.confidence, remember=plan.remember),
            self._chain(plan),
            self.analysis,
            self._lookout(plan),
            delivery,
            self._metrics,
            labels,
            plan.frame_rate,
            self.stop,
            plan.ignored,
        )

    def start(self, crew: Crew) -> None:
        self.committing = crew.start(f"{self.plan.name} commit", self.committer.run)
        self.reader = crew.start(f"{self.plan.name} capture", functools.partial(self.capture.run, self.stop))

    def change(self, plan: CameraPlan) -> None:
        """Go on with other analytics and second looks; the plan is the same in all else."""
        self.plan = plan
        self.capture.lane.priority = plan.priority
        # Who draws lines anew has seen the view as it is now: it is learnt anew as well.
        self.committer.use(self._chain(plan), self._lookout(plan), plan.ignored)
        self.analysis.change(plan.analytics)
        self.capture.choice.ignore(plan.ignored)
        self.capture.choice.anew()

    def trouble(self) -> str | None:
        """Why its pictures do not come, or show nothing to go by, in words; None also while it is paused."""
        return None if self.capture.state == "paused" else self.capture.trouble() or self.committer.trouble()

    def report(self) -> dict[str, Any]:
        """What there is to tell of it now, in JSON's types; from any thread."""
        frames = self._model.scheduler.counts().get(self.plan.name, FrameCounts(0, 0, {}, 0))
        return {
            "model": self.plan.model,
            "live": self.plan.source.live,
            "state": self.capture.state,
            "trouble": self.trouble(),
            "captured": frames.captured,
            "processed": frames.processed,
            "dropped": dict(frames.dropped),
            "tracks": dict(self.committer.followed),
            "stage_milliseconds": self._metrics.stage_milliseconds(),
            "analytics": self.analysis.report(),
        }

    def end(self) -> list[str]:
        """Finish what is in flight and leave; the names of threads that hung."""
        self.stop.set()
        lane, committing = self.capture.lane, [each for each in (self.committing,) if each]
        self._model.scheduler.leave(lane)
        late = join(committing, STOP_COMMIT)
        if late:
            # Who takes its place goes on from its counts: what a slow run still brings has the same numbers.
            facts = fields(camera=self.plan.name, frames=len(lane.in_flight))
            log.warning("frames that are looked at for too long are given up", extra=facts)
            self._model.scheduler.leave(lane, at_once=True)
            late = join(committing, STOP_GIVE_UP)
        return late + join([each for each in (self.reader,) if each], STOP_READ)

    def _lookout(self, plan: CameraPlan) -> Lookout:
        return Lookout(plan.name, plan.sight, self._metrics)

    def _chain(self, plan: CameraPlan) -> Chain:
        return Chain(plan.seconds, plan.places, self._metrics)


def threads_of(cameras: Sequence[RunningCamera], models: Sequence[RunningModel]) -> list[threading.Thread]:
    """All that make results."""
    committing = [camera.committing for camera in cameras if camera.committing]
    return committing + [thread for model in models for thread in model.threads]
