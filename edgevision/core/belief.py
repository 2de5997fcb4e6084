"""Whether each of many places is taken, believed from evidence that comes and goes.

Evidence is gathered as log odds, which sightings add to and which are bounded at both ends, so that a place
that has been taken for hours can be free a minute later (Hornung et al., "OctoMap", Autonomous Robots 2013,
eq. 4; each bound is a threshold as in Page's test, Biometrika 1954). A counter of frames would depend on
the frame rate, and one bad frame would set a timer back to nothing. One end is "taken" (1), the other "free"
(-1), and what is believed changes only when the other end is reached: one way takes `hold` seconds.

How much it says that nothing is seen depends on the network. One that sees the car in share q of the time
misses it with 1 - q, so a second without it weighs log(1 - q) against the log(0.1) of one that sees
nine frames of ten: not at all if the network is nearly blind there. q is learned for each place
from gaps that turned out to be misses, as the car was seen again.
"""

import numpy as np

from edgevision.core.types import Floats

UNKNOWN, FREE, TAKEN = 0, -1, 1
GUESS, GUESS_FOR = 0.5, 15.0  # at first q is this, with the weight of so many seconds
MEMORY = 600.0  # s that q is learned over; older ones fade
SURE = 0.1  # one that misses less is taken to miss this much


class Belief:
    """S places."""

    def __init__(self, places: int, hold: float) -> None:
        self.state = np.zeros(places, np.int8)  # UNKNOWN, FREE or TAKEN
        self.odds = np.zeros(places)  # -1..1
        self._hold = hold
        self._seen = np.full(places, GUESS * GUESS_FOR)  # s
        self._looked = np.full(places, GUESS_FOR)  # s
        self._gap = np.zeros(places)  # s looked at without seeing it, since it was last seen

    @property
    def quality(self) -> np.ndarray:
        """(S,) 0..1: in which share of the time the network sees a car in each place, if there is one."""
        quality: np.ndarray = self._seen / self._looked
        return quality

    def update(self, seen: np.ndarray, visible: Floats, seconds: float) -> np.ndarray:
        """Take in `seconds` of looking: the places (K,) of which another state is believed now.

        seen (S,) bool: something stands there; visible (S,) 0..1: else, how much of the place can be seen.
        """
        weight = np.minimum(np.log(1 - self.quality) / np.log(SURE), 1)
        step = 2 * seconds / self._hold
        self.odds = np.clip(self.odds + step * np.where(seen, 1, -visible * weight), -1, 1)
        self._learn(seen, visible, seconds)
        state = np.where(self.odds >= 1, TAKEN, np.where(self.odds <= -1, FREE, self.state)).astype(np.int8)
        changed: np.ndarray = np.flatnonzero(state != self.state)
        self.state = state
        return changed

    def forget(self) -> None:
        """Nothing is known any more; how well the network sees is."""
        self.state[:], self.odds[:], self._gap[:] = UNKNOWN, 0, 0

    def _learn(self, seen: np.ndarray, visible: Floats, seconds: float) -> None:
        self._gap = np.where(self.odds <= -1, 0, self._gap + np.where(seen, 0, visible * seconds))
        here = seen & (self.state == TAKEN)
        self._seen[here] += seconds
        self._looked[here] += seconds + self._gap[here]
        self._gap[seen] = 0
        fade = np.minimum(MEMORY / self._looked, 1)
        self._seen *= fade
        self._looked *= fade
