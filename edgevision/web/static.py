"""The page: a few files of this package, which hold nothing secret."""

import hashlib
from pathlib import Path

from fastapi import FastAPI, Request, Response

FOLDER = Path(__file__).parent / "page"
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# The page runs its own scripts, talks to its own server, and stands in nobody's frame.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob:; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",  # keep, but ask whether it is still that: an update is seen at once
}


def add_page(app: FastAPI) -> None:
    files = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.suffix in TYPES}
    tags = {name: f'"{hashlib.sha256(content).hexdigest()[:16]}"' for name, content in files.items()}

    def answer(name: str, request: Request) -> Response:
        if name not in files:
            return Response("there is no such file", 404)
        headers = {**HEADERS, "ETag": tags[name]}
        if request.headers.get("if-none-match") == tags[name]:
            return Response(status_code=304, headers=headers)
        return Response(files[name], headers=headers, media_type=TYPES[Path(name).suffix])

    @app.get("/", response_class=Response, include_in_schema=False)
    def index(request: Request) -> Response:
        return answer("index.html", request)

    @app.get("/page/{name}", response_class=Response, include_in_schema=False)
    def file(name: str, request: Request) -> Response:
        return answer(name, request)
