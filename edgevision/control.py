"""Does what the API wants done with what runs: counts begin again, cameras pause; notes who wanted it."""

import json
import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from edgevision.core.types import Event
from edgevision.errors import OutputError
from edgevision.events import to_json, utc
from edgevision.journal.audit import Audit, Change
from edgevision.journal.reading import are_kept
from edgevision.log import fields
from edgevision.pipeline.pipeline import Pipeline
from edgevision.redact import redact
from edgevision.web.answers import ApiError
from edgevision.web.orders import Reset

PATIENCE = 5.0  # s for the thread of a camera to do it, and for the journal to keep it
LOOK = 0.02  # s between two looks at whether it is kept

log = logging.getLogger(__name__)


class Control:
    """One for the process; called from many threads."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        journal = pipeline.delivery.journal
        self._journal = journal.journal.path if journal else None
        self._audit = Audit(self._journal)

    def reset(self, wish: Reset) -> list[dict[str, Any]]:
        """Counts begin at 0 again; the events that say so, which are on the disk when this returns."""
        self._require_live(
            wish.camera, "its counts follow from it: `edgevision counts FILE --reset` counts it anew"
        )
        self._require_name(wish)
        if troubles := self._pipeline.delivery.troubles():
            raise ApiError(503, f"nothing was reset, as it could not be kept: {'; '.join(troubles)}")
        errand = self._pipeline.reset(wish.camera, wish.name, redact(wish.why))
        if errand is None:
            raise ApiError(503, f"camera {wish.camera} has too much to do; nothing was reset")
        try:
            events = errand.outcome.result(PATIENCE)
        except TimeoutError:
            if not errand.outcome.cancel():
                raise ApiError(503, f"camera {wish.camera} is busy; ask again whether it was reset") from None
            raise ApiError(503, f"camera {wish.camera} is busy; nothing was reset") from None
        self._wait_until_kept(events)
        return [json.loads(to_json(event)) for event in events]

    def pause(self, camera: str, on: bool) -> str:
        """Let go of a camera's source, or take it again; its state then."""
        self._require_live(camera, "a file is read to its end")
        self._pipeline.pause(camera, on)
        _wait(lambda: (self._state(camera) == "paused") is on)
        return self._state(camera)

    def note(self, who: str, what: str, camera: str | None = None, more: str = "") -> None:
        """Somebody changed something: one line of the log, and one row that stays."""
        more = redact(more)
        log.info("changed by the API", extra=fields(camera=camera or "", who=who, what=what, more=more))
        try:
            self._audit.note(Change(time.time(), who, what, camera, more))
        except OutputError as error:
            log.error("who changed what is in this log only: %s", error)

    def changes(self, limit: int) -> list[dict[str, Any]]:
        return [{"time": utc(each.wall), **each._asdict()} for each in self._audit.newest(limit)]

    def _require_live(self, camera: str, why: str) -> None:
        names = self._pipeline.cameras()
        if camera not in names:
            raise ApiError(404, f"there is no camera {camera!r}; there are {', '.join(names)}")
        if not self._pipeline.plan(camera).source.live:
            raise ApiError(409, f"camera {camera} plays a file, and {why}")

    def _state(self, camera: str) -> str:
        report = self._pipeline.report(camera)
        return str(report["state"]) if report else "removed"

    def _require_name(self, wish: Reset) -> None:
        if wish.name is None:
            return
        asked = {part for each in self._pipeline.plan(wish.camera).analytics for part in each.parts()}
        names = asked | {name for name, _, _ in self._pipeline.counts(wish.camera)}
        if wish.name not in names:
            known = ", ".join(sorted(names)) or "none"
            raise ApiError(
                404, f"camera {wish.camera} counts nothing called {wish.name!r}; there are {known}"
            )

    def _wait_until_kept(self, events: Sequence[Event]) -> None:
        """On the disk, so that a crash does not bring the old counts back after this was answered."""
        if self._journal is None or not events:
            return
        path, ids = self._journal, [event.id for event in events]
        if not _wait(lambda: are_kept(path, ids)):
            raise ApiError(
                503,
                f"the counts of camera {events[0].camera} began at 0 again, but that is not on the disk yet: "
                "if the service ends before it is, the old ones come back",
            )


def _wait(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(LOOK)
    return True
