"""The newest annotated picture of each camera, for those who look at it now.

The pipeline only leaves a reference to its newest result here, and only while somebody looks; drawing and
encoding are done in the viewer's thread, once per frame however many look on.
"""

import os
import time
from dataclasses import dataclass, field, replace
from threading import Condition, Lock

from edgevision.conceal import Redaction
from edgevision.core.moments import next_due
from edgevision.core.types import Image
from edgevision.opencv import cv2
from edgevision.outputs import Result
from edgevision.outputs.picture import heat_image, picture

FASTEST = 10.0  # pictures a second of one camera, however many look on: all get the same ones
SHARE = 0.015  # of the machine's processors that drawing may take: fewer pictures where there is less of them
EARLY = 0.03  # s that one may come before it is due: cameras are not that regular
LOOKED_AT = 3.0  # s after the last request that frames are left for a viewer
WIDEST = 1280  # px of what is shown; of larger pictures, a whole number of pixels each way becomes one
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
QUALITY = 80  # of JPEG, 0..100
OLDEST_HEAT = 10.0  # s: a heatmap takes 0.1 s to draw, and changes slowly


@dataclass(slots=True, eq=False)
class _Camera:
    """What there is to see of one camera. `newest` is one frame, some MB; `jpegs` what was made of one."""

    asked: float = float("-inf")  # time.monotonic() of the last request
    pause: float = 1 / FASTEST  # s to the next picture
    due: float = float("-inf")  # time.monotonic() from which the next picture is taken
    newest: Result | None = None
    number: int = 0  # of the newest result
    jpegs: dict[bool, tuple[int, bytes]] = field(default_factory=dict)  # with and without shapes
    heats: dict[str, tuple[float, bytes]] = field(default_factory=dict)  # when each was drawn, and as what
    drawing: Lock = field(default_factory=Lock)


class Viewing:
    """One for all cameras. The pipeline calls `wanted` and `offer`, viewers call `jpeg`."""

    def __init__(self, redaction: Redaction | None) -> None:
        self._redaction = redaction
        self._changed = Condition()
        self._cameras: dict[str, _Camera] = {}

    def wanted(self, camera: str) -> bool:
        """Whether anybody looks at this camera now, and has not just had a picture."""
        found, now = self._cameras.get(camera), time.monotonic()
        return found is not None and now - found.asked < LOOKED_AT and now > found.due - EARLY

    def offer(self, result: Result) -> None:
        """Never waits; a frame that nobody fetched is forgotten."""
        found, now = self._cameras.get(result.camera), time.monotonic()
        if found is None or result.frame is None or now < found.due - EARLY:
            return
        with self._changed:
            found.newest, found.number = result, found.number + 1
            found.due = next_due(found.due, now, found.pause)
            self._changed.notify_all()

    def jpeg(self, camera: str, after: int, timeout: float, shapes: bool = True) -> tuple[int, bytes] | None:
        """The newest picture whose number is above `after`, with its number, as JPEG; None if none came
        within `timeout` seconds. shapes: with lines, zones and the like drawn on it. To be called for cameras
        that exist only."""
        found = self._wait(camera, after, timeout)
        if found is None:
            return None
        with found.drawing:
            result, number = found.newest, found.number
            if found.jpegs.get(shapes, (0, b""))[0] != number and result is not None:
                shown = result if shapes else replace(result, shapes=())
                began = time.thread_time()
                found.jpegs[shapes] = number, _encode(shown, self._redaction)
                found.pause = self._pause(time.thread_time() - began)
            return found.jpegs.get(shapes)

    def heat(self, camera: str, name: str, timeout: float) -> bytes | None:
        """A heatmap over the newest picture, as JPEG, at most OLDEST_HEAT seconds old; None if no picture
        came within `timeout` seconds, or none that has such a heatmap."""
        found = self._wait(camera, 0, timeout)
        if found is None:
            return None
        with found.drawing:
            began = time.monotonic()
            drawn, jpeg = found.heats.get(name, (float("-inf"), b""))
            if began - drawn < OLDEST_HEAT:
                return jpeg
            result = found.newest
            if result is None or name not in result.grids:
                return None
            jpeg = _to_jpeg(heat_image(result, result.grids[name], self._redaction))
            found.heats[name] = began, jpeg
            return jpeg

    def _wait(self, camera: str, after: int, timeout: float) -> _Camera | None:
        """The camera when it has a picture whose number is above `after`; it is looked at from now on. A
        picture that was left when somebody looked before may be hours old: it is forgotten."""
        with self._changed:
            found = self._cameras.setdefault(camera, _Camera())
            now = time.monotonic()
            if now - found.asked > LOOKED_AT:
                found.newest, found.jpegs = None, {}
            found.asked = now
            there = self._changed.wait_for(lambda: found.newest is not None and found.number > after, timeout)
            return found if there else None

    def _pause(self, work: float) -> float:
        """Seconds between two pictures of a camera that take so many seconds of a processor."""
        now = time.monotonic()
        shown = sum(now - each.asked < LOOKED_AT for each in self._cameras.copy().values())
        return max(1 / FASTEST, work * shown / (SHARE * CORES))


def _encode(result: Result, redaction: Redaction | None) -> bytes:
    return _to_jpeg(picture(result, redaction))


def _to_jpeg(image: Image) -> bytes:
    step = -(-image.shape[1] // WIDEST)
    if step > 1:  # by a whole number: 1920 x 1080 to a half takes 0.5 ms, to 2/3 it took 6.9 ms
        height, width = image.shape[0] // step, image.shape[1] // step
        whole = image[: height * step, : width * step]
        image = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])
