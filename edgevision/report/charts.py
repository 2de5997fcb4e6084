"""Bars by the hour and levels over time as SVG, without a library or the network. What was not seen is
hatched: an hour without a bar is not the same as an hour in which nobody looked."""

from collections.abc import Mapping, Sequence
from html import escape
from itertools import groupby

from edgevision.report.levels import Level
from edgevision.report.period import Period
from edgevision.report.seen import Hole
from edgevision.report.words import when

# px; half of a page's width on a screen, all of a phone's: text stays readable on both
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 480, 168, 34, 4, 10, 24
HATCH = (
    '<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs><pattern id="unseen" '
    'width="6" height="6" patternTransform="rotate(45)" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" class="veil"/><path d="M0 0V6" class="stripe"/></pattern></defs></svg>'
)
MOST_SERIES = 4
MOST_LABELS = 9  # below a chart: more run into one another


class Frame:
    """Where things lie in a chart of a period, whose values go from 0 to `top`."""

    def __init__(self, period: Period, starts: Sequence[float], top: float) -> None:
        self._period, self._starts = period, starts
        self._begin = starts[0]
        slot = (starts[-1] - starts[0]) / (len(starts) - 1) if len(starts) > 1 else None
        self._end = starts[-1] + slot if slot else period.until
        self.step = next(step for step in _steps() if 4 * step >= top)
        self.top = max(top, self.step)

    def x(self, at: float) -> float:
        at = min(max(at, self._begin), self._end)
        return round(LEFT + (at - self._begin) / (self._end - self._begin) * (WIDTH - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        return round(TOP + (1 - value / self.top) * (HEIGHT - TOP - BOTTOM), 1)

    def slot(self, place: int) -> tuple[float, float]:
        """Left and right of an hour or a day."""
        ends = [*self._starts[1:], self._end]
        return self.x(self._starts[place]), self.x(ends[place])

    def drawn(self, inner: str, holes: Sequence[Hole], label: str) -> str:
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">'
            f"{''.join(map(self._hole, holes))}{self._grid()}{inner}{self._below()}</svg>"
        )

    def _hole(self, hole: Hole) -> str:
        left, right = self.x(hole.since), self.x(hole.until)
        return (
            f'<rect x="{left}" y="{TOP}" width="{max(1.0, right - left):.1f}" '
            f'height="{HEIGHT - TOP - BOTTOM}" fill="url(#unseen)"/>'
        )

    def _grid(self) -> str:
        values = [self.step * each for each in range(int(self.top / self.step + 1e-9) + 1)]
        return "".join(
            f'<path class="grid" d="M{LEFT} {self.y(each)}H{WIDTH - RIGHT}"/>'
            f'<text x="{LEFT - 5}" y="{self.y(each) + 4}" text-anchor="end">{each:g}</text>'
            for each in values
        )

    def _below(self) -> str:
        every = next(each for each in (1, 2, 3, 6, 12, 24, 48, 96, 400)
                     if len(self._starts) / each <= MOST_LABELS)  # fmt: skip
        texts = []
        for place in range(0, len(self._starts), every):
            local = self._period.local(self._starts[place])
            short = self._period.by == "day" or every >= 24
            text = f"{local:%-d %b}" if short else f"{local:%-H:00}"
            x = self.slot(place)[0]
            texts.append(f'<text x="{x}" y="{HEIGHT - 6}" text-anchor="middle">{text}</text>')
        return "".join(texts)


def bars(
    series: Mapping[str, Sequence[int]], period: Period, starts: Sequence[float], holes: Sequence[Hole]
) -> str:
    """series: by what a reader calls it, how often in each hour or day; at most MOST_SERIES."""
    frame = Frame(period, starts, max((max(each) for each in series.values()), default=0))
    drawn = []
    for number, (words, values) in enumerate(series.items()):
        for place, value in enumerate(values):
            left, right = frame.slot(place)
            gap = 0.12 * (right - left)
            wide = (right - left - 2 * gap) / len(series)
            x = left + gap + number * wide
            title = f"{when(starts[place], period)}: {value} {words}"
            drawn.append(
                f'<rect class="c{number}" x="{x:.1f}" y="{frame.y(value)}" width="{max(0.5, wide):.1f}" '
                f'height="{frame.y(0) - frame.y(value):.1f}"><title>{escape(title)}</title></rect>'
            )
    total = ", ".join(f"{sum(values)} {words}" for words, values in series.items())
    legend = _legend(list(series)) if len(series) > 1 else ""
    return f"<figure>{frame.drawn(''.join(drawn), holes, f'by {period.by}: {total}')}{legend}</figure>"


def level(
    found: Sequence[Level], most: int | None, period: Period, starts: Sequence[float],
    holes: Sequence[Hole], label: str,
) -> str:  # fmt: skip
    """most: how many can be there at all."""
    top = max([each.most or 0.0 for each in found] + [float(most or 0)])
    frame = Frame(period, starts, top)
    ends = [*(each.start for each in found[1:]), period.until]
    drawn = ""
    for known, slices in groupby(zip(found, ends, strict=True), key=lambda each: each[0].most is not None):
        if not known:
            continue
        parts = list(slices)
        path = f"M{frame.x(parts[0][0].start)} {frame.y(0)}"
        for each, end in parts:
            path += f"V{frame.y(each.most or 0.0)}H{frame.x(end)}"
        drawn += f'<path class="level" d="{path}V{frame.y(0)}Z"/>'
    if most:
        drawn += f'<path class="most" d="M{LEFT} {frame.y(most)}H{WIDTH - RIGHT}"/>'
    return f"<figure>{frame.drawn(drawn, holes, label)}<figcaption>{escape(label)}</figcaption></figure>"


def strip(holes: Sequence[Hole], period: Period) -> str:
    """The whole period as one line, in which what was not seen is hatched."""
    length = period.until - period.since

    def part(hole: Hole) -> str:
        x, wide = ((hole.since - period.since) / length, (hole.until - hole.since) / length)
        return f'<rect x="{1000 * x:.1f}" width="{max(2.0, 1000 * wide):.1f}" height="12" class="missed"/>'

    return (
        '<svg class="strip" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect width="1000" height="12" class="watched"/>{"".join(map(part, holes))}</svg>'
    )


def _legend(names: Sequence[str]) -> str:
    items = "".join(f'<li><i class="b{number}"></i>{escape(each)}</li>' for number, each in enumerate(names))
    return f'<ul class="legend">{items}</ul>'


def _steps() -> list[float]:
    """Round numbers that grid lines lie apart; none between whole ones."""
    return [part * 10.0**power for power in range(9) for part in (1, 2, 5)]
