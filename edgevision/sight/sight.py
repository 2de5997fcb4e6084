"""Whether a camera's view can be trusted. Two looks a second are enough, and what they say is believed only
after it has lasted, and so is the end of it. A gap without pictures is no time in which anything lasted."""

from collections.abc import Collection
from typing import NamedTuple

from edgevision.core.moments import EPSILON, next_due
from edgevision.core.types import Finding, Image
from edgevision.sight.glance import glance
from edgevision.sight.judge import CLEAR, Judge, Look

EVERY = 0.5  # s between two looks
MOST_STEP = 2.0  # s by which one look can add to how long something lasted
# s that each must last. What is frozen has stood for a minute when it is first told, and goes on at once.
HOLD = {"covered": 10.0, "dark": 10.0, "frozen": 0.0, "defocused": 20.0, "moved": 10.0, CLEAR: 2.0}


class _Doubt(NamedTuple):
    """Looks that differ from what is believed."""

    kind: str  # of the first of them
    watched: float  # s of pictures at that time
    ts: float  # s of it


class Sight:
    """One camera's view. It belongs to one thread; `state` may be read from any."""

    def __init__(self, judged: Collection[str] = ()) -> None:
        """judged: those of KINDS to notice."""
        self.state = CLEAR  # or one of the kinds
        self.judged = frozenset(judged)
        self._judge = Judge()
        self._due = self._last = float("-inf")  # s
        self._watched = 0.0  # s of pictures
        self._began = 0.0  # s: since when it is not clear
        self._doubt: _Doubt | None = None

    @property
    def clear(self) -> bool:
        """Whether what is counted can be trusted."""
        return self.state == CLEAR

    def look(self, image: Image, ts: float) -> list[Finding]:
        """Take in the picture (H, W, 3) uint8 BGR of `ts` seconds, strictly rising. What is believed anew: a
        kind of fault, or `clear` with the seconds that it lasted as its value; each `at` when it began."""
        if not self.judged or ts < self._due - EPSILON:
            return []
        step = min(MOST_STEP, ts - self._last)
        self._due, self._last = next_due(self._due, ts, EVERY), ts
        self._watched += step
        look = self._judge.look(glance(image), step, ts, self.state)
        if look.kind == "moved" and "moved" not in self.judged:
            self._judge.forget()  # as in a film that is cut together
        return self._believe(look if look.kind in self.judged else Look(CLEAR), ts)

    def _believe(self, look: Look, ts: float) -> list[Finding]:
        if look.kind == self.state:
            self._doubt = None
            return []
        # Looks that say this and that are of a fault all the same; once one is believed, another must last.
        if self._doubt is None or (self._doubt.kind != look.kind and not self.clear):
            self._doubt = _Doubt(look.kind, self._watched, ts)
        hold = 0.0 if self.state == "frozen" and look.kind == CLEAR else HOLD[look.kind]
        if self._watched - self._doubt.watched + look.lasts < hold - EPSILON:
            return []
        at = self._doubt.ts - look.lasts
        self._doubt = None
        return [self._change(look.kind, at)]

    def _change(self, kind: str, at: float) -> Finding:
        lasted = at - self._began if kind == CLEAR else 0.0
        if self.clear:
            self._began = at
        self.state = kind
        return Finding(kind, "", None, round(lasted, 3), 1.0, at=at)
