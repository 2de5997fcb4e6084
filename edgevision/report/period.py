"""The time that a report is about, cut into hours or days of a time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Literal

DAY, HOUR, WEEK = 86400.0, 3600.0, 7  # s, s, days
MOST_BARS = 400  # of a chart: a year of days


@dataclass(frozen=True, slots=True)
class Period:
    """Unix seconds."""

    since: float
    until: float  # before that, and never later than now
    by: Literal["hour", "day"]
    zone: tzinfo | None  # None: this machine's

    def local(self, wall: float) -> datetime:
        return datetime.fromtimestamp(wall, self.zone)

    def shifted(self, days: int) -> "Period":
        """The same hours of the clock so many days later."""
        since, until = (later(each, days, self.zone) for each in (self.since, self.until))
        return Period(since, until, self.by, self.zone)

    def starts(self) -> list[float]:
        """When each of its hours or days begins; the first may have begun before."""
        found = [self._begin(self.since)]
        while (then := self._next(found[-1])) < self.until and len(found) < MOST_BARS:
            found.append(then)
        return found

    @property
    def days(self) -> float:
        return (self.until - self.since) / DAY

    def _begin(self, wall: float) -> float:
        moment = datetime.fromtimestamp(wall, self.zone).replace(minute=0, second=0, microsecond=0)
        return (moment if self.by == "hour" else moment.replace(hour=0)).timestamp()

    def _next(self, start: float) -> float:
        if self.by == "hour":
            return self._begin(start + HOUR)
        return self._begin(start + 1.5 * DAY)  # a day has 23, 24 or 25 hours


def later(wall: float, days: int, zone: tzinfo | None) -> float:
    """The same time of the clock, so many days later, which may be 23 or 25 hours each."""
    return (datetime.fromtimestamp(wall, zone) + timedelta(days=days)).timestamp()


def day_of(text: str, zone: tzinfo | None, now: float) -> tuple[float, float]:
    """From when until before when a day is. Raises ValueError."""
    today = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    if text in ("today", "yesterday"):
        begin = today if text == "today" else today - timedelta(days=1)
    else:
        try:
            begin = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=zone)
            begin.timestamp()
        except (ValueError, OverflowError):
            raise ValueError(f"expected a day such as 2026-11-20, today or yesterday, got {text!r}") from None
    return begin.timestamp(), later(begin.timestamp(), 1, zone)
