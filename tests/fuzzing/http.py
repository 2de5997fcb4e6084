"""Requests as no client of good will sends them, to a server that runs."""

import random
import socket
import threading
import time
from contextlib import suppress
from urllib.parse import urlsplit

LINES = rb"""GET /metrics HTTP/1.1
POST /readyz HTTP/1.1
HEAD /healthz HTTP/1.0
OPTIONS * HTTP/1.1
PRI * HTTP/2.0
GET http://[::1/ HTTP/1.1
CONNECT evil:80 HTTP/1.1
GET /%ff%00 HTTP/1.1""".split(b"\n")
FIELDS = [
    *rb"""Host: localhost
Host: evil.example
Host: [
Content-Length: 10
Content-Length: -1
Content-Length: 99999999999999999999
Transfer-Encoding: chunked
Transfer-Encoding: gzip, chunked
Connection: close
Connection: upgrade
Upgrade: websocket
Expect: 100-continue
Authorization: Bearer x
Origin: null
Origin: http://[
Range: bytes=0-
 folded
: empty""".split(b"\n"),
    b"X: " + b"y" * 5000,
    b"Host: \xff",
    b"Authorization: \xc3(",
]
BODIES = [b"", b"0\r\n\r\n", b"ffffffffffffffff\r\nx", b"5\r\nhello\r\n0\r\n\r\n", b"\0" * 100, LINES[0] * 2]


class Raw:
    """Bytes to a server, and what comes back."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "", parts.port or 0)

    def ask(self, request: bytes, seconds: float = 5.0) -> bytes:
        """Up to the first part of an answer, or nothing."""
        with socket.create_connection(self._address, timeout=seconds) as connection, suppress(OSError):
            connection.sendall(request)
            return connection.recv(65536)
        return b""

    def trickle(self, request: bytes, byte: bytes, seconds: float = 30.0) -> bytes:
        """Send `byte` again and again until the server has enough; what it said until then."""
        said = b""
        with socket.create_connection(self._address) as connection:
            connection.settimeout(0.05)
            connection.sendall(request)
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                try:
                    connection.sendall(byte)
                    part = connection.recv(65536)
                except TimeoutError:
                    continue
                except OSError:
                    return said
                if not part:
                    return said
                said += part
        raise AssertionError(f"the connection is still open after {seconds:g} s")


def request(chance: random.Random) -> bytes:
    """One that is wrong in some ways."""
    fields = [chance.choice(FIELDS) for _ in range(chance.randint(0, 5))]
    content = b"\r\n".join([chance.choice(LINES), *fields, b"", chance.choice(BODIES)])
    for _ in range(chance.choice((0, 0, 1, 3))):
        at = chance.randrange(len(content) + 1)
        content = content[:at] + chance.randbytes(chance.randint(0, 3)) + content[at + chance.randint(0, 3) :]
    return content


def send_nonsense(raw: Raw, chance: random.Random) -> None:
    """Answered, or let go; whatever is answered is no defect of ours."""
    answer = raw.ask(request(chance), seconds=0.2)
    assert not answer or answer.startswith(b"HTTP/1.1 ")
    assert not answer.startswith(b"HTTP/1.1 5"), answer
    assert [thread.name for thread in threading.enumerate()].count("http") == 1
