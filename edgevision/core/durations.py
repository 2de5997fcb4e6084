"""How long things took: a distribution in a fixed number of buckets, however many they were."""

from collections.abc import Mapping
from typing import Any

import numpy as np

FIRST = 0.1  # s: what is shorter is not told apart
LAST = 7 * 86400.0  # s: neither is what is longer, but for the longest
RATIO = 1.1  # of a bucket's ends: its middle is off by less than a twentieth, as 1.1 ** 0.5 = 1.049
BUCKETS = int(np.ceil(np.log(LAST / FIRST) / np.log(RATIO))) + 1


class Durations:
    """Counts durations in 165 buckets, each a tenth wider than the one before."""

    def __init__(self) -> None:
        self.longest = 0.0  # s, exact
        self._counts = np.zeros(BUCKETS, np.int64)  # of those up to FIRST * RATIO ** index seconds

    def __len__(self) -> int:
        return int(self._counts.sum())

    def add(self, seconds: float) -> None:
        within = float(np.clip(seconds, FIRST, LAST))
        self._counts[int(np.ceil(np.log(within / FIRST) / np.log(RATIO) - 1e-9))] += 1
        self.longest = max(self.longest, seconds)

    def quantile(self, share: float) -> float:
        """Seconds within which that share of them, 0..1, was over: right within 5 %, from 0.1 s to 7 days.

        Of none, 0.
        """
        total = len(self)
        if not total:
            return 0.0
        index = int(np.searchsorted(np.cumsum(self._counts), max(1.0, np.ceil(share * total - 1e-9))))
        return min(float(FIRST * RATIO ** (index - 0.5)), self.longest)

    def text(self) -> str:
        """`12 s, 90% under 40 s, longest 95 s`, the first being the median."""
        typical, long = in_words(self.quantile(0.5)), in_words(self.quantile(0.9))
        return f"{typical}, 90% under {long}, longest {in_words(self.longest)}"

    def keep(self) -> dict[str, Any]:
        """As JSON has it."""
        counts = {str(index): int(self._counts[index]) for index in np.flatnonzero(self._counts)}
        return {"longest": self.longest, "counts": counts}

    def resume(self, kept: Mapping[str, Any]) -> None:
        """Go on from what `keep` gave."""
        self.longest = float(kept["longest"])
        self._counts[:] = 0
        for index, count in kept["counts"].items():
            self._counts[int(index)] = count


def in_words(seconds: float) -> str:
    """`0.44 s`, `95 s`, `12 min`, `3.2 h`, `2.5 d`."""
    if seconds < 1:
        return f"{seconds:.2g} s"
    for unit, length, until in (("s", 1, 100), ("min", 60, 6000), ("h", 3600, 172800)):
        if seconds < until:
            value = seconds / length
            return f"{value:.0f} {unit}" if value >= 9.95 else f"{value:.1f} {unit}"
    return f"{seconds / 86400:.1f} d"
