"""How many were inside, minute by minute: a day of it for the page. Prometheus keeps more."""

from collections import deque
from threading import Lock

EVERY = 60.0  # s
MOST = 1440  # of an analytic: a day
MOST_NAMES = 50  # of a camera: 8 MB, when all are a day old

Point = tuple[float, int | None]  # Unix s at which a minute began; the most in it; None: not known


class History:
    """One for a camera. Its committing thread adds, others read."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._points: dict[str, deque[Point]] = {}

    def add(self, name: str, wall: float, amount: int | None) -> None:
        """amount: None where it is not known, such as behind a cover, or no question to ask."""
        points = self._points.get(name)
        if points is None:
            if amount is None or len(self._points) >= MOST_NAMES:
                return
            points = deque(maxlen=MOST)
        minute = wall - wall % EVERY
        with self._lock:
            self._points[name] = points
            if points and points[-1][0] == minute:
                most = points.pop()[1]
                amount = most if amount is None else max(amount, most or 0)
            points.append((minute, amount))

    def points(self) -> dict[str, list[Point]]:
        """By name, oldest first; the last minute may not be over yet."""
        with self._lock:
            return {name: list(points) for name, points in self._points.items()}

    def keep(self, names: set[str]) -> None:
        """Forget all others: what is not asked any more."""
        with self._lock:
            self._points = {name: points for name, points in self._points.items() if name in names}
