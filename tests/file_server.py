"""A real HTTP server for one file, that goes wrong as it is told."""

import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.serving import serving


class FileServer:
    """Serves `content` at every path. What `troubles` hold is done instead, a request each."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.etag: str | None = '"1"'
        self.heeds_if_range = True
        self.troubles: deque[Callable[[Handler], None]] = deque()
        self.requests: list[tuple[str, dict[str, str]]] = []  # path and headers
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.owner = self  # type: ignore[attr-defined]
        self.address = f"127.0.0.1:{self._server.server_port}"
        self.url = f"http://{self.address}/file.onnx"

    @property
    def ranges(self) -> list[str | None]:
        """The Range of each request."""
        return [headers.get("Range") for _, headers in self.requests]

    @contextmanager
    def running(self) -> Iterator["FileServer"]:
        with serving(self._server):
            yield self


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        owner: FileServer = self.server.owner  # type: ignore[attr-defined]
        owner.requests.append((self.path, dict(self.headers)))
        (owner.troubles.popleft() if owner.troubles else whole)(self)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def whole(handler: Handler, most: int | None = None) -> None:
    """The file, or the part of it that is asked for, as RFC 9110 has it; of the body only `most` bytes."""
    owner: FileServer = handler.server.owner  # type: ignore[attr-defined]
    content, start = owner.content, 0
    asked = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
    if asked and (not owner.heeds_if_range or handler.headers.get("If-Range") == owner.etag):
        start = int(asked[1])
    if start and start >= len(content):
        answer(handler, 416, b"", {"Content-Range": f"bytes */{len(content)}"})
        return
    headers = {"ETag": owner.etag} if owner.etag else {}
    if start:
        headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
    answer(handler, 206 if start else 200, content[start:], headers, most)


def answer(
    handler: Handler, status: int, body: bytes, headers: dict[str, str], most: int | None = None
) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body)), "Connection": "close"} | headers).items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body[:most])


def cut(most: int) -> Callable[[Handler], None]:
    """The connection breaks after so many bytes of the body."""
    return lambda handler: whole(handler, most)


def status(code: int) -> Callable[[Handler], None]:
    return lambda handler: answer(handler, code, b"an error page", {})


def redirect(location: str) -> Callable[[Handler], None]:
    return lambda handler: answer(handler, 302, b"", {"Location": location})


def chunked(handler: Handler) -> None:
    """The whole file without its length."""
    owner: FileServer = handler.server.owner  # type: ignore[attr-defined]
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.send_header("Connection", "close")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(owner.content), owner.content))
