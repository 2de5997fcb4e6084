"""Answers what the API asks about the running process, and does what it wants done."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

from edgevision import __version__
from edgevision.config import LoadedConfig
from edgevision.control import Control
from edgevision.editing import Editing
from edgevision.evidence import found, look_up
from edgevision.export.tables import COLUMNS, Question, events
from edgevision.export.texts import as_csv
from edgevision.journal.reading import after, newest
from edgevision.journal.sums import FOREVER, sums
from edgevision.journal.times import moment_of, zone_of
from edgevision.pipeline.history import EVERY
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import ModelPlan
from edgevision.pipeline.viewing import Viewing
from edgevision.recent import Recent
from edgevision.redact import redact
from edgevision.web.answers import (
    ApiError,
    By,
    CameraState,
    Count,
    Counts,
    Log,
    ModelState,
    Page,
    Record,
    State,
)
from edgevision.web.lately import Occupancy, Trails

REST = 3  # times as long as a page of an export took it rests: a quarter of one core at most


class Desk:
    """One for the process; called from many threads."""

    def __init__(
        self,
        pipeline: Pipeline,
        metrics: Callable[[], bytes],
        troubles: Callable[[], list[str]],
        viewing: Viewing,
        config: Callable[[], LoadedConfig],
        path: Path | None,
        reload: Callable[[], None],
        recent: Recent | None = None,
    ) -> None:
        """metrics: in Prometheus' text format. troubles: what keeps frames from coming through, in words.
        config: what runs now. path: of its file, if it has one. reload: read it again soon. recent: what the
        log said last."""
        self._pipeline, self._viewing = pipeline, viewing
        self.metrics, self.troubles = metrics, troubles
        self._config = config
        self._recent = recent or Recent()
        self.editing = Editing(path, reload)
        self.control = Control(pipeline)
        self._began = time.monotonic()
        self._closed = Event()

    def close(self) -> None:
        """The process ends: so does what is streamed."""
        self._closed.set()

    def is_open(self) -> bool:
        return not self._closed.is_set()

    def log(self) -> Log:
        return Log(records=[Record(**each._asdict()) for each in self._recent.newest_first()])

    def cameras(self) -> list[str]:
        return self._pipeline.cameras()

    def jpeg(self, camera: str, after: int, timeout: float, shapes: bool) -> tuple[int, bytes] | None:
        return self._viewing.jpeg(camera, after, timeout, shapes)

    def heat(self, camera: str, name: str, timeout: float) -> bytes | None:
        return self._viewing.heat(camera, name, timeout)

    def trails(self, camera: str) -> Trails:
        return Trails(trails=self._pipeline.trails(camera))

    def occupancy(self, camera: str) -> Occupancy:
        return Occupancy(every=EVERY, series=self._pipeline.history(camera))

    def state(self) -> State:
        troubles = self.troubles()
        return State(
            version=__version__,
            ready=not troubles,
            troubles=troubles,
            uptime=round(time.monotonic() - self._began, 1),
            models=[self._model(name, plan) for name, plan in self._pipeline.model_plans().items()],
            cameras=[state for name in self.cameras() if (state := self._camera(name))],
            outputs=self._pipeline.delivery.names(),
        )

    def events(self, limit: int, before: int | None, **wanted: str | None) -> Page:
        listed = newest(self._journal(), limit, before, **wanted)
        folders = self._folders()
        for _, event in listed:
            if folders and (kept := found(folders, event)):
                event["evidence"] = {what: f"/api/v1/evidence/{path}" for what, path in kept.items()}
        last = listed[-1][0] if len(listed) == limit else None
        return Page(events=[event for _, event in listed], before=last)

    def evidence(self, path: str) -> Path | None:
        return look_up(self._folders(), path)

    def events_csv(
        self, since: str | None, until: str | None, zone: str | None, camera: str | None, **wanted: str | None
    ) -> Iterator[str]:
        where, first, last = _asked_time(since, until, zone)
        question = Question(self._journal(), first, last, camera, zone=where)
        return self._paced(as_csv(events(question, wanted), list(COLUMNS["events"])))

    def _paced(self, texts: Iterator[str]) -> Iterator[str]:
        """Millions of events take minutes, of which the pipeline is to notice little."""
        began = time.monotonic()
        for text in texts:
            took = time.monotonic() - began
            yield text
            if self._closed.wait(took * REST):
                return
            began = time.monotonic()

    def news(self) -> int:
        return self._pipeline.delivery.news

    def since(self, place: int | None, limit: int) -> tuple[int, list[tuple[int, dict[str, Any]]]]:
        journal = self._pipeline.delivery.journal
        return after(journal.journal.path, place, limit) if journal else (0, [])

    def counts(
        self, by: By, since: str | None, until: str | None, zone: str | None, camera: str | None
    ) -> Counts:
        where, first, last = _asked_time(since, until, zone)
        totals = sums(self._journal(), by, where, first, last, camera)
        counts = [
            Count(
                start=each.start.astimezone(where).isoformat() if each.start else None,
                camera=each.camera,
                analytic=each.analytic,
                name=each.name,
                kind=each.kind,
                label=each.label,
                count=each.n,
                mean=each.mean,
                most=each.most,
            )
            for each in totals
        ]
        return Counts(by=by, counts=counts)

    def _model(self, name: str, plan: ModelPlan) -> ModelState:
        network = plan.detector
        return ModelState(
            name=name,
            file=network.path.name,
            provider=network.provider,
            precision=network.precision,
            workers=plan.workers,
            threads=plan.threads,
            plan=plan.why,
        )

    def _camera(self, name: str) -> CameraState | None:
        report = self._pipeline.report(name)
        camera = self._config().settings.cameras.get(name)
        source = redact(camera.source) if camera else ""
        return CameraState(name=name, source=source, **report) if report else None

    def _folders(self) -> list[Path]:
        """Where evidence is kept."""
        return [Path(each.folder) for each in self._config().settings.outputs if each.type == "evidence"]

    def _journal(self) -> Path:
        journal = self._pipeline.delivery.journal
        if journal is None:
            raise ApiError(409, "events are kept only with an output: {type: sqlite, path: events.db}")
        return journal.journal.path


def _asked_time(
    since: str | None, until: str | None, zone: str | None
) -> tuple[ZoneInfo | None, float, float]:
    """Whose time, and from when until before when, Unix s. Raises ApiError."""
    try:
        where = zone_of(zone)
        return where, moment_of(since, where) or 0.0, moment_of(until, where) or FOREVER
    except ValueError as error:
        raise ApiError(422, str(error)) from None
