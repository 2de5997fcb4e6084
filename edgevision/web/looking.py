"""Pictures of cameras: the newest one, or all of them for as long as somebody looks."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import TypeVar, TypeVarTuple, Unpack

import anyio
from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse

from edgevision.web.answers import ApiError, Desk
from edgevision.web.changes import Until
from edgevision.web.lately import Occupancy, Trails
from edgevision.web.refusals import refusals

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
BOUNDARY = "edgevision-frame"
PICTURE_WAIT = 5.0  # s for a picture to come before a viewer is told that there is none
STREAM_WAIT = 0.5  # s likewise, before a stream looks whether it is to end
EACH, ALL = (
    10.0,
    30.0,
)  # pictures a second that one viewer is given, and all together: to send one takes 0.3 ms
MOST_STREAMS = 24  # viewers at once
# Threads that wait for pictures, apart from those that answer everything else: of a camera that is away, each
# viewer keeps one waiting.
MOST_WAITING = 32


def add_looking(api: APIRouter, desk: Desk) -> None:
    looking = _Looking(desk)

    @api.get(
        "/cameras/{camera}/snapshot.jpg",
        summary="The newest picture, drawn",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}}, **refusals(404, 503)},
    )
    async def snapshot(camera: str, shapes: bool = True) -> Response:
        found = await looking.picture(camera, 0, shapes, PICTURE_WAIT)
        if found is None:
            raise ApiError(503, f"camera {camera} gives no picture")
        return Response(found[1], media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @api.get(
        "/cameras/{camera}/live.mjpg",
        summary="All pictures, drawn on",
        response_class=Response,
        responses={200: {"content": {"multipart/x-mixed-replace": {}}}, **refusals(404, 503)},
    )
    async def live(camera: str, until: Until, shapes: bool = True) -> StreamingResponse:
        looking.check(camera)
        if looking.streams >= MOST_STREAMS:
            raise ApiError(503, f"{MOST_STREAMS} look on already; a snapshot.jpg can still be had")
        return StreamingResponse(
            looking.pictures(camera, shapes, until),
            media_type=f"multipart/x-mixed-replace; boundary={BOUNDARY}",
        )

    @api.get(
        "/cameras/{camera}/heatmaps/{name}.jpg",
        summary="A heatmap over the newest picture",
        response_class=Response,
        responses={200: {"content": {"image/jpeg": {}}}, **refusals(404, 503)},
    )
    async def heat(camera: str, name: str) -> Response:
        looking.check(camera)
        jpeg = await looking.waiting(desk.heat, camera, name, PICTURE_WAIT)
        if jpeg is None:
            raise ApiError(404, f"camera {camera} has no heatmap {name!r}, or gives no picture")
        return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @api.get("/cameras/{camera}/trails", summary="Where objects went lately", responses=refusals(404))
    def trails(camera: str) -> Trails:
        looking.check(camera)
        return desk.trails(camera)

    @api.get(
        "/cameras/{camera}/occupancy",
        summary="How many were inside, by the minute, for a day",
        responses=refusals(404),
    )
    def occupancy(camera: str) -> Occupancy:
        looking.check(camera)
        return desk.occupancy(camera)


class _Looking:
    """Used by the server's loop only."""

    def __init__(self, desk: Desk) -> None:
        self.streams = 0
        self._desk = desk
        self._waiting = anyio.CapacityLimiter(MOST_WAITING)

    def check(self, camera: str) -> None:
        if camera not in self._desk.cameras():
            known = ", ".join(self._desk.cameras())
            raise ApiError(404, f"there is no camera {camera!r}; there are {known}")

    async def picture(self, camera: str, after: int, shapes: bool, wait: float) -> tuple[int, bytes] | None:
        self.check(camera)
        return await self.waiting(self._desk.jpeg, camera, after, wait, shapes)

    async def waiting(self, call: Callable[[Unpack[Ts]], T], *arguments: *Ts) -> T:
        """In one of the threads that wait for pictures."""
        return await anyio.to_thread.run_sync(call, *arguments, limiter=self._waiting)

    async def pictures(self, camera: str, shapes: bool, until: float) -> AsyncIterator[bytes]:
        """The parts of a multipart answer. A viewer that does not read is given the next one when it does.
        until: Unix seconds at which its token expires.

        Each part ends with the line that begins the next one, as browsers show a picture only then.
        """
        self.streams += 1
        try:
            number = 0
            yield f"--{BOUNDARY}\r\n".encode()
            while self._desk.is_open() and camera in self._desk.cameras() and time.time() < until:
                found = await self.picture(camera, number, shapes, STREAM_WAIT)
                if found is None:
                    continue
                number, jpeg = found
                head = f"Content-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                yield head.encode() + jpeg + f"\r\n--{BOUNDARY}\r\n".encode()
                await asyncio.sleep(max(0.5 / EACH, self.streams / ALL))  # Viewing makes EACH a second
        finally:
            self.streams -= 1
