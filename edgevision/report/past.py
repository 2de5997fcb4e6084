"""What the sums of a journal do not say: who was there at each moment, and when nobody looked."""

import json
import sqlite3
from collections import defaultdict

from edgevision.journal.audit import pauses
from edgevision.journal.states import states
from edgevision.journal.sums import FOREVER
from edgevision.journal.watched import watched
from edgevision.report.levels import Level, Step, levels
from edgevision.report.period import WEEK, Period, later
from edgevision.report.seen import Seen, seen

SLICES = 96  # of a period, in which is told how many were there: quarters of an hour of a day
LOOKED_FOR = 31  # days for which a camera is missed that is not seen any more
Place = tuple[str, str]  # camera and name
QUARTER = 900.0  # s


class Past:
    """Read once; nothing is held open."""

    def __init__(self, database: sqlite3.Connection, period: Period) -> None:
        self._period = period
        self._stretches, self._pauses = watched(database), pauses(database)
        self._known = self._known_from(database)
        week = period.shifted(-WEEK).since
        self._sights = states(database, week, period.until, self._stretches, ("sight",))
        spots = states(database, period.since, period.until, self._stretches, ("spots",))
        self._taken = [each for each in spots if each.state == "occupied"]
        self._spots = _spots(database)
        self._inside = _inside(database, period)
        first = database.execute("SELECT MIN(seq), MIN(wall) FROM events").fetchone()
        self.tidied = first[0] is not None and first[0] > 1 and first[1] > period.since

    def cameras(self) -> set[str]:
        """Those that were seen in the period, or not long before."""
        since = later(self._period.until, -LOOKED_FOR, self._period.zone)
        return {
            camera
            for camera, each in self._stretches.items()
            if each[-1].until > since and each[0].since < self._period.until
        }

    def seen(self, camera: str, period: Period) -> Seen | None:
        """None: nothing is known of the time."""
        if self._known >= period.until:
            return None
        sights = [each for each in self._sights if each.camera == camera]
        stretches, pauses = self._stretches.get(camera, []), self._pauses.get(camera, [])
        return seen(stretches, sights, period.since, period.until, self._known, pauses)

    def levels(self, camera: str, analytic: str, name: str) -> list[Level]:
        """How many were in a zone, or how many spots were taken; empty where that is not known."""
        if self.tidied or analytic not in ("zone", "spots"):
            return []
        steps = self._zone(camera, name) if analytic == "zone" else self._spots_taken(camera)
        since, until = self._period.since, self._period.until
        edges = [since + (until - since) * each / SLICES for each in range(SLICES + 1)]
        known = self.seen(camera, self._period)
        return levels(steps, known.holes if known else [], edges)

    def places(self, camera: str) -> int:
        """How many spots of a camera were ever known."""
        return len(self._spots.get(camera, ()))

    def _known_from(self, database: sqlite3.Connection) -> float:
        """Unix s since when the journal keeps what is seen; 0: always."""
        if not self._stretches:
            return FOREVER
        first = min(each[0].since for each in self._stretches.values())
        counted = database.execute("SELECT MIN(start) FROM quarters").fetchone()[0]
        return 0.0 if counted is None or counted > first - QUARTER else first

    def _zone(self, camera: str, name: str) -> list[Step]:
        """Nobody is known to be inside when a process starts: who is there is seen to enter."""
        since = self._period.since
        starts = [Step(each.since, 0.0) for each in self._stretches.get(camera, ()) if each.fresh]
        steps = sorted([*starts, *self._inside.get((camera, name), [])], key=lambda each: each.at)
        before = [each for each in steps if each.at <= since] or [Step(since, 0.0)]
        return [before[-1], *(each for each in steps if each.at > since)]

    def _spots_taken(self, camera: str) -> list[Step]:
        changes: defaultdict[float, int] = defaultdict(int)
        for each in self._taken:
            if each.camera == camera:
                changes[max(each.since, self._period.since)] += 1
                if each.until is not None:
                    changes[each.until] -= 1
        steps, taken = [Step(self._period.since, 0.0)], 0
        for at in sorted(changes):
            taken += changes[at]
            steps.append(Step(at, float(taken)))
        return steps


def _inside(database: sqlite3.Connection, period: Period) -> dict[Place, list[Step]]:
    """How many were in each zone from when on; the last number before the period, too."""
    found: dict[Place, list[Step]] = {}
    for wanted, bounds in (
        ("wall < ? GROUP BY camera, name", (period.since,)),
        ("wall >= ? AND wall < ? ORDER BY seq", (period.since, period.until)),
    ):
        column = "MAX(seq)" if "GROUP" in wanted else "seq"
        for camera, name, at, value, _ in database.execute(
            f"SELECT camera, name, wall, value, {column} FROM events "
            f"WHERE analytic = 'zone' AND kind IN ('entered', 'left') AND {wanted}",
            bounds,
        ):
            found.setdefault((camera, name), []).append(Step(at, value))
    return found


def _spots(database: sqlite3.Connection) -> dict[str, set[str]]:
    """Names of all spots that were ever known, by camera."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for camera, name in database.execute(
        "SELECT DISTINCT camera, name FROM quarters WHERE analytic = 'spots'"
    ):
        found[camera].add(name)
    for camera, kept in database.execute(
        "SELECT camera, kept FROM states JOIN runs ON runs.id = run WHERE name = 'spots'"
    ):
        found[camera] |= json.loads(kept).keys()
    return found
