"""One HTML page of what `edgevision bench` found; nothing in it is fetched from anywhere."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from edgevision.errors import OutputError
from edgevision.evaluate.charts import COLORS
from edgevision.evaluate.style import STYLE

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 560, 90, 70, 8, 40  # px of a plot
BAR = 22  # px between two rows
HEIGHT = 300


def write_page(path: Path, found: Mapping[str, Any]) -> None:
    """Raises OutputError."""
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" '
        'content="width=device-width,initial-scale=1"><title>edgevision bench</title>'
        f"<style>{STYLE}</style><body>{''.join(_body(found))}</body></html>\n"
    )
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None


def _body(found: Mapping[str, Any]) -> Iterator[str]:
    networks = "; ".join(
        f"{escape(each['file'])} {each['input']} {each['precision']}, {escape(each['why'])}"
        for each in found["models"].values()
    )
    yield (
        f"<h1>{found['fps']:.1f} frames/s, {found['ratio']:.2f} of what the network alone does</h1>"
        f"<p class='quiet'>{networks}. Cameras: {found['streams']}, cores: {found['cores']}; "
        f"{found['rounds']} rounds, in which others used {found['other_cores']:.1f} cores.</p>"
    )
    yield "<h2>Where a frame's time goes</h2><p class='quiet'>Median, with the 90th and the 99th of "
    yield "100 as marks; milliseconds. Recordings at full speed: the queue is what the reader is ahead.</p>"
    yield f"<figure>{_bars(found['stages'])}</figure>"
    yield "<h2>Frames per second by round</h2>"
    yield _lines(
        {name: list(enumerate(each, 1)) for name, each in found["by_round"].items()}, "round", "frames/s"
    )
    if cameras := found.get("cameras"):
        yield (
            f"<h2>{cameras['count']} cameras of {cameras['fps']:g} frames/s</h2><p class='quiet'>99 of 100 "
            f"frames within {cameras['latency_ms']:g} ms; each takes "
            f"{cameras['cpu_seconds_per_camera']:.3f} cores.</p>"
        )
        limit = cameras["latency_ms"]
        points = {p: _points(cameras["trials"], p) for p in ("p50", "p99")}
        most = max([each["cameras"] for each in cameras["trials"]])
        yield _lines({**points, "allowed": [(0, limit), (most, limit)]}, "cameras", "ms")


def _points(trials: Sequence[Mapping[str, Any]], key: str) -> list[tuple[float, float]]:
    return sorted((each["cameras"], each[key]) for each in trials if each[key] is not None)


def _bars(stages: Mapping[str, Mapping[str, float]]) -> str:
    """A bar to the median of each stage, a line on to p99, with a mark at p90."""
    most = max((row["p99"] for row in stages.values() if row), default=1.0) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / most
    height = TOP + BAR * len(stages)
    rows = []
    for number, (name, row) in enumerate(stages.items()):
        if not row:
            continue
        y = TOP + BAR * number + BAR / 2
        half, ninety, last = (LEFT + scale * row[p] for p in ("p50", "p90", "p99"))
        rows.append(
            f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(name)}</text>'
            f'<path d="M{half:.1f} {y}H{last:.1f}M{ninety:.1f} {y - 4}V{y + 4}M{last:.1f} {y - 6}V{y + 6}" '
            f'stroke="{COLORS[1]}"/><rect x="{LEFT}" y="{y - 7}" width="{max(1.0, half - LEFT):.1f}" '
            f'height="14" fill="{COLORS[0]}"/>'
            f'<text x="{last + 6:.1f}" y="{y + 4}">{row["p50"]:.2f}</text>'
        )
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="stages">{"".join(rows)}</svg>'


def _lines(series: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str) -> str:
    """Each series of (x, y) as a line with points; both axes begin at 0."""
    right = max((x for points in series.values() for x, _ in points), default=1) or 1
    top = 1.05 * max((y for points in series.values() for _, y in points), default=1) or 1

    def at(x: float, y: float) -> tuple[float, float]:
        wide, high = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return round(LEFT + wide * x / right, 1), round(TOP + high * (1 - y / top), 1)

    grid = "".join(_across(at, x) for x in _ticks(right)) + "".join(_up(at, y) for y in _ticks(top))
    drawn = "".join(_series(at, points, COLORS[n % len(COLORS)]) for n, points in enumerate(series.values()))
    legend = "".join(
        f'<li><i style="background:{COLORS[n % len(COLORS)]}"></i>{escape(name)}</li>'
        for n, name in enumerate(series)
    )
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{up} by {across}">{grid}{drawn}'
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{across}</text>'
        f'<text x="{LEFT - 60}" y="{HEIGHT / 2}" text-anchor="middle" '
        f'transform="rotate(-90 {LEFT - 60} {HEIGHT / 2})">{up}</text></svg>'
        f'<ul class="legend">{legend}</ul></figure>'
    )


def _ticks(most: float) -> list[float]:
    """0 and a few round numbers up to the most."""
    power = 10.0 ** math.floor(math.log10(most / 4))
    step = next(power * part for part in (1, 2, 5, 10) if power * part >= most / 4)
    return [step * number for number in range(int(most / step + 1e-9) + 1)]


def _across(at: Any, x: float) -> str:
    left, bottom = at(x, 0)
    return f'<text x="{left}" y="{bottom + 16}" text-anchor="middle">{x:g}</text>'


def _up(at: Any, y: float) -> str:
    left, up = at(0, y)
    return (
        f'<path class="grid" d="M{left} {up}H{WIDTH - RIGHT}"/>'
        f'<text x="{left - 6}" y="{up + 4}" text-anchor="end">{y:g}</text>'
    )


def _series(at: Any, points: Sequence[tuple[float, float]], color: str) -> str:
    places = [at(x, y) for x, y in points]
    line = " ".join(f"{x},{y}" for x, y in places)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3" fill="{color}"/>' for x, y in places)
    return f'<polyline points="{line}" fill="none" stroke="{color}" stroke-width="2"/>{dots}'
