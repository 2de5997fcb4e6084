"""The faults that faults.py makes, by name: what begins each, and what ends it."""

import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from edgevision.sources import LiveSettings, Picture, Source
from tests.bench.fault_camera import CameraProcess

Act = Callable[[CameraProcess], None]


def orders(**command: Any) -> Act:
    return lambda camera: camera.order(**command)


def proxy(**settings: Any) -> Act:
    return orders(proxy=settings)


# Faults that end the pictures: what begins it, and what ends it.
LOST: dict[str, tuple[Act, Act]] = {
    "camera killed": (lambda camera: camera.kill(), lambda camera: camera.start()),
    "camera stopped, connection open": (
        lambda camera: camera.signal(signal.SIGSTOP),
        lambda camera: camera.signal(signal.SIGCONT),
    ),
    "network cut, no reset": (proxy(frozen=True), proxy(frozen=False)),
    "reports, but no pictures": (orders(event="mute", on=True), orders(event="mute", on=False)),
    "connection reset": (orders(cut="rst"), lambda _: None),
    "connection closed": (orders(cut="fin"), lambda _: None),
}
# Faults that are to be endured: as few reconnects as possible, and never a crash.
ENDURE: dict[str, tuple[Act, Act]] = {
    "5 % of packets lost": (proxy(drop=0.05), proxy(drop=0.0)),
    "20 % of packets lost": (proxy(drop=0.2), proxy(drop=0.0)),
    "bits flipped in 2 % of packets": (proxy(flip=0.02), proxy(flip=0.0)),
    "bits flipped anywhere, 1 byte in 10000": (proxy(noise=1e-4), proxy(noise=0.0)),
    "packets 200 +- 200 ms late": (proxy(delay=0.2, jitter=0.2), proxy(delay=0.0, jitter=0.0)),
    "network slower than the stream": (proxy(rate=8_000), proxy(rate=0)),
    "another size in mid-stream": (orders(server={"size": [640, 480]}), orders(server={"size": [320, 240]})),
    "clock + 1 h": (proxy(ticks=3600 * 90_000), proxy(ticks=0)),
    "clock - 10 s": (proxy(ticks=-10 * 90_000), proxy(ticks=0)),
    "1 picture a second": (orders(server={"fps": 1.0}), orders(server={"fps": 25.0})),
}
# Sources that cannot be opened: address, the reason that is to be told, and within how many seconds.
REFUSED = {
    "wrong password": ("guarded", "auth", 0.5),
    "wrong path": ("path", "not_found", 0.5),
    "closed port": ("closed", "refused", 0.5),
    "unknown name": ("name", "dns", 2.5),
    "connects, never answers": ("silent", "open_timeout", LiveSettings().open + 0.2),
}
AGAIN = {"100 cameras killed": "camera killed", "100 resets": "connection reset"}
HANG = "read that never returns"


class Hanging:
    """A source whose library hangs for ever, twice, and then works."""

    live = True

    def __init__(self, source: Source) -> None:
        self._source = source
        self._hangs = 2
        self.hung = threading.Event()
        self.frame_rate: float | None = None

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        for number, picture in enumerate(self._source.pictures(stop)):
            if number == 50 and self._hangs:
                self._hangs -= 1
                self.hung.set()
                threading.Event().wait()
            yield picture
