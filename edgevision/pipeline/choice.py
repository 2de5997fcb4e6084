"""Which of a camera's pictures the network is to look at: so many a second, and few of a picture that stands
still. It is decided where pictures come in, in their order, so that a file gives the same ones each time."""

import numpy as np

from edgevision.core.moments import next_due
from edgevision.core.stillness import Stillness, WhenStill
from edgevision.core.types import Floats, Image
from edgevision.opencv import cv2

LEAST_STEP = 1e-3  # s: between two frames whose source gave the same time twice
CELLS = 160  # along a picture's longer side; twice that for small objects, which tiles are for


class Choice:
    """Of one camera. It belongs to the thread that takes the pictures; `anew` may be called by any."""

    def __init__(self, fps: float | None, when_still: WhenStill | None, fine: bool) -> None:
        """fps: frames per second to use. fine: whether small objects matter."""
        self._interval = 1 / fps if fps else 0.0
        self._due = float("-inf")
        self._stillness = Stillness(when_still) if when_still else None
        self._cells = 2 * CELLS if fine else CELLS
        self._still: float | None = None  # s of the last picture left out because nothing moves

    def leaves_out(self, image: Image, ts: float) -> str | None:
        """Why the picture (H, W, 3) uint8 BGR of `ts` s is not for the network; None: it is."""
        if ts < self._due - LEAST_STEP:
            return "rate"
        # On a raster, so that 25 frames/s give 10 and not 8.3.
        self._due = next_due(self._due, ts, self._interval)
        if self._stillness and not self._stillness.wants(shrunk(image, self._cells), ts):
            self._still = ts
            return "still"
        return None

    def still_until(self) -> float | None:
        """For a picture that is not left out: up to when nothing moved, if some were left out before it."""
        still, self._still = self._still, None
        return still

    def lost(self, pictures: int) -> None:
        """So many that were not left out had to give way to newer ones."""
        if self._stillness and pictures:
            self._stillness.lost(pictures)

    def anew(self) -> None:
        """What comes is another picture, or is asked other questions."""
        if self._stillness:
            self._stillness.anew()


def shrunk(image: Image, cells: int) -> Floats:
    """(h, w) float32 grey levels 0..255, at most `cells` along a side, of a picture (H, W, 3) uint8 BGR."""
    scale = min(1.0, cells / max(image.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    # 16 of the pixels that each cell stands for: all of them take 0.6 ms at 1280 x 720, these 0.13.
    fine = cv2.cvtColor(cv2.resize(image, (2 * width, 2 * height)), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.float32)
