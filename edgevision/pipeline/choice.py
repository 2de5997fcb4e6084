"""Which of a camera's pictures the network is to look at: so many a second, and few of a picture that stands
still. It is decided where pictures come in, in their order, so that a file gives the same ones each time."""

from collections.abc import Sequence

import numpy as np

from edgevision.core.moments import next_due
from edgevision.core.stillness import Stillness, WhenStill
from edgevision.core.types import Floats, Image
from edgevision.inference.region import WHOLE, Window
from edgevision.opencv import cv2
from edgevision.pipeline.ignored import inside_any

LEAST_STEP = 1e-3  # s: between two frames whose source gave the same time twice
CELLS = 160  # along a picture's longer side; twice that for small objects, which tiles are for


class Choice:
    """Of one camera. It belongs to the thread that takes the pictures; `due`, `ignore` and `anew` may be
    called by any."""

    def __init__(
        self, fps: float | None, when_still: WhenStill | None, fine: bool, region: Window | None = None
    ) -> None:
        """fps: frames per second to use. fine: whether small objects matter. region: what the network is
        shown; what moves elsewhere makes no difference."""
        self._interval = 1 / fps if fps else 0.0
        self._due = float("-inf")
        self._stillness = Stillness(when_still) if when_still else None
        self._cells = 2 * CELLS if fine else CELLS
        self._region = region or WHOLE
        self._ignored: Sequence[Floats] = ()
        self._hidden: tuple[Sequence[Floats], np.ndarray] = ((), np.zeros((0, 0), bool))
        self._still: float | None = None  # s of the last picture left out because nothing moves

    def due(self, ts: float) -> bool:
        """Whether `fps` lets a picture of `ts` s through. No stays no, whatever comes before that picture;
        yes may become no."""
        return ts >= self._due - LEAST_STEP

    def leaves_out(self, image: Image, ts: float) -> str | None:
        """Why the picture (H, W, 3) uint8 BGR of `ts` s is not for the network; None: it is. One that has no
        image is not, and for the next that has one it is as if it had not been."""
        if not image.size or not self.due(ts):
            return "rate"
        # On a raster, so that 25 frames/s give 10 and not 8.3.
        self._due = next_due(self._due, ts, self._interval)
        if self._stillness and not self._stillness.wants(self._small(image), ts):
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

    def ignore(self, polygons: Sequence[Floats]) -> None:
        """What moves in these places, (K, 2) float32 each, 0..1, makes no difference."""
        self._ignored = polygons

    def _small(self, image: Image) -> Floats:
        """What is compared: (h, w) float32. Cells in ignored places have the mean of all others: they follow
        the light as those do, and that is taken off."""
        small, polygons = shrunk(self._region.of(image), self._cells), self._ignored
        if not polygons:
            return small
        if self._hidden[0] is not polygons or self._hidden[1].shape != small.shape:
            self._hidden = polygons, in_places(polygons, small.shape, self._region)
        hidden = self._hidden[1]
        small[hidden] = small.mean(where=~hidden) if not hidden.all() else 0
        return small

    def anew(self) -> None:
        """What comes is another picture, or is asked other questions."""
        if self._stillness:
            self._stillness.anew()


def in_places(polygons: Sequence[Floats], shape: tuple[int, ...], region: Window) -> np.ndarray:
    """Which cells of a small picture of the region have their centres in one of the polygons: (h, w) bool."""
    rows, columns = ((np.arange(number) + 0.5) / number for number in shape)
    x, y = region.x1 + columns * (region.x2 - region.x1), region.y1 + rows * (region.y2 - region.y1)
    centres = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2).astype(np.float32)
    return inside_any(polygons, centres).reshape(shape)


def shrunk(image: Image, cells: int) -> Floats:
    """(h, w) float32 grey levels 0..255, at most `cells` along a side, of a picture (H, W, 3) uint8 BGR."""
    scale = min(1.0, cells / max(image.shape[:2]))
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    # 16 of the pixels that each cell stands for: all of them take 0.6 ms at 1280 x 720, these 0.13.
    fine = cv2.cvtColor(cv2.resize(image, (2 * width, 2 * height)), cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA), np.float32)
