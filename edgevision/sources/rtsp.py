"""IP cameras and streams: rtsp://user:password@host:port/path, rtsps:// for TLS."""

import time
from collections.abc import Iterator
from threading import Event

from edgevision.errors import SourceError
from edgevision.opencv import as_image, cv2
from edgevision.redact import redact
from edgevision.sources.base import Picture, Timeouts

# A read() that took this share of its timeout is a stall, whatever it returned: after the timeout FFmpeg
# hands out what it had buffered, so True comes with an old picture and False only after 2-3 timeouts.
STALL_SHARE = 0.9


class RtspSource:
    """One stream over TCP. The thread that iterates owns the capture from open to release: releasing it
    from another thread while read() blocks crashes the process."""

    live = True

    def __init__(self, url: str, timeouts: Timeouts) -> None:
        self._url = url
        self._timeouts = timeouts
        self.frame_rate: float | None = None

    def pictures(self, stop: Event) -> Iterator[Picture]:
        capture = self._open()
        try:
            while not stop.is_set():
                asked = time.monotonic()
                arrived = capture.grab()
                now = time.monotonic()
                if now - asked >= STALL_SHARE * self._timeouts.stall:
                    raise SourceError("stall", f"no picture for {now - asked:.1f} s")
                if not arrived:
                    raise SourceError("ended", "the camera ended the stream")
                decoded, image = capture.retrieve()
                if decoded:
                    yield Picture(as_image(image), None, now)
        finally:
            capture.release()

    def _open(self) -> cv2.VideoCapture:
        began = time.monotonic()
        capture = cv2.VideoCapture(
            self._url,
            cv2.CAP_FFMPEG,
            [
                cv2.CAP_PROP_OPEN_TIMEOUT_MSEC,
                int(self._timeouts.open * 1000),
                cv2.CAP_PROP_READ_TIMEOUT_MSEC,
                int(self._timeouts.stall * 1000),
                cv2.CAP_PROP_N_THREADS,
                1,
            ],
        )
        if not capture.isOpened():
            capture.release()
            took = time.monotonic() - began
            if took >= STALL_SHARE * self._timeouts.open:
                raise SourceError("open_timeout", f"no answer from {redact(self._url)} within {took:.1f} s")
            raise SourceError(
                "open_failed",
                f"{redact(self._url)} refused: check address, port, path, user and password",
            )
        self.frame_rate = capture.get(cv2.CAP_PROP_FPS) or None
        return capture


def open_source(location: str, timeouts: Timeouts) -> RtspSource:
    return RtspSource(location, timeouts)
