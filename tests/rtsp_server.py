"""A small real RTSP server: one Motion JPEG stream over TCP, as a camera gives it, with faults on demand.

RTSP 1.0 (RFC 2326) with interleaved RTP (RFC 3550), JPEG payload (RFC 2435). No dependency but cv2, so that
every test run has a camera to lose.
"""

import base64
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from urllib.parse import quote, urlsplit

import numpy as np

from edgevision.opencv import cv2

CLOCK = 90_000  # RTP ticks per second of JPEG video
CHUNK = 1400  # bytes of a picture per packet
PATHS = ("/cam", "/cam/track", "")  # its stream, its track, and a control URL without path
SDP = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=camera
t=0 0
m=video 0 RTP/AVP 26
a=control:track
""".replace("\n", "\r\n")


class RtspServer:
    """Serves rtsp://127.0.0.1:port/cam until closed. Each new picture has its number in its brightness."""

    def __init__(
        self,
        *,
        fps: float = 25.0,
        size: tuple[int, int] = (320, 240),
        password: str = "",
        port: int = 0,
        first_ticks: int = 0,
        tls: ssl.SSLContext | None = None,
        jpeg: Callable[[int], bytes] | None = None,
    ) -> None:
        """first_ticks: RTP timestamp of the first picture; they wrap at 2^32. jpeg: what to show instead, by
        the number of the picture: of that size, sampled 4:2:0, the sides multiples of 16."""
        self.fps = fps
        self.size = size  # may change while it plays
        self.frozen = threading.Event()  # keep the connection, send nothing: a camera that hangs
        self.mute = threading.Event()  # send reports (RTCP), but no pictures: its encoder hangs
        self.sessions = 0
        self._first_ticks = first_ticks
        self._tls = tls
        self._password = password
        self._jpeg = jpeg or (lambda number: _jpeg(self.size, number % 12))
        self._closed = threading.Event()
        self._clients: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="rtsp server", daemon=True).start()

    @property
    def url(self) -> str:
        login = f"viewer:{quote(self._password, safe='')}@" if self._password else ""
        return f"{'rtsps' if self._tls else 'rtsp'}://{login}127.0.0.1:{self.port}/cam"

    def cut(self) -> None:
        """Close all connections, as a camera that reboots does."""
        for client in self._clients:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)  # close() alone says nothing while a thread still reads
            client.close()
        self._clients.clear()

    def close(self) -> None:
        self._closed.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept(), which would serve one more client
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        while not self._closed.is_set():
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._clients.append(client)
            threading.Thread(target=self._serve, args=(client,), name="rtsp client", daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        playing = False
        try:
            if self._tls:
                client = self._tls.wrap_socket(client, server_side=True)
                self._clients.append(client)
            for method, url, headers in _requests(client):
                reply, body = self._answer(method, urlsplit(url).path, headers)
                client.sendall(_response(reply, headers.get("cseq", "0"), body))
                if method == "PLAY" and not playing:
                    playing = True
                    self.sessions += 1
                    threading.Thread(target=self._play, args=(client,), name="rtsp play", daemon=True).start()
        except (OSError, ValueError):
            return  # ValueError: a TLS socket that is closed while it is read
        finally:
            client.close()  # cut() does not know those that come meanwhile

    def _answer(self, method: str, path: str, headers: dict[str, str]) -> tuple[str, str]:
        login = base64.b64encode(f"viewer:{self._password}".encode()).decode()
        if path.rstrip("/") not in PATHS:
            return "RTSP/1.0 404 Not Found", ""
        if self._password and headers.get("authorization") != f"Basic {login}":
            return 'RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm="camera"', ""
        extra = {
            "OPTIONS": "\r\nPublic: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN",
            "DESCRIBE": "\r\nContent-Type: application/sdp",
            "SETUP": "\r\nSession: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1",
            "PLAY": "\r\nSession: 1\r\nRange: npt=0-",
        }.get(method, "")
        return f"RTSP/1.0 200 OK{extra}", SDP if method == "DESCRIBE" else ""

    def _play(self, client: socket.socket) -> None:
        sequence, number = 0, 0
        began = time.monotonic()
        while not self._closed.is_set():
            passed = time.monotonic() - began
            if self.mute.is_set():
                packets = [_report(passed)]
            elif not self.frozen.is_set():
                ticks = self._first_ticks + int(passed * CLOCK)
                packets = list(_packets(self._jpeg(number), self.size, ticks, sequence))
                sequence += len(packets)
                number += 1
            else:
                packets = []
            try:
                client.sendall(b"".join(packets))
            except (OSError, ValueError):
                return
            time.sleep(1 / self.fps)


@contextmanager
def rtsp_server(
    *, fps: float = 25.0, password: str = "", tls: ssl.SSLContext | None = None
) -> Iterator[RtspServer]:
    server = RtspServer(fps=fps, password=password, tls=tls)
    try:
        yield server
    finally:
        server.close()


def _requests(client: socket.socket) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Requests of a client: method, URL, and headers by lower-case name. RTCP between them is skipped."""
    buffer = b""
    while data := client.recv(65536):
        buffer += data
        while buffer:
            if buffer[:1] == b"$":
                length = 4 + int.from_bytes(buffer[2:4], "big") if len(buffer) >= 4 else len(buffer) + 1
                if len(buffer) < length:
                    break
                buffer = buffer[length:]
                continue
            head, found, rest = buffer.partition(b"\r\n\r\n")
            if not found:
                break
            buffer = rest
            lines = head.decode().split("\r\n")
            pairs = (line.partition(":") for line in lines[1:])
            headers = {key.lower(): value.strip() for key, _, value in pairs}
            method, url, _ = lines[0].split()
            yield method, url, headers


def _response(status: str, cseq: str, body: str) -> bytes:
    return f"{status}\r\nCSeq: {cseq}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@lru_cache(maxsize=24)
def _jpeg(size: tuple[int, int], number: int) -> bytes:
    picture = np.full((size[1], size[0], 3), 10 + 20 * number, np.uint8)
    sampling = [cv2.IMWRITE_JPEG_QUALITY, 80, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, 0x221111]  # 4:2:0
    return cv2.imencode(".jpg", picture, sampling)[1].tobytes()


def _packets(jpeg: bytes, size: tuple[int, int], ticks: int, sequence: int) -> Iterator[bytes]:
    """A JPEG as interleaved RTP packets: tables go into the first one's header, the scan is cut up."""
    tables, scan = _tables_and_scan(jpeg)
    for offset in range(0, len(scan), CHUNK):
        part = scan[offset : offset + CHUNK]
        marker = 0x80 if offset + CHUNK >= len(scan) else 0
        rtp = struct.pack(">BBHII", 0x80, 26 | marker, sequence & 0xFFFF, ticks & 0xFFFFFFFF, 1)
        payload = struct.pack(">II", offset, (1 << 24) | (255 << 16) | (size[0] // 8 << 8) | size[1] // 8)
        if offset == 0:
            payload += struct.pack(">HH", 0, len(tables)) + tables
        packet = rtp + payload + part
        yield b"$\0" + struct.pack(">H", len(packet)) + packet
        sequence += 1


def _report(passed: float) -> bytes:
    """A sender report (RFC 3550, 6.4.1) as an interleaved packet."""
    body = struct.pack(">BBHIQIII", 0x80, 200, 6, 1, int(passed * 2**32), int(passed * CLOCK), 0, 0)
    return b"$\1" + struct.pack(">H", len(body)) + body


def _tables_and_scan(jpeg: bytes) -> tuple[bytes, bytes]:
    """The quantisation tables and the entropy-coded data of a baseline JPEG file."""
    tables, at = b"", 2
    while True:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == 0xDB:
            segment = jpeg[at + 4 : at + 2 + length]
            tables += b"".join(segment[n + 1 : n + 65] for n in range(0, len(segment), 65))
        at += 2 + length
        if marker == 0xDA:
            return tables, jpeg[at:-2]
