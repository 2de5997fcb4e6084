"""What one camera's analytics take over from before a restart, and leave for after the next one."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from edgevision.analytics import Analytic, Keeper
from edgevision.core.moments import next_due
from edgevision.core.types import Frame
from edgevision.journal import Past

EVERY = 10.0  # s between two times at which all states are kept; one that finds something is kept at once


class Memory:
    """Of a live camera; what a file tells follows from the file alone, and nothing is kept or resumed."""

    def __init__(self, past: Past, analytics: Mapping[str, Analytic], *, keeps: bool) -> None:
        """analytics: by name. keeps: there is a journal, and the camera is live. Else nothing is kept, and
        what is resumed is from before the camera was changed."""
        self._past = past
        self._keepers = {name: each for name, each in analytics.items() if isinstance(each, Keeper)}
        self._keeps = keeps
        self._due = float("-inf")
        self._resumed = False

    def resume(self, first: Frame) -> None:
        """Before the first frame is looked at; later ones change nothing."""
        if self._resumed:
            return
        self._resumed = True
        self._due = first.ts + EVERY
        for name, keeper in self._keepers.items():
            if name in self._past.states:
                wall, kept = self._past.states[name]
                # A clock that was set back in between must not make it lie in the future.
                keeper.resume(kept, first.ts - max(0.0, first.wall - wall))

    def of(self, found: Collection[str], frame: Frame) -> dict[str, dict[str, Any]]:
        """What to keep now. found: names of the analytics that found something in this frame."""
        if not self._keeps:
            return {}
        names: Iterable[str] = found
        if frame.ts >= self._due:
            self._due = next_due(self._due, frame.ts, EVERY)
            names = self._keepers
        return {name: self._keepers[name].keep(frame.ts) for name in names if name in self._keepers}

    def all(self, ts: float) -> dict[str, dict[str, Any]]:
        """What to keep at the end, whether it is or not."""
        return {name: keeper.keep(ts) for name, keeper in self._keepers.items()}
