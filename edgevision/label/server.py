"""The page and what it asks for. It serves this machine only, and takes no path from anybody."""

import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Field

from edgevision.errors import OutputError, SourceError
from edgevision.evaluate.read_counts import Row
from edgevision.label.jpegs import Jpegs
from edgevision.label.places import Place
from edgevision.label.store import Labelled, StaleError, TruthStore
from edgevision.settings import Settings
from edgevision.videoframes import VideoFrames

PAGE = Path(__file__).parent / "page"
FILES = {"/": "index.html", "/label.js": "label.js", "/label.css": "label.css"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
MOST_BYTES = 4 * 2**20  # of what the page sends
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Sent(Settings):
    """What the page sends after each click."""

    version: int = Field(ge=0)
    labelled: Labelled


def build_app(
    video: str, frames: VideoFrames, store: TruthStore, places: list[Place], ours: list[Row], hosts: set[str]
) -> FastAPI:
    """video: its name. ours: what we count, to be checked. hosts: what a browser may call this server; a name
    that another site makes point here (DNS rebinding) is none of them."""
    app = FastAPI(title="edgevision label count", docs_url=None, redoc_url=None, openapi_url=None)
    jpegs = Jpegs(frames)

    @app.middleware("http")
    async def guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.headers.get("host", "").lower() not in hosts:
            return JSONResponse({"detail": "this server is asked by another name"}, 421, headers=HEADERS)
        answer = await call_next(request)
        answer.headers.update(HEADERS)
        return answer

    def page(name: str) -> Callable[[], Response]:
        content = (PAGE / name).read_bytes()
        return lambda: Response(content, media_type=TYPES[Path(name).suffix])

    for path, name in FILES.items():
        app.get(path)(page(name))

    @app.get("/frame/{index}.jpg")
    def frame(index: int) -> Response:
        try:
            return Response(jpegs.get(index), media_type="image/jpeg")
        except IndexError:
            return JSONResponse({"detail": f"there is no frame {index}"}, 404)
        except SourceError as error:
            return JSONResponse({"detail": str(error)}, 500)

    @app.get("/api/times")
    def times(after: int = 0) -> dict[str, Any]:
        scanned = frames.scanned  # asked first: what is known after it is all
        known = frames.times(max(0, after))
        return {"times": [round(at, 4) for at in known], "all": scanned, "announced": frames.announced}

    @app.get("/api/truth")
    def truth() -> dict[str, Any]:
        return {
            "video": video,
            "file": str(store.path),
            "size": frames.size,
            "version": store.version,
            "labelled": store.labelled.model_dump(mode="json", by_alias=True, exclude_none=True),
            "places": [place._asdict() for place in places],
            "ours": [row.model_dump(mode="json", exclude_none=True) for row in ours],
        }

    @app.put("/api/truth")
    async def save(request: Request) -> Response:
        return await _save(request, store)

    return app


async def _save(request: Request, store: TruthStore) -> Response:
    """Only what a browser calls JSON: a page of another site cannot send that without our consent (CORS)."""
    if request.headers.get("content-type") != "application/json":
        return JSONResponse({"detail": "expected application/json"}, 415)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return JSONResponse({"detail": "this is more than a page sends"}, 413)
    try:
        sent = Sent.model_validate_json(body)
    except ValueError as error:
        return JSONResponse({"detail": f"not saved: {error}"}, 422)
    try:
        return JSONResponse({"version": store.save(sent.labelled, sent.version)})
    except StaleError:
        return JSONResponse({"detail": "another window has saved since: load this page anew"}, 409)
    except OutputError as error:
        return JSONResponse({"detail": str(error)}, 507)


def scan(frames: VideoFrames, stop: threading.Event) -> threading.Thread:
    """Reads the times of all frames beside everything else."""
    thread = threading.Thread(target=frames.scan, args=(stop,), name="times of frames", daemon=True)
    thread.start()
    return thread
