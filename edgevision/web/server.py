"""The HTTP server: the page, its API, /metrics, and /healthz and /readyz for whoever watches the process.

FastAPI and uvicorn cost 0.25 s of CPU and 30 MB to import: that is done where they are used, when pictures
are on their way already, and not at all in a service without `http:`.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from edgevision import __version__
from edgevision.errors import EdgevisionError
from edgevision.redact import redact
from edgevision.tokens import Token
from edgevision.web.answers import Desk, Readiness
from edgevision.web.front import Front, Waiting
from edgevision.web.pulse import Pulse

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

SILENT = 30  # s
MOST_HEADERS = 16 * 1024  # bytes of a request's line and headers

log = logging.getLogger(__name__)


def build_app(
    desk: Desk, token: str | None, hosts: Collection[str] = (), tokens: Sequence[Token] = ()
) -> "ASGIApp":
    """desk: the process, as it is seen from here. token, tokens: see Login. hosts: see Guard."""
    from fastapi import FastAPI, Response
    from prometheus_client import CONTENT_TYPE_LATEST

    from edgevision.web.api import build_api
    from edgevision.web.guard import Guard
    from edgevision.web.login import Login
    from edgevision.web.refusals import add_refusals, refusals
    from edgevision.web.static import add_page

    app = FastAPI(title="edgevision", version=__version__, docs_url=None, redoc_url=None)

    text: dict[int | str, dict[str, Any]] = {200: {"content": {CONTENT_TYPE_LATEST.partition(";")[0]: {}}}}

    @app.get(
        "/metrics",
        response_class=Response,
        summary="Metrics in Prometheus' text format",
        responses={**text, **refusals()},
    )
    def metrics() -> Response:
        return Response(desk.metrics(), media_type=CONTENT_TYPE_LATEST)

    # Those two in the event loop itself: they answer even when all threads hang in a scrape.
    @app.get("/healthz", summary="200 while the process lives", responses=refusals())
    async def healthz() -> dict[str, str]:
        return {"status": "alive", "version": __version__}

    @app.get(
        "/readyz",
        summary="200 when frames come through; 503 names what keeps them",
        responses={**refusals(), 503: {"model": Readiness}},
    )
    async def readyz(response: Response) -> Readiness:
        found = [redact(trouble) for trouble in desk.troubles()]
        response.status_code = 503 if found else 200
        return Readiness(ready=not found, troubles=found)

    login = Login(token, tokens)
    app.include_router(login.routes())
    app.include_router(build_api(desk, locked=login.needed))
    add_refusals(app)
    add_page(app)
    return Guard(app, login, hosts)  # outermost, so that its headers are on answers to defects, too


def build_waiting(
    trouble: str, token: str | None, hosts: Collection[str] = (), tokens: Sequence[Token] = ()
) -> "ASGIApp":
    """While there is nothing to tell but what keeps it, in words; who may ask is as it will be."""
    from edgevision.web.guard import Guard
    from edgevision.web.login import Login

    return Guard(Waiting(redact(trouble)), Login(token, tokens), hosts)


class Server:
    """uvicorn in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        """Takes the address at once. Raises EdgevisionError when it cannot."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # A client that takes nothing for so long is gone (man 7 tcp).
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT * 1000)
        try:
            self._socket.bind((host, port))
            self._socket.listen()  # who connects now waits until it is served, and is not refused
        except OSError as error:
            self._socket.close()
            raise EdgevisionError(
                f"cannot listen on {host}:{port}: {error.strerror}; choose another port, or 0 for a free one"
            ) from None
        port = self._socket.getsockname()[1]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        self.pulse = Pulse()
        self._front = Front()  # may change what stands behind it
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: "ASGIApp") -> None:
        """Answer with this application, in the place of one before it."""
        self._front.app = app
        if self._thread:
            return
        import uvicorn

        from edgevision.web.patience import Impatient

        config = uvicorn.Config(
            self._front,
            http=Impatient,
            ws="none",
            log_config=None,
            log_level="error",  # else whoever sends nonsense writes the log
            server_header=False,
            h11_max_incomplete_event_size=MOST_HEADERS,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="http", daemon=True)
        self._socket.listen()  # from now on who connects waits, where uvicorn's thread is not there yet
        self._thread.start()

    def stop(self) -> None:
        if self._server and self._thread:
            self._server.should_exit = True
            self._thread.join(1.0)
        self._socket.close()

    def _run(self) -> None:
        assert self._server is not None
        try:
            asyncio.run(self._serve(self._server))
        except OSError:
            log.exception("the HTTP server failed")

    async def _serve(self, server: "uvicorn.Server") -> None:
        self.pulse.begin(asyncio.get_running_loop())
        serve: Any = server.serve(sockets=[self._socket])
        await serve
