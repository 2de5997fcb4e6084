"""Hostile clients against the real server."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
from fastapi import FastAPI, Request

from edgevision.web import guard, patience
from edgevision.web.guard import Guard
from edgevision.web.login import Login
from edgevision.web.server import MOST_HEADERS, Server, build_app
from tests.fuzzing.http import Raw
from tests.web.desks import EmptyDesk

TOKEN = "a-long-enough-token"


def application() -> FastAPI:
    """What a page of ours may have one day: something that takes a body, and a defect."""
    app = FastAPI()

    @app.post("/take")
    async def take(request: Request) -> int:
        return len(await request.body())

    @app.get("/defect")
    def defect() -> None:
        raise RuntimeError("rtsp://viewer:geheim77@camera/1")

    return app


def serve(token: str | None = None, hosts: tuple[str, ...] = ()) -> Server:
    server = Server("127.0.0.1", 0)
    server.start(Guard(application(), Login(token), hosts))
    return server


@pytest.fixture
def server() -> Iterator[Server]:
    server = serve()
    yield server
    server.stop()


@pytest.fixture
def raw(server: Server) -> Raw:
    return Raw(server.url)


def get(server: Server, path: str = "/", **headers: str) -> httpx.Response:
    return httpx.get(server.url + path, headers=headers, verify=False)


def post(server: Server, content: bytes | Iterator[bytes], **headers: str) -> httpx.Response:
    return httpx.post(server.url + "/take", content=content, headers=headers, verify=False)


@pytest.mark.parametrize(
    ("host", "known"),
    [
        *(("127.0.0.1", True), ("127.0.0.1:80", True), ("[::1]:9108", True), ("192.168.1.5:9108", True)),
        *(("localhost", True), ("LOCALHOST:1", True), (socket.gethostname(), True)),
        ("Counts.example:1", True),
        *(("evil.example", False), ("127.0.0.1.evil.example", False), ("localhost.evil.example", False)),
        *(("counts.example.evil.example", False), ("a@127.0.0.1", True), ("127.0.0.1@evil.example", False)),
        *(("[::1", False), ("127.0.0.1:x", True), ("0x7f.1", False), ("2130706433", False)),
    ],
)  # fmt: skip
def test_a_page_of_somebody_else_cannot_lead_its_name_here(host: str, known: bool) -> None:
    """DNS rebinding: the browser sends the name that the page came from."""
    server = serve(hosts=("counts.example",))
    try:
        answer = get(server, "/nothing", Host=host)
    finally:
        server.stop()
    assert answer.status_code == (404 if known else 421)
    assert known or "http: hosts:" in answer.json()["detail"]


def test_who_sends_no_name_is_no_browser(raw: Raw) -> None:
    assert raw.ask(b"GET /nothing HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 404")
    assert raw.ask(b"GET /nothing HTTP/1.1\r\n\r\n").startswith(b"HTTP/1.1 400")
    assert raw.ask(b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n").startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize(
    ("origin", "status"),
    [(None, 200), ("http://127.0.0.1:{port}", 200), ("http://evil.example", 403), ("null", 403),
     ("http://127.0.0.1:1", 403), ("http://127.0.0.1:{port}.evil.example", 403)],
)  # fmt: skip
def test_a_page_of_somebody_else_cannot_change_anything(
    server: Server, origin: str | None, status: int
) -> None:
    headers = {"Origin": origin.format(port=server.url.rsplit(":", 1)[1])} if origin else {}
    assert post(server, b"abc", **headers).status_code == status


@pytest.mark.parametrize("path", ["/nothing", "/defect", "/take", "/openapi.json"])
def test_every_answer_has_the_headers_and_none_says_what_serves(server: Server, path: str) -> None:
    for answer in (get(server, path), get(server, path, Host="evil.example")):
        assert answer.headers["content-security-policy"].startswith("default-src 'self';")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers
        assert "geheim77" not in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "Bearer",
        "Bearer wrong",
        f"bearer {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        "Bearer ä",
    ],
)
def test_any_other_token_is_refused_on_every_path(sent: str) -> None:
    server = serve(TOKEN)
    try:
        for path in ("/take", "/nothing", "/openapi.json", "//take"):
            answer = httpx.get(server.url + path, headers=[(b"Authorization", sent.encode())], verify=False)
            assert answer.status_code == 401
            assert answer.headers["www-authenticate"] == "Bearer"
        assert get(server, "/nothing", Authorization=f"Bearer {TOKEN}").status_code == 404
    finally:
        server.stop()


def test_wrong_tokens_are_told_once_a_minute_and_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    server = serve(TOKEN)
    try:
        with caplog.at_level(logging.WARNING):
            for _ in range(20):
                get(server, "/nothing", Authorization="Bearer geheim77-not-quite")
    finally:
        server.stop()
    assert [record.message for record in caplog.records] == ["a wrong token was sent"]
    assert "geheim77" not in str(caplog.records[0].__dict__)


def test_a_body_that_is_too_large_is_refused_said_or_not(server: Server, raw: Raw) -> None:
    assert post(server, b"x" * guard.MOST_BODY).json() == guard.MOST_BODY
    assert post(server, b"x" * (guard.MOST_BODY + 1)).status_code == 413
    chunks = (b"x" * 65536 for _ in range(guard.MOST_BODY // 65536 + 1))
    assert post(server, chunks).status_code == 413
    head = b"POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1073741824\r\n\r\n"
    assert raw.ask(head).startswith(b"HTTP/1.1 413")


def test_headers_that_are_too_large_are_refused(raw: Raw) -> None:
    for line in (b"GET /" + b"a" * MOST_HEADERS, b"GET / HTTP/1.1\r\nX: " + b"a" * MOST_HEADERS):
        assert raw.ask(line).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize(
    "path",
    ["/metrics/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd", "/metrics%00.html",
     "//etc/passwd", "/static/..\\..\\etc\\passwd", "/file:///etc/passwd", "/metrics/", "/proc/self/environ"],
)  # fmt: skip
def test_no_path_leads_out(path: str) -> None:
    server = Server("127.0.0.1", 0)
    server.start(build_app(EmptyDesk(), None))
    try:
        answer = Raw(server.url).ask(
            f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
    finally:
        server.stop()
    assert answer.split(b" ")[1] in (b"404", b"307", b"400"), answer
    assert b"root:" not in answer


def test_a_client_that_sends_a_byte_now_and_then_is_let_go(
    server: Server, raw: Raw, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    monkeypatch.setattr(patience, "LOOK_EVERY", 0.05)
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.3)
    body = b"POST /take HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    answered = b"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n"
    assert raw.trickle(b"", b"") == b""  # says nothing
    assert raw.trickle(b"GET / HTTP/1.1\r\nX: ", b"a") == b""  # never ends its headers
    assert raw.trickle(body, b"a").startswith(b"HTTP/1.1 408")  # never ends its body
    assert raw.trickle(answered, b"a").startswith(b"HTTP/1.1 404")  # nor one that nobody wants


def test_a_thousand_idle_connections_keep_nobody_out(server: Server) -> None:
    host, port = server.url.removeprefix("http://").split(":")
    with ExitStack() as idle:
        for _ in range(300):
            connection = idle.enter_context(socket.create_connection((host, int(port))))
            connection.sendall(b"GET / HTTP/1.1\r\n")
        for _ in range(5):
            assert get(server, "/nothing").status_code == 404
        open_now = [thread for thread in threading.enumerate() if thread.name == "http"]
        assert len(open_now) == 1


def test_troubles_are_told_without_secrets() -> None:
    server = Server("127.0.0.1", 0)
    server.start(build_app(EmptyDesk(["camera a: rtsp://viewer:geheim77@camera/1 refused"]), None))
    try:
        answer = get(server, "/readyz")
    finally:
        server.stop()
    assert json.loads(answer.text)["troubles"] == ["camera a: rtsp://***@camera/1 refused"]


def test_nonsense_behind_a_request_writes_no_log(raw: Raw, caplog: pytest.LogCaptureFixture) -> None:
    """uvicorn answers it in the midst of another answer, which fails with a traceback."""
    head = b" /take HTTP/1.1\r\nHost: localhost\r\n"
    raw.trickle(
        b"POST" + head.replace(b"take", b"nothing") + b"Transfer-Encoding: chunked\r\n\r\nno length\r\n", b""
    )
    raw.trickle(b"POST" + head + b"Transfer-Encoding: chunked\r\n\r\nno length\r\n", b"")
    raw.trickle(b"GET" + head + b"Connection: close\r\n\r\n\x00nonsense\r\n\r\n", b"\x00")
    assert raw.ask(b"GET" + head + b"\r\n").startswith(b"HTTP/1.1 405")
    assert caplog.records == []
