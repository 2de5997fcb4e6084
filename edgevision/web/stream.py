"""/api/v1/stream: the state each second, and each event once it is kept, as server-sent events
(https://html.spec.whatwg.org/multipage/server-sent-events.html).

A listener has no queue. It has a place in the journal, and is read on from there when it has taken what was
sent: one that is slow holds up nobody and costs no memory. One that takes nothing for SLOW seconds is let go;
a browser comes back by itself, and says where it was (Last-Event-ID).
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from edgevision.errors import EdgevisionError
from edgevision.web.answers import ApiError, Desk
from edgevision.web.changes import Until
from edgevision.web.refusals import refusals

STATE_EVERY = 1.0  # s between two states
LOOK = 0.2  # s between two looks at whether something was kept: a number is compared, nothing is read
AT_ONCE = 100  # events read at once, of some 200 bytes each, with outlines 10 KB
MOST = 32  # listeners
SLOW = 30.0  # s

LastId = Annotated[
    int | None, Header(ge=0, le=2**62, alias="Last-Event-ID", description="of the last message")
]


def add_stream(api: APIRouter, desk: Desk) -> None:
    streams = _Streams(desk)

    @api.get(
        "/stream",
        summary="The state each second, and each event once it is kept, as server-sent events",
        response_class=StreamingResponse,
        responses={200: {"content": {"text/event-stream": {}}}, **refusals(503)},
    )
    async def stream(until: Until, events: bool = True, last_id: LastId = None) -> StreamingResponse:
        if streams.number >= MOST:
            raise ApiError(503, f"{MOST} listen already; ask /api/v1/state and /api/v1/events instead")
        return StreamingResponse(streams.tell(events, last_id, until), media_type="text/event-stream")


class _Streams:
    """Used by the server's loop only."""

    def __init__(self, desk: Desk) -> None:
        self.number = 0
        self._desk = desk

    async def tell(self, events: bool, place: int | None, until: float) -> AsyncIterator[str]:
        """Messages, for as long as the process goes on and the listener keeps up.

        events: those of the journal, too. place: in it, of the last one that the listener has. until: Unix
        seconds at which its token expires.
        """
        clock = asyncio.get_running_loop().time
        self.number += 1
        try:
            async for message in self._messages(events, place):
                began = clock()
                yield message
                if clock() - began > SLOW or time.time() >= until:
                    return
        finally:
            self.number -= 1

    async def _messages(self, events: bool, place: int | None) -> AsyncIterator[str]:
        clock = asyncio.get_running_loop().time
        due, read = 0.0, -1  # when the next state is, and up to which news the journal was read
        while self._desk.is_open():
            if place is None:
                place, _ = await self._since(None)
            if clock() >= due:
                due = clock() + STATE_EVERY
                state = await run_in_threadpool(self._desk.state)
                yield _message("state", place, state.model_dump())
            news = self._desk.news()  # asked before it is read, so that none is missed
            if events and place is not None and news != read:
                place, found = await self._since(place)
                for at, event in found:
                    yield _message("event", at, event)
                if found:
                    continue
                read = news
            await asyncio.sleep(LOOK)

    async def _since(self, place: int | None) -> tuple[int | None, list[tuple[int, dict[str, Any]]]]:
        try:
            return await run_in_threadpool(self._desk.since, place, AT_ONCE)
        except EdgevisionError:  # a disk that is gone for now: what is kept there is told when it is back
            return place, []


def _message(kind: str, place: int | None, data: dict[str, Any]) -> str:
    id = "" if place is None else f"id: {place}\n"
    return f"event: {kind}\n{id}data: {json.dumps(data)}\n\n"
