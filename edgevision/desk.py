"""Answers what the API asks about the running process, and does what it wants done."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edgevision import __version__
from edgevision.config import LoadedConfig, load
from edgevision.errors import ConfigError
from edgevision.journal.reading import newest
from edgevision.journal.sums import FOREVER, sums
from edgevision.lint import warnings
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import ModelPlan
from edgevision.pipeline.viewing import Viewing
from edgevision.redact import redact
from edgevision.web.answers import (
    ApiError,
    By,
    CameraState,
    Configuration,
    Count,
    Counts,
    ModelState,
    Page,
    Reset,
    State,
    Verdict,
)


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
    ) -> None:
        """metrics: in Prometheus' text format. troubles: what keeps frames from coming through, in words.
        config: what runs now. path: of its file, if it has one. reload: read it again soon."""
        self._pipeline, self._viewing = pipeline, viewing
        self.metrics, self.troubles = metrics, troubles
        self._config, self._path, self._reload = config, path, reload
        self._began = time.monotonic()

    def cameras(self) -> list[str]:
        return self._pipeline.cameras()

    def jpeg(self, camera: str, after: int, timeout: float) -> tuple[int, bytes] | None:
        return self._viewing.jpeg(camera, after, timeout)

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
        found = newest(self._journal(), limit, before, **wanted)
        return Page(
            events=[event for _, event in found], before=found[-1][0] if len(found) == limit else None
        )

    def counts(
        self, by: By, since: str | None, until: str | None, zone: str | None, camera: str | None
    ) -> Counts:
        where = _zone(zone)
        first, last = _moment(since, where), _moment(until, where)
        found = sums(self._journal(), by, where, first or 0.0, last or FOREVER, camera)
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
            for each in found
        ]
        return Counts(by=by, counts=counts)

    def reset(self, wish: Reset) -> list[dict[str, Any]]:
        raise ApiError(501, "stop the service and use `edgevision counts FILE --reset CAMERA:NAME`")

    def configuration(self) -> Configuration:
        text = self._file().read_text(encoding="utf-8")
        if redact(text) != text:
            raise ApiError(409, "the file holds a password; write ${NAME} there instead to edit it here")
        return Configuration(text=text, version=_version(text))

    def check(self, text: str) -> Verdict:
        return self._try(text, lambda _: None)

    def configure(self, text: str, version: str) -> Verdict:
        path = self._file()
        if _version(path.read_text(encoding="utf-8")) != version:
            raise ApiError(412, "the file was changed meanwhile: read it again, and change that")
        verdict = self._try(text, lambda draft: draft.replace(path))
        if verdict.valid:
            self._reload()
        return verdict

    def reload(self) -> None:
        self._file()
        self._reload()

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

    def _journal(self) -> Path:
        journal = self._pipeline.delivery.journal
        if journal is None:
            raise ApiError(409, "events are kept only with an output: {type: sqlite, path: events.db}")
        return journal.journal.path

    def _file(self) -> Path:
        if self._path is None:
            raise ApiError(409, "this process does not run from a configuration file")
        return self._path

    def _try(self, text: str, use: Callable[[Path], object]) -> Verdict:
        """Check a text as if it were the file, beside it, as relative paths begin there; then use it."""
        path = self._file()
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=path.parent, prefix=".", suffix=".yaml", delete=False
        ) as file:
            file.write(text)
            os.fsync(file.fileno())
        draft = Path(file.name)
        try:
            doubts = warnings(load(draft))
            use(draft)
        except ConfigError as error:
            problems = [_of_file(problem, draft, path) for problem in error.problems]
            return Verdict(valid=False, problems=problems, warnings=[])
        finally:
            draft.unlink(missing_ok=True)
        return Verdict(valid=True, problems=[], warnings=[_of_file(doubt, draft, path) for doubt in doubts])


def _of_file(text: str, draft: Path, path: Path) -> str:
    """A message about the draft, as one about the file."""
    return redact(text.replace(str(draft), path.name).replace(draft.name, path.name))


def _version(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ApiError(422, f"no time zone {name!r}; expected one such as Europe/Paris") from None


def _moment(text: str | None, zone: ZoneInfo | None) -> float | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise ApiError(422, f"expected a time such as 2026-11-21T08:00, got {text!r}") from None
