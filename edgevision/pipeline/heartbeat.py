"""What a thread is doing and since when, so that a hang can be named by somebody else."""

import math
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

from edgevision.core.types import Frame

T = TypeVar("T")

STUCK = 10.0  # s: nothing that a thread does while it works takes this long
NEVER = math.inf  # s, as grace: a restart would do the same again, and hang again


class Vital(Protocol):
    """Whatever can be asked whether it hangs."""

    grace: float
    """Seconds that it may hang, after it was named, before the process is to be restarted for it."""

    def stuck(self, seconds: float) -> str | None:
        """What has been going on for longer than that, in words, or None."""


Activity = tuple[str, float, Frame | None]  # what, since when in time.monotonic() s, and with which frame


class _Doing:
    """Around an activity of the thread that is in it. Frames pass a dozen: `contextmanager` takes 3 times as
    long."""

    __slots__ = ("_activity", "_all")

    def __init__(self, all_of_them: dict[int, Activity], activity: Activity) -> None:
        self._all, self._activity = all_of_them, activity

    def __enter__(self) -> None:
        self._all[threading.get_ident()] = self._activity

    def __exit__(self, *_: object) -> None:
        self._all.pop(threading.get_ident(), None)


class Heartbeat:
    """Written by the threads that do one kind of work, read by any. Waiting for work is no activity and never
    too long."""

    def __init__(self, name: str, *, usual: float = 0.0, grace: float = 0.0) -> None:
        """usual: s that its work may take in any case. grace: see Vital."""
        self.name = name
        self.grace = grace
        self._usual = usual
        self._doing: dict[int, Activity] = {}  # by thread, each replaced as a whole

    def doing(self, what: str, frame: Frame | None = None) -> _Doing:
        """To be used with `with`, at once."""
        return _Doing(self._doing, (what, time.monotonic(), frame))

    def each(self, what: str, items: Iterable[T]) -> Iterator[T]:
        """The items, while each may be long in coming."""
        remaining = iter(items)
        while True:
            with self.doing(what):
                try:
                    item = next(remaining)
                except StopIteration:
                    return
            yield item

    def stuck(self, seconds: float) -> str | None:
        """What has been going on for longer than that, in words, or None."""
        activities = list(self._doing.values())
        if not activities:
            return None
        what, since, frame = min(activities, key=lambda each: each[1])
        busy = time.monotonic() - since
        if busy <= seconds + self._usual:
            return None
        about = f" (frame {frame.index} of {frame.camera}, session {frame.session})" if frame else ""
        return f"{self.name}: {what} for {busy:.0f} s{about}"
