"""Do a live stream's pictures come as fast as they were taken? Numbers in, words out: no clock, no thread."""

from typing import Literal

JUMP = 2.0  # s: the camera's clock was set, or began anew
LATE = 5.0  # s behind the best so far ...
LATE_FOR = 5.0  # ... for so many seconds: what comes is not what is happening
LAG_PAUSE = 60.0  # s between two reconnects for lateness: pictures that come late are better than none
BURST = 2.0  # s after the first picture at most, in which what was buffered is left out
QUICK = 0.01  # s between two pictures, be they twice the same: no camera is that fast
# A camera's clock may run this much slower than ours without ever being late: 8.6 s a day are 1e-4.
DRIFT = 1e-3

Pace = Literal["burst", "jump", "late", "good"]


class Pacer:
    """One session of one camera.

    A picture's offset is its arrival minus its position in the stream, two clocks that have nothing in common
    but their pace. The least offset is that of pictures which came at once; what is more is lateness.
    """

    def __init__(self) -> None:
        self.lag = 0.0  # s that the last picture came late
        self._least = 0.0
        self._first: float | None = None  # arrival of the first picture
        self._last = (0.0, 0.0)  # position and arrival
        self._bursting = True
        self._late_since: float | None = None

    def arrived(self, position: float, now: float) -> Pace:
        """One more picture. position: s, of the camera's clock; now: s, of ours.

        burst: it waited before we connected, about a second, and the next one is there already
        jump:  the camera's clock was set, nothing else
        late:  pictures have come late for a while
        """
        offset = now - position
        if self._first is None:
            self._first, self._least, self._last = now, offset, (position, now)
            return "burst"
        moved, passed = position - self._last[0], now - self._last[1]
        self._last = (position, now)
        if moved < -JUMP or offset < self._least - JUMP:
            self._least, self.lag, self._late_since = offset, 0.0, None
            return "jump"
        # A stream without times, or with the same twice, is not late.
        forgotten = DRIFT * passed if moved > 0 else passed
        self._least = min(offset, self._least + forgotten)
        self.lag = offset - self._least
        if self._bursting and 2 * passed < max(moved, QUICK) and now - self._first < BURST:
            return "burst"
        self._bursting = False
        return "late" if self._is_late(now) else "good"

    def _is_late(self, now: float) -> bool:
        if self.lag < LATE:
            self._late_since = None
            return False
        if self._late_since is None:
            self._late_since = now
        return now - self._late_since >= LATE_FOR
