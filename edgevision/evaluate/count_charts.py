"""Counted beside true over time as SVG, without a library or the network."""

from collections.abc import Sequence

from edgevision.evaluate.score_counts import KeyScore

# Told apart also by people who see red and green alike (Okabe and Ito, 2008).
TRUE, OURS, MISSED, EXTRA = "#9aa0a6", "#0072b2", "#d55e00", "#cc79a7"
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 760, 230, 44, 42, 14, 14  # px
MOST_STEPS = 2000  # of a line
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)  # s of the grid


def clock(at: float) -> str:
    """1:02:03.4, or 12.3 s below a minute."""
    if at < 60:
        return f"{at:.1f} s"
    minutes, seconds = divmod(round(at, 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours}:{minutes:02d}:{seconds:04.1f}" if hours else f"{minutes}:{seconds:04.1f}"


def over_time(row: KeyScore, length: float) -> str:
    """Two lines that rise by one with each count; marks where one is missed or too many."""
    ours = sorted([mine.at for mine, _ in row.pairs] + [mark.at for mark in row.extra])
    true = sorted([real.at for _, real in row.pairs] + [mark.at for mark in row.missed])
    most = max(len(ours), len(true), 1)
    length = max(length, 1e-3)

    def at(seconds: float, count: float) -> str:
        x = LEFT + min(seconds / length, 1) * (WIDTH - LEFT - RIGHT)
        return f"{x:.1f},{TOP + (1 - count / most) * (HEIGHT - TOP - BOTTOM):.1f}"

    def steps(times: Sequence[float]) -> str:
        every = max(1, len(times) // MOST_STEPS)
        kept = list(enumerate(times))[::every]
        points = [at(0, 0)]
        for number, seconds in kept:
            points += [at(seconds, number), at(seconds, number + 1)]
        return " ".join([*points, at(length, len(times))])

    def ticks(times: Sequence[float], color: str, down: bool) -> str:
        marks = []
        for seconds in times[:MOST_STEPS]:
            x = float(at(seconds, 0).split(",")[0])
            y = HEIGHT - BOTTOM if down else TOP
            tip = -9 if down else 9
            marks.append(f'<path d="M{x - 5:.1f} {y}h10l-5 {tip}z" fill="{color}"/>')
        return "".join(marks)

    label = f"{row.key.name} {row.key.kind}: counted {row.counted}, true {row.true}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}" class="time">'
        f"{_grid(length, most)}"
        f'<polyline points="{steps(true)}" fill="none" stroke="{TRUE}" stroke-width="4"/>'
        f'<polyline points="{steps(ours)}" fill="none" stroke="{OURS}" stroke-width="2"/>'
        f"{ticks([m.at for m in row.missed], MISSED, True)}{ticks([m.at for m in row.extra], EXTRA, False)}"
        "</svg>"
    )


def _grid(length: float, most: int) -> str:
    step = next((step for step in STEPS if length / step <= 10), STEPS[-1])
    lines = []
    for number in range(int(length / step) + 1):
        x = LEFT + number * step / length * (WIDTH - LEFT - RIGHT)
        text = _tick(number * step, length)
        lines.append(
            f'<path class="grid" d="M{x:.1f} {HEIGHT - BOTTOM}V{TOP}"/>'
            f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{text}</text>'
        )
    rise = max(1, -(-most // 4))
    for count in range(0, most + 1, rise):
        y = TOP + (1 - count / most) * (HEIGHT - TOP - BOTTOM)
        lines.append(
            f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{count}</text>'
        )
    unit = "seconds" if length < 120 else "minutes" if length < 7200 else "hours"
    lines.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 4}" text-anchor="middle">{unit}</text>'
    )
    return "".join(lines)


def _tick(seconds: float, length: float) -> str:
    return f"{seconds:g}" if length < 120 else f"{seconds / 60:g}" if length < 7200 else f"{seconds / 3600:g}"
