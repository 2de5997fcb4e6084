"""Tells systemd how the service is: READY, STATUS, WATCHDOG, STOPPING (man sd_notify). Silent elsewhere."""

import os
import socket
import time

from edgevision.redact import redact


class Notifier:
    """The socket that systemd names in NOTIFY_SOCKET, if it does.

    `watchdog` is the time in seconds within which systemd expects a sign of life, or None.
    """

    def __init__(self, environ: os._Environ[str] | dict[str, str] = os.environ) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        microseconds = environ.get("WATCHDOG_USEC")
        for_us = environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog = int(microseconds) / 1e6 if microseconds and for_us else None

    def ready(self, status: str) -> None:
        self._send(f"READY=1\nSTATUS={_line(status)}")

    def starting(self, status: str, seconds: float) -> None:
        """It is not ready yet, and may take so much longer, whatever TimeoutStartSec says."""
        self._send(f"EXTEND_TIMEOUT_USEC={round(seconds * 1e6)}\nSTATUS={_line(status)}")

    def reloading(self) -> None:
        """To be followed by `ready`."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def status(self, status: str) -> None:
        self._send(f"STATUS={_line(status)}")

    def alive(self) -> None:
        self._send("WATCHDOG=1")

    def trigger(self) -> None:
        """Something hangs for good: do now what would be done if no sign of life came."""
        self._send("WATCHDOG=trigger")

    def stopping(self) -> None:
        self._send("STOPPING=1\nSTATUS=stopping")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.settimeout(1.0)
            try:
                channel.sendto(message.encode(), address)
            except OSError:
                # systemd is gone or its queue is full: its watchdog decides, we go on counting.
                return


def _line(status: str) -> str:
    """On one line, as the next one would be another message; `systemctl status` shows it to every user."""
    return redact(" ".join(status.split()))
