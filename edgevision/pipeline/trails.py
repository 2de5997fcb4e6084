"""Where objects went lately, for whoever draws a line: it belongs where things really go."""

from array import array
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from edgevision.core.types import Size, Track

MOST = 100  # objects, the newest
POINTS = 64  # of each: 100 of them are 50 KB a camera
STEP = 0.01  # of the picture: who stands leaves no trail, and who crosses it all 100 points before thinning

Trail = list[tuple[float, float]]  # 0..1 of the picture, oldest first


class Trails:
    """One for a camera. Its committing thread adds, others read."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._points: OrderedDict[int, array[float]] = OrderedDict()  # by track id: x, y, x, y, ...

    def add(self, tracks: Sequence[Track], size: Size) -> None:
        with self._lock:
            for track in tracks:
                if track.missed == 0:
                    x, y = track.anchor.tolist()
                    self._add(track.id, x / size.width, y / size.height)

    def clear(self) -> None:
        """The view is another one."""
        with self._lock:
            self._points.clear()

    def newest(self) -> list[Trail]:
        """Of all that moved, oldest first."""
        with self._lock:
            found = [points.tolist() for points in self._points.values() if len(points) > 2]
        return [list(zip(points[::2], points[1::2], strict=True)) for points in found]

    def _add(self, id: int, x: float, y: float) -> None:
        points = self._points.get(id)
        if points is None:
            self._points[id] = array("f", (x, y))
            while len(self._points) > MOST:
                self._points.popitem(last=False)
            return
        if abs(x - points[-2]) + abs(y - points[-1]) < STEP:
            return
        points.extend((x, y))
        if len(points) > 2 * POINTS:  # every second one goes, but for the newest
            kept = [each for at in range(0, len(points) - 2, 4) for each in points[at : at + 2]]
            self._points[id] = array("f", [*kept, *points[-2:]])
