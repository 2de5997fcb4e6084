"""Against a real RTSP server on a real socket."""

import socket
import time
from collections.abc import Iterator
from threading import Event

import pytest

from edgevision.errors import SourceError
from edgevision.sources.base import LiveSettings
from edgevision.sources.rtsp import RtspSource
from tests.rtsp_server import RtspServer, rtsp_server


@pytest.fixture
def server() -> Iterator[RtspServer]:
    with rtsp_server() as server:
        yield server


def test_pictures_come_with_their_size_and_arrival(server: RtspServer) -> None:
    pictures = RtspSource(server.url, LiveSettings()).pictures(Event())
    first, second = next(pictures), next(pictures)
    assert first.image.shape == (240, 320, 3)
    assert first.ts is None
    assert first.captured < second.captured <= time.monotonic()


def test_stop_ends_it(server: RtspServer) -> None:
    stop = Event()
    pictures = RtspSource(server.url, LiveSettings()).pictures(stop)
    next(pictures)
    stop.set()
    assert list(pictures) == []


def test_a_camera_that_hangs_is_noticed_within_its_stall_timeout(server: RtspServer) -> None:
    pictures = RtspSource(server.url, LiveSettings(stall=1.0)).pictures(Event())
    next(pictures)
    server.frozen.set()
    with pytest.raises(SourceError, match="no picture for") as caught:
        for _ in pictures:
            pass
    # Without the stall rule the first late read hands out an old picture, and the end comes as "ended".
    assert caught.value.reason == "stall"


def test_a_camera_that_closes_the_connection_is_noticed(server: RtspServer) -> None:
    pictures = RtspSource(server.url, LiveSettings()).pictures(Event())
    next(pictures)
    server.cut()
    with pytest.raises(SourceError) as caught:
        for _ in pictures:
            pass
    assert caught.value.reason == "ended"


def test_a_closed_port_is_refused_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    with pytest.raises(SourceError) as caught:
        next(RtspSource(f"rtsp://127.0.0.1:{port}/cam", LiveSettings()).pictures(Event()))
    assert caught.value.reason == "refused"


def test_a_host_that_never_answers_is_given_up_after_the_open_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"rtsp://127.0.0.1:{silent.getsockname()[1]}/cam"
        with pytest.raises(SourceError, match="no answer") as caught:
            next(RtspSource(url, LiveSettings(open=1.0)).pictures(Event()))
    assert caught.value.reason == "open_timeout"


def test_a_password_is_used_and_never_shown() -> None:
    with rtsp_server(password="s3cret-word") as guarded:
        assert next(RtspSource(guarded.url, LiveSettings()).pictures(Event())).image.any()
        wrong = guarded.url.replace("s3cret-word", "wr0ng-word")
        with pytest.raises(SourceError) as caught:
            next(RtspSource(wrong, LiveSettings()).pictures(Event()))
    assert "wr0ng-word" not in str(caught.value)
    assert "rtsp://***@127.0.0.1" in str(caught.value)
