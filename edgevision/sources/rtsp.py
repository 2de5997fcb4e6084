"""IP cameras and streams: rtsp://user:password@host:port/path, rtsps:// for TLS.

Read by OpenCV, or by PyAV (rtsp_pyav.py), which tells more: both are FFmpeg.
"""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from threading import Event

from edgevision.errors import ConfigError, SourceError
from edgevision.opencv import MOST_PIXELS, as_image, cv2
from edgevision.sources.base import UNMADE, LiveSettings, Picture, Source, Wanted, all_of_them
from edgevision.sources.reach import check_name, refusal, why_refused

# A read() that took this share of its timeout is a stall, whatever it returned: after the timeout FFmpeg
# hands out what it had buffered, so True comes with an old picture and False only after 2-3 timeouts.
STALL_SHARE = 0.9


class RtspSource:
    """One stream over TCP. The thread that iterates owns the capture from open to release: releasing it
    from another thread while read() blocks crashes the process."""

    live = True

    def __init__(self, url: str, live: LiveSettings) -> None:
        self._url = url
        self._live = live
        self.frame_rate: float | None = None
        self.facts: dict[str, str] = {}

    def pictures(self, stop: Event) -> Iterator[Picture]:
        return self.chosen(stop, all_of_them)

    def chosen(self, stop: Event, wanted: Wanted) -> Iterator[Picture]:
        patience = self._live.patience(self.frame_rate)
        capture = self._open(patience)
        try:
            while not stop.is_set():
                asked = time.monotonic()
                arrived = capture.grab()
                now = time.monotonic()
                if now - asked >= STALL_SHARE * patience:
                    raise SourceError("stall", f"no picture for {now - asked:.1f} s")
                if not arrived:
                    raise SourceError("ended", "the camera ended the stream")
                position = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                decoded, image = capture.retrieve() if wanted(now) else (True, UNMADE)
                if decoded:
                    yield Picture(as_image(image), None, now, position)
        finally:
            capture.release()

    def _open(self, patience: float) -> cv2.VideoCapture:
        check_name(self._url)
        began = time.monotonic()
        settings = {
            cv2.CAP_PROP_OPEN_TIMEOUT_MSEC: int(self._live.open * 1000),
            cv2.CAP_PROP_READ_TIMEOUT_MSEC: int(patience * 1000),
            cv2.CAP_PROP_N_THREADS: 1,
        }
        if self._live.hwaccel in ("auto", "vaapi"):
            # VAAPI by its name does not fall back, it fails; and of NVDEC OpenCV's FFmpeg knows nothing.
            settings[cv2.CAP_PROP_HW_ACCELERATION] = cv2.VIDEO_ACCELERATION_ANY
        capture = cv2.VideoCapture(
            self._url, cv2.CAP_FFMPEG, [number for pair in settings.items() for number in pair]
        )
        if not capture.isOpened():
            capture.release()
            if time.monotonic() - began >= STALL_SHARE * self._live.open:
                raise refusal("open_timeout", self._url)
            raise why_refused(self._url)
        width, height = capture.get(cv2.CAP_PROP_FRAME_WIDTH), capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if width * height > MOST_PIXELS:
            capture.release()
            raise SourceError("open_failed", f"pictures of {width:.0f} x {height:.0f} are too large")
        self.frame_rate = capture.get(cv2.CAP_PROP_FPS) or None
        self.facts = {"backend": "opencv", **self._decoder(capture.get(cv2.CAP_PROP_HW_ACCELERATION))}
        return capture

    def _decoder(self, acceleration: float) -> dict[str, str]:
        """Which decoder works, and why not the one that was asked for."""
        if acceleration > cv2.VIDEO_ACCELERATION_NONE:
            return {"decoder": "hardware"}
        if self._live.hwaccel == "none":
            return {"decoder": "software"}
        missing = "not in this OpenCV, or no such device"
        if self._live.hwaccel == "nvdec":
            missing = "not possible with OpenCV: pip install 'edgevision[pyav]'"
        return {"decoder": "software", self._live.hwaccel: missing}


def open_source(location: str, live: LiveSettings) -> Source:
    if live.decode != "all" and (live.backend == "opencv" or not find_spec("av")):
        raise ConfigError(
            f"decode: {live.decode} needs backend: pyav (pip install 'edgevision[pyav]'); OpenCV decodes all"
        )
    if live.backend == "opencv" or (live.backend == "auto" and not find_spec("av")):
        return RtspSource(location, live)
    if not find_spec("av"):
        raise ConfigError("backend: pyav is not installed: pip install 'edgevision[pyav]'")
    from edgevision.sources.rtsp_pyav import PyavSource

    return PyavSource(location, live)
