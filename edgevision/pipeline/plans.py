"""What a pipeline is made of, before anything runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from edgevision.inference.detector import Detector
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import Mode
from edgevision.inference.tiles import Tiles
from edgevision.journal import Past
from edgevision.pipeline.chain import Place, Second
from edgevision.pipeline.named import NamedAnalytic
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
    start: float = 0.0  # Unix s of a file's first frame
    live: LiveSettings = field(default_factory=LiveSettings)
    tiles: Tiles | None = None  # how its frames are cut for the network
    outlines: Sequence[str] = ()  # of objects, that its events carry: polygons, rle
    past: Past | None = None  # what was kept of it, if anything is
    sight: Sequence[str] = ()  # faults of its view to notice

    def frame_rate(self) -> float:
        """Frames per second to expect, once the source is open."""
        rates = [rate for rate in (self.fps, self.source.frame_rate) if rate]
        return min(rates, default=UNKNOWN_RATE)


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """A loaded network and how many workers use it."""

    detector: Detector | Segmenter
    workers: int


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
