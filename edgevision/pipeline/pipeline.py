"""All cameras, models and outputs of one process, running."""

import functools
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgevision.core.tracker import Tracker
from edgevision.errors import EdgevisionError, SourceError
from edgevision.inference.detector import Detector
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import Mode
from edgevision.inference.tiles import Tiles
from edgevision.metrics import FrameCounts, Metrics
from edgevision.outputs import Output
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.chain import Chain, Place, Second
from edgevision.pipeline.commit import Committer, NamedAnalytic
from edgevision.pipeline.crew import Crew, join
from edgevision.pipeline.delivery import Delivery
from edgevision.pipeline.scheduler import Scheduler
from edgevision.pipeline.worker import Worker
from edgevision.sources import Source

STUCK = 10.0  # s: nothing that a worker, a committer or an output does takes this long while it works
STOP_WORK = 2.0  # s: for the frames in flight to be finished
STOP_WRITE = 1.0  # s: for the outputs to write what is queued
STOP_READ = 0.5  # s: for a camera's read to return; it may take a stall timeout, so it is abandoned


UNKNOWN_RATE = 15.0  # frames/s to expect of a stream that does not say


@dataclass(frozen=True, slots=True)
class CameraPlan:
    """What one camera is to do."""

    name: str
    model: str
    source: Source
    analytics: Sequence[NamedAnalytic]
    confidence: float  # score from which a box may begin a track
    seconds: Sequence[Second] = ()  # looks at each object
    places: Sequence[Place] = ()  # looks at parts of the picture
    fps: float | None = None
    start: float = 0.0  # Unix s of a file's first frame
    stall: float = 3.0  # s
    remember: float = 300.0  # s, of what stands and is hidden
    tiles: Tiles | None = None  # how its frames are cut for the network
    outlines: Sequence[str] = ()  # of objects, that its events carry: polygons, rle

    def frame_rate(self) -> float:
        """Frames per second to expect, once the source is open."""
        rates = [rate for rate in (self.fps, self.source.frame_rate) if rate]
        return min(rates, default=UNKNOWN_RATE)


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """A loaded network and how many workers use it."""

    detector: Detector | Segmenter
    workers: int


class Pipeline:
    """Built whole, started once, stopped once."""

    def __init__(
        self,
        cameras: Sequence[CameraPlan],
        models: Mapping[str, ModelPlan],
        outputs: Sequence[Output],
        metrics: Metrics,
    ) -> None:
        self._stop = threading.Event()
        self._crew = Crew(on_error=self._abort)
        self._readers: list[threading.Thread] = []
        self._makers: list[threading.Thread] = []  # workers and committers
        self._writers: list[threading.Thread] = []
        self._delivery = Delivery(outputs, metrics)
        self._schedulers = {name: Scheduler(model.workers) for name, model in models.items()}
        tiles = {camera.name: camera.tiles for camera in cameras if camera.tiles}
        self._workers = [
            Worker(f"{name} worker {number + 1}", model.detector, self._schedulers[name], tiles)
            for name, model in models.items()
            for number in range(model.workers)
        ]
        self._captures: list[Capture] = []
        self.committers: dict[str, Committer] = {}
        for camera in cameras:
            self._add(camera, models[camera.model].detector.labels, metrics)
        metrics.watch_frames(self.frame_counts)

    def _add(self, plan: CameraPlan, labels: list[str], metrics: Metrics) -> None:
        scheduler = self._schedulers[plan.model]
        camera = metrics.camera(plan.name)
        capture = Capture(
            plan.name, plan.source, scheduler, camera, fps=plan.fps, start=plan.start, stall=plan.stall
        )
        self._captures.append(capture)
        self.committers[plan.name] = Committer(
            capture.lane,
            scheduler,
            Tracker(labels, confident=plan.confidence, remember=plan.remember),
            Chain(plan.seconds, plan.places, camera),
            plan.analytics,
            self._delivery,
            camera,
            labels,
            plan.outlines,
            plan.frame_rate,
            self._stop,
        )

    def start(self) -> None:
        """Start all threads."""
        self._writers = self._delivery.start(self._crew)
        for camera, committer in self.committers.items():
            self._makers.append(self._crew.start(f"{camera} commit", committer.run))
        for worker in self._workers:
            self._makers.append(self._crew.start(worker.heartbeat.name, worker.run))
        for capture in self._captures:
            run = functools.partial(capture.run, self._stop)
            self._readers.append(self._crew.start(f"{capture.camera} capture", run))

    def is_working(self) -> bool:
        """Whether any frame may still come through; False once all files have ended, or after an error."""
        return any(thread.is_alive() for thread in self._makers)

    def is_writing(self) -> bool:
        """Whether outputs still write what is queued; to be asked after `finish`."""
        return any(thread.is_alive() for thread in self._writers)

    def finish(self) -> None:
        """All frames are through: let the outputs end when they have written everything."""
        self._delivery.close()

    def stop(self) -> list[str]:
        """End within 5 s: finish the frames in flight, write all events. The names of threads that hung."""
        self._stop.set()
        for scheduler in self._schedulers.values():
            scheduler.stop()
        late = join(self._makers, STOP_WORK)
        self._delivery.close()
        late += join(self._writers, STOP_WRITE)
        return late + join(self._readers, STOP_READ)

    @property
    def error(self) -> EdgevisionError | None:
        """The error of the first thread that failed, which ended all others."""
        return self._crew.error

    def source_errors(self) -> dict[str, SourceError]:
        """By camera: files that could not be read to their end."""
        return {capture.camera: capture.error for capture in self._captures if capture.error}

    def frame_counts(self) -> dict[str, FrameCounts]:
        """The account of each camera's frames."""
        counts: dict[str, FrameCounts] = {}
        for scheduler in self._schedulers.values():
            counts |= scheduler.counts()
        return counts

    def stuck(self) -> list[str]:
        """What hangs inside this process, in words: a reason to be restarted."""
        hearts = [worker.heartbeat for worker in self._workers]
        hearts += [committer.heartbeat for committer in self.committers.values()]
        hearts += self._delivery.heartbeats
        return [text for heart in hearts if (text := heart.stuck(STUCK))]

    def troubles(self) -> list[str]:
        """All that keeps frames from coming through, cameras that are away included."""
        return self.stuck() + [text for capture in self._captures if (text := capture.trouble())]

    def _abort(self) -> None:
        self._stop.set()
        for scheduler in self._schedulers.values():
            scheduler.abort()
        self._delivery.close()


def plan_workers(wanted: int | None, mode: Mode, cameras_live: Sequence[bool], cores: int) -> tuple[int, int]:
    """How many workers a model gets on a CPU, and how many cores each of its runs may use.

    A worker per core on one core each gives the most frames; one worker on all cores the shortest time
    per frame, which is worth more for a single live camera as long as it keeps up.
    """
    if wanted:
        return wanted, 1
    if mode == "auto":
        mode = "latency" if list(cameras_live) == [True] else "throughput"
    return (1, cores) if mode == "latency" else (cores, 1)
