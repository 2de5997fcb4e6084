"""What a camera did not see: a number without it would lie."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from edgevision.journal.states import State
from edgevision.journal.watched import GAP, Stretch

AWAY, PAUSED = "away", "paused"


class Hole(NamedTuple):
    """Time in which nothing was counted, Unix seconds."""

    since: float
    until: float
    why: str  # AWAY, PAUSED, or what the view was: covered, dark, ...


class Seen(NamedTuple):
    """What there was to see of a camera in a period."""

    known: float  # Unix s: before that it is not known whether it was seen
    holes: list[Hole]  # in order; they do not overlap
    seconds: float  # seen
    of: float  # s that are known about

    @property
    def share(self) -> float:
        return self.seconds / self.of if self.of else 0.0


def seen(
    stretches: Sequence[Stretch],
    sights: Sequence[State],
    since: float,
    until: float,
    known: float,
    pauses: Sequence[tuple[float, float]] = (),
) -> Seen:
    """stretches: in order, when frames came. sights: when the view could not be trusted. known: since when
    the journal keeps that. pauses: in order, when somebody wanted no frames."""
    since = min(max(since, known), until)
    away, at = [], since
    for stretch in stretches:
        if stretch.since > at:
            away.append(Hole(at, min(stretch.since, until), AWAY))
        at = max(at, stretch.until)
    if at < until:
        away.append(Hole(at, until, AWAY))
    away = [hole for hole in away if hole.until - hole.since > GAP]
    starts = [stretch.since for stretch in stretches]  # frames that come end a pause
    ended = [(begin, min([end, *(at for at in starts if at > begin)])) for begin, end in pauses]
    holes = [part for hole in away for part in _parts(hole, ended)]
    for sight in sights:
        begin, end = max(sight.since, since), until if sight.until is None else min(sight.until, until)
        for hole in away:  # what nobody sees is not covered as well
            if hole.since > begin:
                holes.append(Hole(begin, min(end, hole.since), sight.state))
            begin = max(begin, hole.until)
        holes.append(Hole(begin, end, sight.state))
    holes = sorted(hole for hole in holes if hole.since < hole.until)
    missed = sum(hole.until - hole.since for hole in holes)
    return Seen(known, holes, max(0.0, until - since - missed), until - since)


def _parts(hole: Hole, pauses: Sequence[tuple[float, float]]) -> Iterator[Hole]:
    """A time without frames, of which somebody wanted a part. The last frame is known to GAP: what is shorter
    at the edges belongs to the pause."""
    at = hole.since
    for begin, end in pauses:
        if max(begin, at) >= min(end, hole.until):
            continue
        if begin - at > GAP:
            yield Hole(at, begin, AWAY)
            at = begin
        end = hole.until if hole.until - end <= GAP else end
        yield Hole(at, end, PAUSED)
        at = end
    if at < hole.until:
        yield Hole(at, hole.until, AWAY)
