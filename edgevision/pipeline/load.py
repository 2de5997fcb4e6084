"""Whether one worker on all cores can keep up with one live camera: a judgement from what it did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """When the plan changes. Between losing `lost` of the frames and needing `spare` of the time lies a third
    of the load, in which nothing changes, whichever plan it is."""

    window: float = 30.0  # s over which the load is taken
    lost: float = 0.1  # share of the frames whose loss is too much
    spare: float = 0.7  # of the time of one worker on all cores: needing less, it can do it again
    quiet: int = 10  # windows in a row for which less has to be needed
    apart: float = 300.0  # s at least between two changes


@dataclass(frozen=True, slots=True)
class Load:
    """What a camera asked for and what became of it: totals since some beginning, or their differences."""

    offered: int  # frames that were to be looked at
    lost: int  # of these, to overload
    looked: int  # frames that the workers of now are through with
    spent: float  # s of these workers on them

    def since(self, before: "Load") -> "Load":
        return Load(
            self.offered - before.offered,
            self.lost - before.lost,
            self.looked - before.looked,
            self.spent - before.spent,
        )


class Judge:
    """Hears of every window's load. Knows no clock: seconds come in."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.why: str | None = None  # a worker per core is better, and why; None: one worker can keep up
        self._alone = 0.0  # s a frame of one worker on all cores, when it could not keep up
        self._beside: float | None = None  # s a frame of a worker on one core, just after
        self._quiet = 0
        self._changed = float("-inf")

    def hear(self, now: float, load: Load, seconds: float) -> bool:
        """The load of a window of so many seconds. True: `why` has changed."""
        if load.offered < 1 or load.looked < 1:
            return False  # a camera that is away says nothing
        each = load.spent / load.looked
        if self.why is None:
            lost = load.lost / load.offered
            return lost > self.limits.lost and self._overloaded(now, each, lost, seconds)
        # Another process that comes or goes makes runs of either plan longer or shorter.
        self._beside = self._beside or each
        needed = load.offered / seconds * self._alone * each / self._beside
        self._quiet = self._quiet + 1 if needed < self.limits.spare else 0
        return self._quiet >= self.limits.quiet and self._change(now, None)

    def _overloaded(self, now: float, each: float, lost: float, seconds: float) -> bool:
        text = f"throughput: one worker on all cores lost {lost:.0%} of the frames within {seconds:.0f} s"
        if not self._change(now, text):
            return False
        self._alone, self._beside, self._quiet = each, None, 0
        return True

    def _change(self, now: float, why: str | None) -> bool:
        if now - self._changed < self.limits.apart:
            return False
        self.why, self._changed = why, now
        return True
