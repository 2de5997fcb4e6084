"""What a report says, as numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from edgevision.journal.reading import reading
from edgevision.journal.sums import Sum, sums
from edgevision.report.levels import Level
from edgevision.report.past import Past
from edgevision.report.period import WEEK, Period
from edgevision.report.seen import Seen

ORDER = ("line", "zone", "spots", "queue", "shelf", "speed", "trips", "area", "look")  # then others
SPOTS = "spots"
Key = tuple[str, str]  # analytic and name


@dataclass(frozen=True, slots=True)
class Block:
    """What was counted at one line, in one zone, in all spots of a camera, ..."""

    analytic: str
    name: str
    totals: Sequence[Sum]  # of the whole period, by kind and label
    before: Sequence[Sum]  # of the same time a week before
    bars: Mapping[str, Sequence[int]]  # by kind: how often in each hour or day
    levels: Sequence[Level]  # how many were there; empty: that is no question, or not known
    places: int | None  # how many spots there are


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera in the period."""

    name: str
    seen: Seen | None  # None: it is not known when it was seen
    before: Seen | None  # a week before
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Facts:
    """All cameras in one period."""

    period: Period
    starts: Sequence[float]  # Unix s: of its hours or days
    cameras: Sequence[Camera]
    tidied: bool  # events of the period are gone; sums are not


def gather(
    path: Path, period: Period, camera: str | None = None, configured: Mapping[str, int] | None = None
) -> Facts:
    """camera: only that one. configured: the cameras there should be, and how many spots each has. Raises
    OutputError."""
    starts, week, configured = period.starts(), period.shifted(-WEEK), configured or {}
    asked = period.zone, period.since, period.until, camera
    by_bar, totals = sums(path, period.by, *asked), sums(path, "all", *asked)
    before = sums(path, "all", week.zone, week.since, week.until, camera)
    with reading(path) as database:
        past = Past(database, period)
    names = {each.camera for each in totals} | past.cameras() | configured.keys()
    cameras = []
    for name in sorted(names if camera is None else names & {camera}):
        bars_of, now, then = (_blocks(name, found) for found in (by_bar, totals, before))
        keys = sorted(now.keys() | then.keys(), key=_rank)
        blocks = [
            Block(
                *key,
                now.get(key, []),
                then.get(key, []),
                _bars(bars_of.get(key, []), starts),
                past.levels(name, *key),
                (configured.get(name) or past.places(name) or None) if key[0] == SPOTS else None,
            )
            for key in keys
            if key[0] != "sight"
        ]
        cameras.append(Camera(name, past.seen(name, period), past.seen(name, week), blocks))
    return Facts(period, starts, cameras, past.tidied)


def _blocks(camera: str, found: Sequence[Sum]) -> dict[Key, list[Sum]]:
    """The sums of one camera; all its spots are one block."""

    def key(each: Sum) -> Key:
        return each.analytic, SPOTS if each.analytic == SPOTS else each.name

    mine = sorted((each for each in found if each.camera == camera), key=key)
    return {each: list(group) for each, group in groupby(mine, key=key)}


def _bars(found: Sequence[Sum], starts: Sequence[float]) -> dict[str, list[int]]:
    places = {round(start): place for place, start in enumerate(starts)}
    bars: dict[str, list[int]] = {}
    for each in found:
        place = places.get(round(each.start.timestamp())) if each.start else None
        if place is not None:
            bars.setdefault(each.kind, [0] * len(starts))[place] += each.n
    return bars


def _rank(key: Key) -> tuple[int, Key]:
    return ORDER.index(key[0]) if key[0] in ORDER else len(ORDER), key
