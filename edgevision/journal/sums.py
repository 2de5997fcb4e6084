"""What was counted, by hour, by day or in all: asked of a journal that may be in use."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from edgevision.journal.reading import reading

FOREVER = 1e12  # Unix s
By = Literal["all", "day", "hour"]


@dataclass(frozen=True, slots=True)
class Sum:
    """How often something happened in a stretch of time."""

    start: datetime | None  # of the hour or day; None: of all
    camera: str
    analytic: str
    name: str
    kind: str
    label: str
    n: int
    mean: float  # of the events' values: seconds of a stay, km/h; of little use where they are numbers
    most: float


def sums(
    path: Path,
    by: By,
    zone: tzinfo | None,
    since: float = 0.0,
    until: float = FOREVER,
    camera: str | None = None,
) -> list[Sum]:
    """From `since` until before `until`, Unix seconds, rounded down to a quarter of an hour.

    zone: whose days and hours; None: this machine's. Raises OutputError.
    """
    query = (
        "SELECT start, camera, analytic, name, kind, label, n, total, most FROM quarters "
        "WHERE start > ? - 900 AND start < ? AND camera = IFNULL(?, camera) ORDER BY start"
    )
    with reading(path) as database:
        rows = database.execute(query, (since, until, camera)).fetchall()
    keyed = sorted(((_start(row[0], by, zone), *row[1:6]), row[6:]) for row in rows)
    return [_sum(key, [row for _, row in group]) for key, group in groupby(keyed, key=lambda each: each[0])]


def _start(second: int, by: By, zone: tzinfo | None) -> float | None:
    """Unix seconds at which the hour or day began that a quarter of an hour belongs to; None for `all`."""
    if by == "all":
        return None
    moment = datetime.fromtimestamp(second, zone).astimezone(zone)
    begin = {"minute": 0} if by == "hour" else {"hour": 0, "minute": 0}
    return moment.replace(**begin, second=0).timestamp()  # type: ignore[arg-type]


def _sum(key: tuple[Any, ...], rows: list[tuple[int, float, float]]) -> Sum:
    start, camera, analytic, name, kind, label = key
    n = sum(row[0] for row in rows)
    mean = sum(row[1] for row in rows) / n
    most = max(row[2] for row in rows)
    moment = None if start is None else datetime.fromtimestamp(start)
    return Sum(moment, camera, analytic, name, kind, label, n, mean, most)
