"""What a pipeline is made of, before anything runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from edgevision.core.stillness import WhenStill
from edgevision.core.types import Floats
from edgevision.inference.detector import Detector
from edgevision.inference.region import Window
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import Mode
from edgevision.inference.tiles import Tiles
from edgevision.journal import Past
from edgevision.pipeline.chain import Place, Second
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.permits import Permits
from edgevision.sources import LiveSettings, Source

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
    priority: float = 1.0  # its share under overload, beside the others'
    start: float = 0.0  # Unix s of a file's first frame
    live: LiveSettings = field(default_factory=LiveSettings)
    remember: float = 300.0  # s, of what stands and is hidden
    region: Window | None = None  # the part of its frames that the network is shown; None: all
    tiles: Tiles | None = None  # how that is cut
    outlines: Sequence[str] = ()  # of objects, that its events carry: polygons, rle
    past: Past | None = None  # what was kept of it, if anything is
    sight: Sequence[str] = ()  # faults of its view to notice
    ignored: Sequence[Floats] = ()  # (K, 2) float32, 0..1: what stands there is not followed
    when_still: WhenStill | None = None  # when to look at a picture that stands still; None: as at any

    def frame_rate(self) -> float:
        """Frames per second to expect, once the source is open."""
        rates = [rate for rate in (self.fps, self.source.frame_rate) if rate]
        return min(rates, default=UNKNOWN_RATE)


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """A loaded network, how many workers use it, and on what."""

    detector: Detector | Segmenter
    workers: int
    threads: int = 1  # cores that each of its runs may use
    why: str = ""
    batch: int = 1  # pictures of different cameras that one run takes at most
    permits: Permits | None = None  # what its workers share with those of other networks; None: nothing
    written: tuple[int, int] | None = None  # ns and bytes: by which its file is known to be the same later


@dataclass(frozen=True, slots=True)
class Asked:
    """What the configuration says of one network."""

    workers: int | None
    mode: Mode
    lives: Sequence[bool]  # of its cameras


@dataclass(frozen=True, slots=True)
class Workers:
    """How a network uses the cores, and why."""

    workers: int
    threads: int
    why: str
    shared: bool = False  # whether its workers take turns on the cores with those of other networks

    @property
    def reserved(self) -> int:
        return 0 if self.shared else self.workers * self.threads


def plan_workers(asked: Mapping[str, Asked], cores: int) -> dict[str, Workers]:
    """How networks use the cores of a CPU.

    A worker per core, each run on one core, gives the most frames; one worker on all cores the shortest time
    per frame, which is worth more for a single live camera as long as it keeps up (measured: 66 ms instead of
    116 ms at half load, but a fifth fewer frames under full load). Networks that go for the most frames share
    the cores: each has a worker per core, and no more of them run at once than there are cores that nobody
    reserved.
    """
    alone = len(asked) == 1
    left = cores - sum(each.workers or 0 for each in asked.values())
    part = max(1, left // max(1, sum(not each.workers for each in asked.values())))
    return {name: _plan(each, alone, part, cores) for name, each in asked.items()}


def on_gpu(asked: int | None, plan: Workers) -> Workers:
    """A GPU runs one picture, or one batch, after the other. A second worker prepares frames meanwhile."""
    if asked:
        return Workers(asked, 1, "a GPU, and as configured: `workers`")
    return Workers(1, plan.threads, "a GPU runs one after the other")


def shared_cores(plans: Iterable[Workers], cores: int) -> int:
    """Workers that may run at once of all networks that share cores."""
    return max(1, cores - sum(plan.reserved for plan in plans))


def _plan(asked: Asked, alone: bool, part: int, cores: int) -> Workers:
    """part: of the cores, for a network that wants some to itself."""
    cameras = f"{len(asked.lives)} camera{'s' if len(asked.lives) != 1 else ''}"
    if asked.workers:
        return Workers(asked.workers, 1, "as configured: `workers`")
    if asked.mode == "latency":
        return Workers(1, part, "as configured: `mode: latency`")
    if asked.mode == "auto" and alone and list(asked.lives) == [True]:
        return Workers(1, cores, "latency: one live camera")
    why = "as configured: `mode: throughput`" if asked.mode == "throughput" else _most_frames(asked, alone)
    return Workers(cores, 1, f"{why}, {cameras}", shared=True)


def _most_frames(asked: Asked, alone: bool) -> str:
    if not alone:
        return "throughput: networks share the cores"
    return "throughput: " + ("several cameras" if len(asked.lives) > 1 else "a file")
