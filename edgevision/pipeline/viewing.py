"""The newest annotated picture of each camera, for those who look at it now.

The pipeline only leaves a reference to its newest result here, and only while somebody looks; drawing and
encoding are done in the viewer's thread, once per frame however many look on.
"""

import time
from dataclasses import dataclass, field
from threading import Condition, Lock

from edgevision.conceal import Redaction
from edgevision.opencv import cv2
from edgevision.outputs import Result
from edgevision.outputs.picture import picture

LOOKED_AT = 3.0  # s after the last request that frames are left for a viewer
WIDEST = 1280  # px of what is shown; larger pictures are made smaller
QUALITY = 80  # of JPEG, 0..100


@dataclass(slots=True, eq=False)
class _Camera:
    """What there is to see of one camera. `newest` is one frame, some MB; `jpeg` what was made of one."""

    asked: float = float("-inf")  # time.monotonic() of the last request
    newest: Result | None = None
    number: int = 0  # of the newest result
    jpeg: tuple[int, bytes] = (0, b"")
    drawing: Lock = field(default_factory=Lock)


class Viewing:
    """One for all cameras. The pipeline calls `wanted` and `offer`, viewers call `jpeg`."""

    def __init__(self, redaction: Redaction | None) -> None:
        self._redaction = redaction
        self._changed = Condition()
        self._cameras: dict[str, _Camera] = {}

    def wanted(self, camera: str) -> bool:
        """Whether anybody looks at this camera now."""
        found = self._cameras.get(camera)
        return found is not None and time.monotonic() - found.asked < LOOKED_AT

    def offer(self, result: Result) -> None:
        """Never waits; a frame that nobody fetched is forgotten."""
        found = self._cameras.get(result.camera)
        if found is None or result.frame is None:
            return
        with self._changed:
            found.newest, found.number = result, found.number + 1
            self._changed.notify_all()

    def jpeg(self, camera: str, after: int, timeout: float) -> tuple[int, bytes] | None:
        """The newest picture whose number is above `after`, with its number, as JPEG; None if none came
        within `timeout` seconds. To be called for cameras that exist only."""
        with self._changed:
            found = self._cameras.setdefault(camera, _Camera())
            found.asked = time.monotonic()
            if not self._changed.wait_for(lambda: found.number > after, timeout):
                return None
        with found.drawing:
            result, number = found.newest, found.number
            if found.jpeg[0] != number and result is not None:
                found.jpeg = number, _encode(result, self._redaction)
            return found.jpeg


def _encode(result: Result, redaction: Redaction | None) -> bytes:
    image = picture(result, redaction)
    height, width = image.shape[:2]
    if width > WIDEST:
        size = (WIDEST, round(height * WIDEST / width))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return bytes(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1])
