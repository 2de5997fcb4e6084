"""Against a real RTSP server on a real socket."""

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from edgevision.errors import ConfigError, SourceError
from edgevision.sources import rtsp
from edgevision.sources.base import LiveSettings, Source
from tests.fault_proxy import FaultProxy
from tests.rtsp_server import RtspServer, rtsp_server
from tests.serving import serving


@pytest.fixture(params=["opencv", "pyav"], autouse=True)
def backend(request: pytest.FixtureRequest) -> Any:
    """Every test is one of both libraries."""
    if request.param == "pyav":
        pytest.importorskip("av")
    return request.param


def source(url: str, backend: str, **live: Any) -> Source:
    return rtsp.open_source(url, LiveSettings(backend=backend, **live))  # type: ignore[arg-type]


def why(url: str, backend: str, **live: Any) -> SourceError:
    """The error of a source that gives no picture."""
    with pytest.raises(SourceError) as caught:
        next(source(url, backend, **live).pictures(Event()))
    return caught.value


@pytest.fixture
def server() -> Iterator[RtspServer]:
    with rtsp_server() as server:
        yield server


def test_pictures_come_with_their_size_and_arrival(server: RtspServer, backend: str) -> None:
    pictures = source(server.url, backend).pictures(Event())
    first, second = next(pictures), next(pictures)
    assert first.image.shape == (240, 320, 3)
    assert first.ts is None
    assert first.captured < second.captured <= time.monotonic()


def test_stop_ends_it(server: RtspServer, backend: str) -> None:
    stop = Event()
    pictures = source(server.url, backend).pictures(stop)
    next(pictures)
    stop.set()
    assert list(pictures) == []


def test_a_camera_that_hangs_is_noticed_within_its_stall_timeout(server: RtspServer, backend: str) -> None:
    pictures = source(server.url, backend, stall=1.0).pictures(Event())
    next(pictures)
    server.frozen.set()
    with pytest.raises(SourceError, match="no picture for") as caught:
        for _ in pictures:
            pass
    # Without the stall rule the first late read hands out an old picture, and the end comes as "ended".
    assert caught.value.reason == "stall"


def test_a_camera_that_closes_the_connection_is_noticed(server: RtspServer, backend: str) -> None:
    pictures = source(server.url, backend).pictures(Event())
    next(pictures)
    server.cut()
    with pytest.raises(SourceError) as caught:
        for _ in pictures:
            pass
    assert caught.value.reason == "ended"


