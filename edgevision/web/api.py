"""/api/v1: what the process sees and knows, and how it is told what to do."""

from typing import Annotated

from fastapi import APIRouter, Query, Response, Security
from fastapi.responses import StreamingResponse
from fastapi.security import HTTPBearer

from edgevision.web.answers import (
    By,
    Counts,
    Desk,
    Log,
    Page,
    State,
)
from edgevision.web.changes import Caller, add_audit
from edgevision.web.editing import add_editing
from edgevision.web.looking import add_looking
from edgevision.web.orders import Paused, Reset, ResetDone
from edgevision.web.refusals import refusals
from edgevision.web.showing import add_showing
from edgevision.web.stream import add_stream

BEARER = HTTPBearer(auto_error=False, description="of `http: token` or `http: tokens`")


def build_api(desk: Desk, *, locked: bool = False) -> APIRouter:
    """All paths of the API; its routes only translate, the desk does the work. locked: a token is asked for,
    which the guard does; here it is only told."""
    api = APIRouter(prefix="/api/v1", dependencies=[Security(BEARER)] if locked else [])
    _add_reading(api, desk)
    add_stream(api, desk)
    add_looking(api, desk)
    add_showing(api, desk)
    _add_changing(api, desk)
    add_editing(api, desk.editing, desk.control)
    add_audit(api, desk.control)
    return api


def _add_reading(api: APIRouter, desk: Desk) -> None:
    @api.get("/state", summary="Cameras, counts and troubles now", responses=refusals())
    def state() -> State:
        return desk.state()

    kept = refusals(409, 503)  # no journal, and one that cannot be read

    @api.get("/events", summary="Events, the newest first; needs an output of type sqlite", responses=kept)
    def events(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        camera: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        label: str | None = None,
    ) -> Page:
        return desk.events(limit, before, camera=camera, name=name, kind=kind, label=label)

    @api.get(
        "/events.csv",
        summary="Events of a time as a table, the oldest first",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}, **kept},
    )
    def events_csv(
        since: str | None = None,
        until: str | None = None,
        zone: str | None = None,
        camera: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        label: str | None = None,
    ) -> StreamingResponse:
        lines = desk.events_csv(since, until, zone, camera, name=name, kind=kind, label=label)
        headers = {"Content-Disposition": 'attachment; filename="events.csv"'}
        return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)

    @api.get("/counts", summary="Sums by hour or day; needs an output of type sqlite", responses=kept)
    def counts(
        by: By = "all",
        since: str | None = None,
        until: str | None = None,
        zone: str | None = None,
        camera: str | None = None,
    ) -> Counts:
        return desk.counts(by, since, until, zone, camera)

    @api.get("/log", summary="The last warnings and errors, the newest first", responses=refusals())
    def log() -> Log:
        return desk.log()


def _add_changing(api: APIRouter, desk: Desk) -> None:
    @api.post(
        "/reset",
        summary="Begin counts at 0 again, with an event that says so",
        responses=refusals(404, 409, 503, body=True),
    )
    def reset(wish: Reset, who: Caller) -> ResetDone:
        done = ResetDone(events=desk.control.reset(wish))
        about = "all names" if wish.name is None else wish.name
        desk.control.note(who, "reset", wish.camera, f"{about}: {wish.why}")
        return done

    def turn(camera: str, who: str, what: str) -> Paused:
        state = desk.control.pause(camera, what == "pause")
        desk.control.note(who, what, camera, f"its state is {state}")
        return Paused(camera=camera, state=state)

    refused = refusals(404, 409)

    @api.post("/cameras/{camera}/pause", summary="Let go of a live source, until resume", responses=refused)
    def pause(camera: str, who: Caller) -> Paused:
        return turn(camera, who, "pause")

    @api.post("/cameras/{camera}/resume", summary="Take the source of a paused camera", responses=refused)
    def resume(camera: str, who: Caller) -> Paused:
        return turn(camera, who, "resume")
