"""USB and other V4L2 cameras: /dev/video0, or v4l2:/dev/video0?width=1280&height=720&fps=30."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from urllib.parse import parse_qsl, urlsplit

from edgevision.errors import ConfigError, SourceError
from edgevision.opencv import as_image, cv2
from edgevision.sources.base import UNMADE, LiveSettings, Picture, Wanted, all_of_them

SETTINGS = {
    "width": cv2.CAP_PROP_FRAME_WIDTH,
    "height": cv2.CAP_PROP_FRAME_HEIGHT,
    "fps": cv2.CAP_PROP_FPS,
}


class CameraSource:
    """One V4L2 device. Asks for MJPG, because USB 2 has no room for raw pictures above 640x480 at 30/s."""

    live = True

    def __init__(self, device: str, wishes: dict[str, int], live: LiveSettings) -> None:
        self._device = device
        self._wishes = wishes
        self._live = live
        self.frame_rate: float | None = None

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        capture = self._open()
        try:
            while not stop.is_set():
                asked = time.monotonic()
                arrived = capture.grab()
                now = time.monotonic()
                if not arrived or now - asked >= self._live.stall:
                    raise SourceError("stall", f"{self._device} gave no picture for {now - asked:.1f} s")
                decoded, image = capture.retrieve() if wanted(now) else (True, UNMADE)
                if decoded:
                    yield Picture(as_image(image), None, now)
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        if not Path(self._device).exists():
            raise SourceError("open_failed", f"{self._device} does not exist: is the camera plugged in?")
        capture = cv2.VideoCapture(self._device, cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise SourceError(
                "open_failed",
                f"{self._device} cannot be opened: is it in use, and may this user read it (group video)?",
            )
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        for name, value in self._wishes.items():
            capture.set(SETTINGS[name], value)
        self.frame_rate = capture.get(cv2.CAP_PROP_FPS) or None
        return capture


def open_source(location: str, live: LiveSettings) -> CameraSource:
    parts = urlsplit(location)
    wishes: dict[str, int] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in SETTINGS or not value.isdigit():
            raise ConfigError(
                f"a camera takes {', '.join(SETTINGS)}, each a whole number; got {name}={value!r}, "
                "expected e.g. v4l2:/dev/video0?width=1280&height=720&fps=30"
            )
        wishes[name] = int(value)
    return CameraSource(parts.path, wishes, live)
