"""What one look at a view says. It remembers the view, and since when parts of it are not as they were."""

from typing import NamedTuple

import numpy as np

from edgevision.core.types import Image
from edgevision.sight.glance import COLUMNS, ROWS, Glance
from edgevision.sight.view import View

CLEAR = "clear"
BLACK, RANGE = 48, 16  # grey levels: nothing is brighter, and nothing stands out by more
BLANK = 3.0  # strength of edges that noise makes alone; bare asphalt has 20
FEW = 0.28  # of the blocks in place: a lorry over 60 % of the picture leaves 36 % and more
SMOOTH = 0.5  # of the usual strength: what is close before a lens is not sharp
BLURRED = 0.42  # of the usual sharpness: a blur of 4 px at 1280 x 720 leaves 0.19 to 0.37, fog 0.57
MORE = 1.2  # of the usual strength: what is blurred has not more than before; snowfall has
WORSE = 0.85  # of the usual agreement: worth a search
SEARCH, SEARCH_LONG = 2.0, 10.0  # s between two searches, and once it is known to be moved
GAIN, FACTOR, LEAST = 0.1, 1.2, 0.25  # by how much a pose must agree better than none, and how well at least
SHIFT = 2.0  # px of a picture 160 wide, 1.25 %: what sways in the wind, and no count is wrong by it
LOST, NONE = 30.0, 0.15  # s, and share of the blocks that were in place within them: the view is another
STILL = 60.0  # s: cameras that save bandwidth send nothing new of a still scene for up to 48 s
OLD = 900.0  # s unseen, after which the light may be another, so that a view that is another proves nothing


class Look(NamedTuple):
    """One look."""

    kind: str  # CLEAR, or what is wrong
    lasts: float = 0.0  # s that it has been so already


class Judge:
    """Of one camera, for pictures of any size; the view is learnt anew when the size changes."""

    def __init__(self) -> None:
        self._view: View | None = None
        self._watched = 0.0  # s of pictures so far
        self._clear = 0.0  # s, on the frames' clock: when the view was last clear
        self._found = np.zeros((ROWS, COLUMNS))  # watched s: when each block was last in place
        self._searched, self._moved = float("-inf"), False  # watched s, and the outcome
        self._sample: Image | None = None
        self._still = 0.0  # watched s: since when nothing changed

    def look(self, now: Glance, step: float, ts: float, believed: str) -> Look:
        """Take in a glance at the picture of `ts` s, watched for `step` s more; believed: of the view."""
        self._watched += step
        look = self._look(now, believed)
        if look == Look("moved", LOST) and believed != "moved" and ts - self._clear > OLD:
            self.forget()
            look = Look(CLEAR)
        if look == Look(CLEAR):
            self._clear = ts
            if believed == CLEAR:
                self._learn(now, step)
        return look or Look(believed)

    def forget(self) -> None:
        """Learn the view anew."""
        self._view = None

    def _learn(self, now: Glance, step: float) -> None:
        if self._view is None or not self._view.fits(now):
            self._view = View(now)
        self._view.learn(now, step)

    def _look(self, now: Glance, believed: str) -> Look | None:
        """None when there is too little to say anything new."""
        if self._sample is None or not np.array_equal(self._sample, now.sample):
            self._sample, self._still = now.sample, self._watched
        if now.brightest < BLACK and now.brightest - now.darkest < RANGE:
            return Look("dark")
        if now.strength.mean() < BLANK:
            return Look("covered")
        look: Look | None = Look(CLEAR)
        if self._view and self._view.fits(now) and self._view.known():
            look = self._compare(self._view, now, believed)
        else:
            self._found[:] = self._watched
        if look == Look(CLEAR) and self._watched - self._still >= STILL:
            return Look("frozen", STILL)
        return look

    def _compare(self, view: View, now: Glance, believed: str) -> Look | None:
        agreements = view.agreements(now)
        placed = view.in_place(now, agreements)
        self._found[placed | ~view.usable] = self._watched
        few = placed[view.usable].mean() < FEW
        if few and view.strength(now, view.usable & ~placed) < SMOOTH:
            return Look("covered")
        if self._displaced(view, now, view.agreement(agreements), believed):
            return Look("moved")
        if (self._watched - self._found[view.usable] < LOST).mean() < NONE:
            return Look("moved", LOST)
        if few:
            return None
        if view.sharpness(now) < BLURRED and view.strength(now, view.usable) < MORE:
            return Look("defocused")
        return Look(CLEAR)

    def _displaced(self, view: View, now: Glance, agreement: float, believed: str) -> bool:
        if view.usual(agreement) >= WORSE:
            self._moved = False
        elif self._watched - self._searched >= (SEARCH_LONG if believed == "moved" else SEARCH):
            self._searched = self._watched
            pose = view.search(now)
            better = pose.agreement >= max(LEAST, FACTOR * pose.unmoved, pose.unmoved + GAIN)
            self._moved = better and pose.pixels >= SHIFT
        return self._moved