def test_a_closed_port_is_refused_at_once(backend: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    assert why(f"rtsp://127.0.0.1:{port}/cam", backend).reason == "refused"


def test_a_host_that_never_answers_is_given_up_after_the_open_timeout(backend: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        error = why(f"rtsp://127.0.0.1:{silent.getsockname()[1]}/cam", backend, open=1.0)
    assert error.reason == "open_timeout"
    assert "no answer" in str(error)


def test_a_name_that_nobody_knows_is_told(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert why("rtsp://camera.example/cam", backend).reason == "dns"


def test_a_wrong_path_is_told(server: RtspServer, backend: str) -> None:
    assert why(server.url + "era-2", backend).reason == "not_found"


PASSWORD = "s3cret @:/?#%word"


def test_a_password_with_any_character_is_used_and_never_shown(backend: str) -> None:
    with rtsp_server(password=PASSWORD) as guarded:
        assert next(source(guarded.url, backend).pictures(Event())).image.any()
        error = why(guarded.url.replace("s3cret", "wr0ng"), backend)
        assert why(f"rtsp://127.0.0.1:{guarded.port}/cam", backend).reason == "auth"
    assert error.reason == "auth"
    assert "wr0ng" not in repr(error)
    assert "wr0ng" not in repr(error.__cause__)
    assert "rtsp://***@127.0.0.1" in str(error)


class NoCamera(BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(1000)
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_what_answers_and_is_no_camera_is_told(backend: str) -> None:
    with serving(ThreadingTCPServer(("127.0.0.1", 0), NoCamera)) as server:
        error = why(f"rtsp://127.0.0.1:{server.server_address[1]}/cam", backend, open=2.0)
    assert error.reason in ("open_failed", "open_timeout")


def test_tls_with_a_certificate_of_the_cameras_own(tmp_path: Path, backend: str) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=camera"]
    try:
        subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with rtsp_server(password=PASSWORD, tls=context) as camera:
        assert camera.url.startswith("rtsps://")
        assert next(source(camera.url, backend).pictures(Event())).image.any()
        assert why(camera.url.replace("s3cret", "wr0ng"), backend).reason == "auth"


def test_the_cameras_clock_is_told(server: RtspServer, backend: str) -> None:
    proxy = FaultProxy(server.port)
    pictures = source(f"rtsp://127.0.0.1:{proxy.port}/cam", backend).pictures(Event())
    before = next(pictures).position
    proxy.ticks = 3600 * 90_000
    after = max(next(pictures).position or 0.0 for _ in range(60))
    assert before is not None
    assert 3600 <= after - before < 3700


def test_what_was_asked_for_and_is_not_there_is_told(server: RtspServer, backend: str) -> None:
    asked = source(server.url, backend, hwaccel="vaapi")
    assert next(asked.pictures(Event())).image.shape == (240, 320, 3)
    facts: dict[str, str] = asked.facts  # type: ignore[attr-defined]
    assert facts["backend"] == backend
    assert facts["decoder"] == "hardware" or "device" in facts["vaapi"]


@pytest.mark.parametrize(
    ("open_device", "pix_fmt", "decoder"),
    [(True, "cuda", "hardware"), (True, "yuv420p", "software"), (False, "yuv420p", "software")],
)
def test_a_device_that_cannot_decode_this_profile_does_not_count(
    backend: str, open_device: bool, pix_fmt: str, decoder: str
) -> None:
    """FFmpeg goes on with the CPU's decoder then, and PyAV calls the stream accelerated all the same."""
    if backend == "opencv":
        pytest.skip("OpenCV asks FFmpeg itself")
    from edgevision.sources.rtsp_pyav import decoder_facts

    facts = decoder_facts(SimpleNamespace(is_hwaccel=open_device, pix_fmt=pix_fmt), "nvdec")  # type: ignore[arg-type]
    assert facts["decoder"] == decoder
    assert ("nvdec" in facts) == (decoder == "software")


def test_pyav_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtsp, "find_spec", lambda _: None)
    assert isinstance(source("rtsp://camera/1", "auto"), rtsp.RtspSource)
    with pytest.raises(ConfigError, match=r"pip install 'edgevision\[pyav\]'"):
        source("rtsp://camera/1", "pyav")


def test_pictures_of_another_size_come_in_that_size(server: RtspServer, backend: str) -> None:
    pictures = source(server.url, backend).pictures(Event())
    next(pictures)
    server.size = (640, 480)
    shapes = {next(pictures).image.shape for _ in range(60)}
    assert shapes == {(240, 320, 3), (480, 640, 3)}


def test_pictures_too_large_to_be_true_are_refused(monkeypatch: pytest.MonkeyPatch, backend: str) -> None:
    if backend == "pyav":
        pytest.skip("its decoder refuses them, see the option max_pixels")
    monkeypatch.setattr(rtsp, "MOST_PIXELS", 320 * 240 - 1)
    with rtsp_server() as server:
        assert "too large" in str(why(server.url, backend))


def test_a_damaged_stream_goes_on_and_pyav_tells_of_it(server: RtspServer, backend: str) -> None:
    proxy = FaultProxy(server.port)
    pictures = source(f"rtsp://127.0.0.1:{proxy.port}/cam", backend).pictures(Event())
    next(pictures)
    proxy.flip = 0.5
    faults = [fault for _ in range(40) for fault in next(pictures).faults]
    assert bool(faults) == (backend == "pyav")
