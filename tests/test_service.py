import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from edgevision.service import Notifier


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[tuple[socket.socket, str]]:
    """The socket that systemd listens on."""
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(path)
        listener.settimeout(5)
        yield listener, path


def test_each_word_reaches_systemd(systemd: tuple[socket.socket, str]) -> None:
    listener, path = systemd
    notifier = Notifier({"NOTIFY_SOCKET": path})
    notifier.ready("2 cameras")
    notifier.status("fine")
    notifier.alive()
    notifier.stopping()
    assert [listener.recv(1000).decode() for _ in range(4)] == [
        "READY=1\nSTATUS=2 cameras",
        "STATUS=fine",
        "WATCHDOG=1",
        "STOPPING=1\nSTATUS=stopping",
    ]


def test_an_abstract_address_works_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind("\0edgevision-test-notify")
        listener.settimeout(5)
        Notifier({"NOTIFY_SOCKET": "@edgevision-test-notify"}).alive()
        assert listener.recv(100) == b"WATCHDOG=1"


def test_without_systemd_it_is_silent() -> None:
    notifier = Notifier({})
    notifier.ready("fine")
    assert notifier.watchdog is None


def test_a_systemd_that_has_gone_is_no_error(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).alive()


@pytest.mark.parametrize(
    ("pid", "seconds"),
    [({}, 30.0), ({"WATCHDOG_PID": str(os.getpid())}, 30.0), ({"WATCHDOG_PID": "1"}, None)],
)
def test_the_watchdog_is_ours_only_if_it_names_us(pid: dict[str, str], seconds: float | None) -> None:
    assert Notifier({"WATCHDOG_USEC": "30000000", **pid}).watchdog == seconds
