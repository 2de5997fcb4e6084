"""Frames of a video as JPEG, the newest ones kept: who looks closely goes to and fro between a few."""

import threading
from collections import OrderedDict

from edgevision.errors import SourceError
from edgevision.opencv import cv2
from edgevision.videoframes import VideoFrames

MOST_KEPT = 240  # JPEGs, of some 50 to 300 KB
MOST_WIDE = 1280  # px: what a page shows; clicks are told in shares of the frame
AROUND = 8  # frames: who steps back or plays is given those before too, as one step back is a seek else
QUALITY = 85


class Jpegs:
    """Makes JPEGs of frames, from any thread, one at a time."""

    def __init__(self, frames: VideoFrames) -> None:
        self._frames = frames
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, bytes] = OrderedDict()
        self._last = 0  # the frame that was asked last

    def get(self, index: int) -> bytes:
        """Raises IndexError for a frame that is not known, SourceError for one that is damaged."""
        if not 0 <= index < self._frames.known:
            raise IndexError(index)
        with self._lock:
            if index not in self._kept:
                first = index - AROUND if abs(index - self._last) <= AROUND else index
                for near in range(max(0, first), index + 1):
                    if near not in self._kept:
                        self._kept[near] = self._encode(near)
            self._last = index
            self._kept.move_to_end(index)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return self._kept[index]

    def _encode(self, index: int) -> bytes:
        image = self._frames.image(index)
        height, width = image.shape[:2]
        if width > MOST_WIDE:
            size = (MOST_WIDE, round(height * MOST_WIDE / width))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        encoded, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        if not encoded:
            raise SourceError("ended", f"frame {index} cannot be shown")
        return data.tobytes()
