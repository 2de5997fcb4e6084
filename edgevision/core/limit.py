"""A value against its limits: what lasts is believed, what flickers is not."""

from edgevision.core.moments import EPSILON


class Limit:
    """Whether a value is above `above`; and once it is, until it is below `below`, if that is given, or not
    above any more. Either has to last for `hold` seconds to be believed."""

    def __init__(self, above: float, below: float | None, hold: float) -> None:
        self.is_above = False  # as believed
        self._above = above
        self._below = below
        self._hold = hold
        self._differs: float | None = None  # s: since when it looks different from that

    def see(self, value: float, ts: float) -> bool:
        """Take in the value at `ts`; whether `is_above` has changed by it."""
        above = value >= self._below if self.is_above and self._below is not None else value > self._above
        if above == self.is_above:
            self._differs = None
            return False
        self._differs = ts if self._differs is None else self._differs
        if ts - self._differs < self._hold - EPSILON:
            return False
        self.is_above, self._differs = above, None
        return True

    def forget(self) -> None:
        """What was seen is believed as far as it was; what comes now has to last anew."""
        self._differs = None
