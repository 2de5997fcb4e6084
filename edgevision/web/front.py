"""What the server answers before there is anything to tell of: that it lives, and what it waits for."""

import json
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from edgevision import __version__


class Front:
    """Stands before the application, which may be replaced while the server runs."""

    def __init__(self) -> None:
        self.app: ASGIApp = Waiting("starting")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Waiting:
    """The application until there is another one."""

    def __init__(self, trouble: str) -> None:
        """trouble: what keeps it, in words."""
        self._trouble = trouble

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            await _answer(*self._said(scope["path"]), send)

    def _said(self, path: str) -> tuple[int, dict[str, Any]]:
        if path == "/healthz":
            return 200, {"status": "alive", "version": __version__}
        if path == "/readyz":
            return 503, {"ready": False, "troubles": [self._trouble]}
        return 503, {"detail": f"not ready yet: {self._trouble}"}


async def _answer(status: int, said: dict[str, Any], send: Send) -> None:
    body = json.dumps(said).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _live(receive: Receive, send: Send) -> None:
    """uvicorn asks at its start, and at its end, whether it may."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
