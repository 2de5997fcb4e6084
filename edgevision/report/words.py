"""What was counted, in sentences: what a manager reads first."""

from collections.abc import Mapping, Sequence

from edgevision.core.durations import in_words
from edgevision.journal.sums import Sum
from edgevision.report.facts import Block, Camera
from edgevision.report.levels import overall
from edgevision.report.period import Period
from edgevision.report.seen import AWAY, PAUSED, Seen

# By analytic, what is counted in its chart: kinds of events, and what a reader calls them.
KINDS: Mapping[str, Mapping[str, str]] = {
    "line": {"crossed_in": "in", "crossed_out": "out"},
    "zone": {"entered": "entered"},
    "spots": {"occupied": "arrived", "freed": "left"},
    "queue": {"waited": "served", "gave_up": "gave up"},
    "speed": {"speed": "measured", "speed_back": "measured the other way"},
    "shelf": {"out_of_stock": "times empty", "low_stock": "times low"},
    "area": {"above": "times above the limit"},
    "look": {"changed": "changes"},
}
# What the values of a kind are.
SECONDS = {"dwell": "stays", "freed": "stays", "waited": "waits"}
SPEEDS = ("speed", "speed_back")
WHY = {
    AWAY: "no pictures: camera away, or service stopped",
    PAUSED: "paused by somebody",
    "covered": "the view was covered",
    "dark": "the picture was black",
    "frozen": "the picture stood still",
    "defocused": "the picture was blurred",
    "moved": "the camera was not where it had been",
}
ALIKE = 0.05  # of the time seen: two weeks that differ by more cannot be compared as they are


def kinds_of(block: Block) -> dict[str, str]:
    """What its chart shows, by kind; all kinds of an analytic that has no words here."""
    known = KINDS.get(block.analytic)
    if known:
        return dict(known)
    return {kind: kind.replace("_", " ") for kind in sorted({each.kind for each in block.totals})}


def count(found: Sequence[Sum], kind: str) -> int:
    return sum(each.n for each in found if each.kind == kind)


def headline(block: Block) -> str:
    """412 in, 398 out"""
    parts = [
        f"{count(block.totals, kind)} {words}"
        for place, (kind, words) in enumerate(kinds_of(block).items())
        if place == 0 or count(block.totals, kind) or block.analytic == "line"
    ]
    return ", ".join(parts) or "nothing"


def details(block: Block, period: Period, starts: Sequence[float]) -> list[str]:
    """The sentences behind the headline."""
    return [*_busiest(block, period, starts), *_level(block, period), *_values(block)]


def _busiest(block: Block, period: Period, starts: Sequence[float]) -> list[str]:
    words = kinds_of(block)
    counted = list(words) if block.analytic == "line" else list(words)[:1]
    shown = [block.bars[kind] for kind in counted if kind in block.bars]
    both = [sum(each) for each in zip(*shown, strict=True)]
    if not both or not max(both) or len(both) < 2:
        return []
    place = both.index(max(both))
    what = "crossings" if len(counted) > 1 else words[counted[0]]
    return [f"busiest {period.by} {when(starts[place], period)} ({both[place]} {what})"]


def when(start: float, period: Period) -> str:
    """17–18 of an hour, Fri 20 Nov of a day; both, where hours of several days are told."""
    day = f"{period.local(start):%a %-d %b}"
    if period.by == "day":
        return day
    hours = f"{period.local(start):%H}–{period.local(start + 3600):%H}"
    return hours if period.days <= 1.1 else f"{day}, {hours}"


def clock(wall: float, period: Period) -> str:
    text = "%H:%M" if period.days <= 1.1 else "%a %-d %b, %H:%M"
    return f"{period.local(wall):{text}}"


def _level(block: Block, period: Period) -> list[str]:
    found = overall(block.levels)
    if found is None:
        return []
    mean, most, at = found
    if block.places:
        share = f"; {100 * mean / block.places:.0f} % on average" if block.places >= most else ""
        return [f"at most {most:.0f} of {block.places} spots taken (about {clock(at, period)}){share}"]
    return [f"at most {most:.0f} at once (about {clock(at, period)})"]


def _values(block: Block) -> list[str]:
    """How long stays and waits were, how fast it went."""
    said = []
    for kind in sorted({each.kind for each in block.totals}):
        rows = [each for each in block.totals if each.kind == kind]
        n = sum(each.n for each in rows)
        mean, most = sum(each.mean * each.n for each in rows) / n, max(each.most for each in rows)
        if kind in SECONDS:
            said.append(f"{SECONDS[kind]} of {in_words(mean)} on average, the longest {in_words(most)}")
        elif kind in SPEEDS:
            way = " the other way" if kind == "speed_back" else ""
            said.append(f"{mean:.0f} km/h on average{way}, at most {most:.0f}")
    return said


def compared(block: Block, period: Period) -> str | None:
    """Beside the same time a week before; None where the journal has nothing of that."""
    if not block.before:
        return None
    parts = []
    for kind, words in kinds_of(block).items():
        now, then = count(block.totals, kind), count(block.before, kind)
        if now or then:
            change = f" (now {100 * (now - then) / then:+.0f} %)".replace("-", "−") if then else ""
            parts.append(f"{then} {words}{change}")
    since = period.shifted(-7).since
    return f"A week before ({period.local(since):%a %-d %b}): {', '.join(parts)}." if parts else None


def doubt(camera: Camera) -> str | None:
    """Why two weeks cannot be compared as they are."""
    if camera.seen is None or camera.before is None or not camera.before.of:
        return None
    if abs(camera.seen.share - camera.before.share) <= ALIKE:
        return None
    now, then = percent(camera.seen.share), percent(camera.before.share)
    return f"Compare with care: it was seen {now} of the time, and {then} a week before."


def coverage(seen: Seen | None) -> str:
    """How much of the time was seen, in words."""
    if seen is None:
        return "It is not known when this camera was seen: the database is from before that was kept."
    if not seen.seconds:
        return "Nothing was seen in all of this time."
    missed = seen.of - seen.seconds
    if missed < 1:
        return "Seen all the time."
    return f"Seen {percent(seen.share)} of the time; nothing was counted for {in_words(missed)}."


def percent(share: float) -> str:
    """99.9 % at most of what is not all."""
    return f"{min(100 * share, 99.9 if share < 1 else 100.0):.3g} %"
