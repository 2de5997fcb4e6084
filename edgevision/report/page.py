"""One HTML page of a day; nothing in it is fetched from anywhere, and every name is escaped."""

from collections.abc import Iterator, Sequence
from html import escape

from edgevision.core.durations import in_words
from edgevision.report.charts import HATCH, MOST_SERIES, bars, level, strip
from edgevision.report.facts import Block, Camera, Facts
from edgevision.report.period import Period
from edgevision.report.seen import Hole
from edgevision.report.style import STYLE
from edgevision.report.words import (
    WHY,
    clock,
    compared,
    count,
    coverage,
    details,
    doubt,
    headline,
    kinds_of,
    when,
)

MOST_HOLES = 20  # of one camera, that are told one by one


def page(facts: Facts, made: float) -> str:
    """made: Unix s, now."""
    title = f"Report of {span(facts.period)}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width,initial-scale=1"><title>{title}</title><style>{STYLE}</style></head>'
        f"<body>{HATCH}{''.join(_body(facts, made))}</body></html>\n"
    )


def span(period: Period) -> str:
    """Friday, 20 November 2026; or from when to when."""
    first, last = period.local(period.since), period.local(period.until)
    midnight = first.hour == first.minute == 0
    if midnight and period.days <= 1.05:
        so_far = "" if last.hour == last.minute == 0 else f", until {last:%H:%M}"
        return f"{first:%A, %-d %B %Y}{so_far}"
    return f"{first:%-d %B %Y, %H:%M} to {last:%-d %B %Y, %H:%M}"


def _body(facts: Facts, made: float) -> Iterator[str]:
    period = facts.period
    zone = escape(str(period.zone or period.local(period.since).astimezone().tzname()))
    yield f"<h1>{span(period)}</h1>"
    yield (
        f"<p class='quiet small'>Times of {zone}; made by edgevision on "
        f"{period.local(made):%-d %B %Y at %H:%M}.</p>"
    )
    if not facts.cameras:
        yield "<p>Of this time the database has nothing: no camera was seen, and nothing was counted.</p>"
        return
    yield f"<ul class='short'>{''.join(_short(each, facts) for each in facts.cameras)}</ul>"
    yield from _unseen(facts)
    for camera in facts.cameras:
        yield f"<h2>{escape(camera.name)}</h2>"
        if text := doubt(camera):
            yield f"<p class='small'>{text}</p>"
        if not camera.blocks:
            yield "<p>Nothing was counted.</p>"
        yield f"<div class='two'>{''.join(_block(each, camera, facts) for each in camera.blocks)}</div>"
    yield "<p class='quiet small'>Hatched in the charts: nobody looked, so nothing could be counted.</p>"
    if facts.tidied:
        yield (
            "<p class='quiet small'>Single events of this time are kept no more, only their sums: how many "
            "were there at each moment is not known.</p>"
        )


def _short(camera: Camera, facts: Facts) -> str:
    lines = []
    for block in camera.blocks:
        said = "; ".join(["", *details(block, facts.period, facts.starts)])
        name = "" if block.name == block.analytic else f"{escape(block.name)}: "
        lines.append(f"<p>{name}<strong>{escape(headline(block))}</strong>{escape(said)}.</p>")
    warn = " class='warn'" if camera.seen is None or camera.seen.holes else " class='quiet'"
    return (
        f"<li><b>{escape(camera.name)}</b>{''.join(lines) or '<p>Nothing was counted.</p>'}"
        f"<p{warn}>{coverage(camera.seen)}</p>"
        f"{strip(camera.seen.holes, facts.period) if camera.seen and camera.seen.holes else ''}</li>"
    )


def _unseen(facts: Facts) -> Iterator[str]:
    """What nobody saw, right below the numbers that lack it."""
    holed = [camera for camera in facts.cameras if camera.seen and camera.seen.holes]
    if not holed:
        return
    yield "<h2>Not seen</h2><p>In these times nothing was counted, whatever happened:</p>"
    rows = []
    for camera in holed:
        holes = camera.seen.holes if camera.seen else []
        longest = sorted(sorted(holes, key=lambda hole: hole.since - hole.until)[:MOST_HOLES])
        rows += [_hole_row(camera.name, hole, facts.period) for hole in longest]
        if len(holes) > len(longest):
            rest = sum(hole.until - hole.since for hole in holes if hole not in longest)
            rows.append(
                f"<tr><td>{escape(camera.name)}</td><td colspan='2'>{len(holes) - len(longest)} shorter ones"
                f"</td><td>{in_words(rest)}</td><td></td></tr>"
            )
    head = "<th>camera</th><th>from</th><th>to</th><th>for</th><th class='left'>why</th>"
    yield (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _hole_row(name: str, hole: Hole, period: Period) -> str:
    cells = clock(hole.since, period), clock(hole.until, period), in_words(hole.until - hole.since)
    why = escape(WHY.get(hole.why, hole.why))
    return (
        f"<tr><td>{escape(name)}</td>{''.join(f'<td>{each}</td>' for each in cells)}"
        f"<td class='left why'>{why}</td></tr>"
    )


def _block(block: Block, camera: Camera, facts: Facts) -> str:
    period, holes = facts.period, camera.seen.holes if camera.seen else []
    said = details(block, period, facts.starts)
    words = kinds_of(block)
    common = sorted(words, key=lambda kind: -count(block.totals, kind))[:MOST_SERIES]
    series = {words[kind]: block.bars[kind] for kind in words if kind in common and kind in block.bars}
    text = "; ".join(said)
    kind = block.analytic if block.name != block.analytic else ""
    parts = [
        f"<h3>{escape(block.name)} <span>{escape(kind)}</span></h3>",
        f"<p class='total'>{escape(headline(block))}</p>",
        f"<p>{escape(text[:1].upper() + text[1:])}.</p>" if said else "",
        f"<p class='quiet small'>{escape(compared(block, period) or '')}</p>",
        _labels(block, words),
    ]
    drawn = [bars(series, period, facts.starts, holes)] if series else []
    if block.levels:
        label = f"spots taken, of {block.places}" if block.places else "inside at once"
        drawn.append(level(block.levels, block.places, period, facts.starts, holes, label))
    table = _table(series, facts) if series else ""
    return f"<section class='block'><div>{''.join(parts)}</div><div>{''.join(drawn)}{table}</div></section>"


def _labels(block: Block, words: dict[str, str]) -> str:
    """How many of each label, where there are several."""
    labels = sorted({each.label for each in block.totals if each.kind in words})
    kinds = [kind for kind in words if count(block.totals, kind)]
    if len(labels) < 2:
        return ""
    rows = [
        (label or "(none)", [count([s for s in block.totals if s.label == label], kind) for kind in kinds])
        for label in labels
    ]
    rows.sort(key=lambda row: -sum(row[1]))
    return _rows("what", [words[kind] for kind in kinds], rows)


def _table(series: dict[str, Sequence[int]], facts: Facts) -> str:
    """The chart's numbers, for who does not see it."""
    rows = [
        (when(start, facts.period), [values[place] for values in series.values()])
        for place, start in enumerate(facts.starts)
    ]
    by = facts.period.by
    return f"<details><summary>By {by}, as a table</summary>{_rows(by, list(series), rows)}</details>"


def _rows(first: str, columns: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]]) -> str:
    head = "".join(f"<th scope='col'>{escape(each)}</th>" for each in (first, *columns))
    body = "".join(
        f"<tr><th scope='row'>{escape(name)}</th>{''.join(f'<td>{each}</td>' for each in values)}</tr>"
        for name, values in rows
    )
    return f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
