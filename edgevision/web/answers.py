"""What the API answers with. These models are its documentation: /openapi.json is made of them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import BaseModel, Field

from edgevision.web.lately import Occupancy, Trails
from edgevision.web.orders import Control
from edgevision.web.shapes import Shapes, ShapesWish

Names = dict[str, float]


class AnalyticState(BaseModel):
    """One line, zone, spot, ... of a camera."""

    kind: str = Field(description="line, zone, spots, ...")
    name: str
    counts: dict[str, dict[str, int]] = Field(description="by kind of event, then by label")
    occupancy: int | None = Field(description="objects in it now; null where that is no question, or unknown")
    gauges: Names = Field(description="further numbers of the moment, e.g. the length of a queue")
    states: dict[str, str] = Field({}, description="of each parking spot: free, occupied, unknown")


class CameraState(BaseModel):
    """One camera."""

    name: str
    source: str = Field(description="without its password")
    model: str
    live: bool = Field(description="whether it goes on for ever; a file ends")
    state: str = Field(description="connecting, streaming, backoff, paused, ended, ...")
    trouble: str | None = Field(description="why no pictures come, in words")
    captured: int
    processed: int
    dropped: dict[str, int] = Field(description="frames by reason")
    tracks: dict[str, int] = Field(description="objects followed now, by label")
    stage_milliseconds: Names = Field(description="mean time of a frame in each stage since the start")
    analytics: list[AnalyticState]


class ModelState(BaseModel):
    """One network that looks at cameras, and how it uses the cores."""

    name: str
    file: str
    provider: str
    precision: str
    workers: int
    threads: int = Field(description="cores that one run may use")
    plan: str = Field(description="why so, in words")


class State(BaseModel):
    """The whole process."""

    version: str
    ready: bool
    troubles: list[str]
    uptime: float = Field(description="seconds")
    models: list[ModelState]
    cameras: list[CameraState]
    outputs: list[str]


class Readiness(BaseModel):
    """Whether frames come through."""

    ready: bool
    troubles: list[str]


class Page(BaseModel):
    """Events, the newest first."""

    events: list[dict[str, Any]] = Field(
        description="as they are written everywhere; `evidence` has addresses of a `picture`, a `crop` and a "
        "`clip`, of those that are kept"
    )
    before: int | None = Field(description="ask with this for the next page; null: there is none")


class Count(BaseModel):
    """How often something happened in a stretch of time."""

    start: str | None
    camera: str
    analytic: str
    name: str
    kind: str
    label: str
    count: int
    mean: float
    most: float


class Counts(BaseModel):
    """Sums by the hour, by the day, or of all."""

    by: str
    counts: list[Count]


class Configuration(BaseModel):
    """The file as it is on the disk."""

    text: str
    version: str = Field(description="to be given back when it is changed: If-Match")


class Verdict(BaseModel):
    """Whether a configuration could be used."""

    valid: bool
    problems: list[str]
    warnings: list[str]
    version: str | None = Field(None, description="of the file, as it was written; null: it was not")


class Wish(BaseModel):
    """A text to be checked or taken."""

    text: str = Field(max_length=262_144)


class Record(BaseModel):
    """A warning or an error of the log."""

    time: str
    level: str
    camera: str | None
    text: str


class Log(BaseModel):
    """The last of them, the newest first."""

    records: list[Record]


class Version(BaseModel):
    """An earlier state of the configuration file."""

    number: int
    until: str = Field(description="when it was replaced")


class History(BaseModel):
    """The last versions, the newest first."""

    versions: list[Version]


By = Literal["all", "day", "hour"]


class ApiError(Exception):
    """What was asked cannot be done; `status` is HTTP's."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        super().__init__(text)


class Desk(Protocol):
    """The process, as the API sees it. Called from many threads. Raises ApiError, or EdgevisionError."""

    metrics: Callable[[], bytes]
    """All metrics in Prometheus' text format."""

    troubles: Callable[[], list[str]]
    """What keeps frames from coming through, in words; empty when all is well."""

    def state(self) -> State: ...

    def is_open(self) -> bool:
        """Whether the process goes on; else what is streamed is to end."""

    def log(self) -> Log: ...

    def cameras(self) -> list[str]: ...

    def jpeg(self, camera: str, after: int, timeout: float, shapes: bool) -> tuple[int, bytes] | None:
        """The newest picture with a number above `after`, and its number; with lines, zones, ... on it?"""

    def heat(self, camera: str, name: str, timeout: float) -> bytes | None:
        """A heatmap of that camera over its picture, as JPEG."""

    def trails(self, camera: str) -> Trails: ...

    def occupancy(self, camera: str) -> Occupancy: ...

    def events(self, limit: int, before: int | None, **wanted: str | None) -> Page: ...

    def evidence(self, path: str) -> Path | None:
        """The file of a path as `events` gave it; None: it is not there, or that is no such path."""

    def events_csv(
        self, since: str | None, until: str | None, zone: str | None, camera: str | None, **wanted: str | None
    ) -> Iterator[str]:
        """The lines of a table, page by page; ends when the process does."""

    def news(self) -> int:
        """Another number each time that something was kept."""

    def since(self, place: int | None, limit: int) -> tuple[int, list[tuple[int, dict[str, Any]]]]:
        """Events that were kept after a place in the journal, each with its own, the oldest first; and the
        place of the last. None, or a place that is not reached yet: none of them, and the newest place."""

    def counts(
        self, by: By, since: str | None, until: str | None, zone: str | None, camera: str | None
    ) -> Counts: ...

    @property
    def editing(self) -> "Editing": ...

    @property
    def control(self) -> Control: ...


class Editing(Protocol):
    """The configuration, as the API sees it."""

    def configuration(self) -> Configuration: ...

    def check(self, text: str) -> Verdict: ...

    def configure(self, text: str, version: str) -> Verdict:
        """Write the file, if it is valid and still of that version, and follow it."""

    def reload(self) -> None: ...

    def history(self) -> History: ...

    def restore(self, number: int, version: str) -> Verdict:
        """Go back to an earlier version, as `configure` does with a text."""

    def shapes(self, camera: str) -> Shapes: ...

    def check_shapes(self, camera: str, wish: ShapesWish, version: str) -> Verdict: ...

    def draw_shapes(self, camera: str, wish: ShapesWish, version: str) -> Verdict:
        """Put them into the file, as `configure` does with a text."""
