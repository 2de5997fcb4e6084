"""/api/v1: what the process sees and knows, and how it is told what to do."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from edgevision.web.answers import (
    ApiError,
    By,
    Configuration,
    Counts,
    Desk,
    Page,
    Reset,
    State,
    Verdict,
    Wish,
)

BOUNDARY = "edgevision-frame"
PICTURE_WAIT = 5.0  # s for a picture to come before a viewer is told that there is none
FASTEST = 10.0  # pictures a second that one viewer is given
STATE_EVERY = 1.0  # s between two states that a listener is sent


def build_api(desk: Desk) -> APIRouter:
    """All paths of the API; its routes only translate, the desk does the work."""
    api = APIRouter(prefix="/api/v1")
    _add_reading(api, desk)
    _add_looking(api, desk)
    _add_changing(api, desk)
    return api


def _add_reading(api: APIRouter, desk: Desk) -> None:
    @api.get("/state", summary="Cameras, counts and troubles now")
    def state() -> State:
        return desk.state()

    @api.get("/events", summary="Events, the newest first; needs an output of type sqlite")
    def events(
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
        camera: str | None = None,
        name: str | None = None,
        kind: str | None = None,
        label: str | None = None,
    ) -> Page:
        return desk.events(limit, before, camera=camera, name=name, kind=kind, label=label)

    @api.get("/counts", summary="Sums by hour or day; needs an output of type sqlite")
    def counts(
        by: By = "all",
        since: str | None = None,
        until: str | None = None,
        zone: str | None = None,
        camera: str | None = None,
    ) -> Counts:
        return desk.counts(by, since, until, zone, camera)

    @api.get("/stream", summary="The state each second, as server-sent events", response_class=Response)
    async def stream() -> StreamingResponse:
        return StreamingResponse(_states(desk), media_type="text/event-stream")


def _add_looking(api: APIRouter, desk: Desk) -> None:
    @api.get("/cameras/{camera}/snapshot.jpg", summary="The newest picture, drawn", response_class=Response)
    async def snapshot(camera: str) -> Response:
        found = await _picture(desk, camera, 0)
        if found is None:
            raise ApiError(503, f"camera {camera} gives no picture")
        return Response(found[1], media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @api.get("/cameras/{camera}/live.mjpg", summary="All pictures, drawn on", response_class=Response)
    async def live(camera: str) -> StreamingResponse:
        _known(desk, camera)
        return StreamingResponse(
            _pictures(desk, camera), media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}"
        )


def _add_changing(api: APIRouter, desk: Desk) -> None:
    @api.get("/config", summary="The configuration file")
    def configuration() -> Configuration:
        return desk.configuration()

    @api.put("/config", summary="Replace the configuration file, and follow it")
    def configure(wish: Wish, if_match: Annotated[str, Header()]) -> Verdict:
        return desk.configure(wish.text, if_match.strip('"'))

    @api.post("/config/check", summary="Whether a configuration could be used")
    def check(wish: Wish) -> Verdict:
        return desk.check(wish.text)

    @api.post("/reload", summary="Read the configuration file again", status_code=202)
    def reload() -> dict[str, str]:
        desk.reload()
        return {"status": "reading the configuration again; the log says what changed"}

    @api.post("/reset", summary="Begin counts at 0 again, with an event that says so")
    def reset(wish: Reset) -> dict[str, list[dict[str, Any]]]:
        return {"events": desk.reset(wish)}


def _known(desk: Desk, camera: str) -> None:
    if camera not in desk.cameras():
        raise ApiError(404, f"there is no camera {camera!r}; there are {', '.join(desk.cameras())}")


async def _picture(desk: Desk, camera: str, after: int) -> tuple[int, bytes] | None:
    _known(desk, camera)
    return await run_in_threadpool(desk.jpeg, camera, after, PICTURE_WAIT)


async def _pictures(desk: Desk, camera: str) -> AsyncIterator[bytes]:
    """The parts of a multipart answer. A viewer that does not read is given the next one when it does."""
    number = 0
    while camera in desk.cameras():
        found = await _picture(desk, camera, number)
        if found is None:
            continue
        number, jpeg = found
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        yield head.encode() + jpeg + b"\r\n"
        await asyncio.sleep(1 / FASTEST)


async def _states(desk: Desk) -> AsyncIterator[str]:
    while True:
        state = await run_in_threadpool(desk.state)
        yield f"event: state\ndata: {json.dumps(state.model_dump())}\n\n"
        await asyncio.sleep(STATE_EVERY)
