"""What many uncertain looks at one thing agree on."""

from edgevision.core.types import Verdict


class Votes:
    """The looks at one object, over all of its life.

    They do not fade: what kind of thing an object is does not change, so every look tells as much as any
    other, and the winner is right ever more surely. Fading to a half within 2 s, as the detector's labels
    do, leaves three or four looks of one a second: of a network wrong in a fifth of them, two wrong ones in
    a row would win.
    """

    def __init__(self) -> None:
        self._weights: dict[str, float] = {}
        self._seen = 0

    def add(self, label: str, weight: float) -> None:
        """weight: > 0, how much this look is worth."""
        self._weights[label] = self._weights.get(label, 0.0) + weight
        self._seen += 1

    def verdict(self) -> Verdict | None:
        """The label with the most weight, of equals the one seen first; None before the first vote."""
        if not self._weights:
            return None
        label = max(self._weights, key=self._weights.__getitem__)
        return Verdict(label, self._weights[label] / sum(self._weights.values()), self._seen)
