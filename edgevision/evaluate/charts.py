"""Precision-recall curves as SVG, and confusions as an HTML table, without a library or the network."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgevision.evaluate.matching import Curve, Point

# Told apart also by people who see red and green alike (Okabe and Ito, 2008).
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#555555")
WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 560, 380, 48, 44, 12, 14  # px
MOST_POINTS = 400  # of a line
MOST_CLASSES = 10  # of a table of confusions


class Line(NamedTuple):
    name: str
    curve: Curve
    mark: Point  # at the chosen confidence


def curves(lines: Sequence[Line]) -> str:
    """Recall from left to right, precision upwards, each 0..1."""
    grid = "".join(_grid(share / 5) for share in range(6))
    drawn = "".join(_line(line, COLORS[i % len(COLORS)]) for i, line in enumerate(lines))
    legend = "".join(
        f'<li><i style="background:{COLORS[i % len(COLORS)]}"></i>{escape(line.name)}</li>'
        for i, line in enumerate(lines)
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="precision by recall">'
        f"{grid}{drawn}"
        f'<text x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">recall</text>'
        f'<text x="14" y="{(TOP + HEIGHT - BOTTOM) / 2}" text-anchor="middle" '
        f'transform="rotate(-90 14 {(TOP + HEIGHT - BOTTOM) / 2})">precision</text></svg>'
        f'<ul class="legend">{legend}</ul></figure>'
    )


def confusion_table(counts: NDArray[np.int64], names: Sequence[str], last: str) -> str:
    """counts: (classes + 1,) * 2, rows are true, columns found; last: what the last of both is."""
    totals = counts[:-1].sum(axis=1)
    order = np.lexsort((np.diag(counts)[:-1] - totals, -totals))[
        :MOST_CLASSES
    ]  # the commonest, then the worst
    chosen = [*(int(i) for i in order if counts[i].any() or counts[:, i].any()), len(names)]
    labels = [*(names[i] for i in chosen[:-1]), last]
    rows_of = np.maximum(1, counts[chosen].sum(axis=1))
    head = "".join(f'<th scope="col"><span>{escape(label)}</span></th>' for label in labels)
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th>'
        + "".join(_cell(int(counts[row, column]), counts[row, column] / total) for column in chosen)
        + "</tr>"
        for label, row, total in zip(labels, chosen, rows_of, strict=True)
    )
    return f'<div class="wide"><table class="confusion"><tr><th></th>{head}</tr>{rows}</table></div>'


def _cell(count: int, share: float) -> str:
    """The darker the larger its share of the row."""
    dark = ' class="dark"' if share > 0.55 else ""
    return f'<td{dark} style="background:rgba(0,114,178,{share:.2f})">{count or ""}</td>'


def _at(recall: float, precision: float) -> tuple[float, float]:
    """Where a point lies in the picture, px."""
    x = LEFT + recall * (WIDTH - LEFT - RIGHT)
    return round(x, 1), round(TOP + (1 - precision) * (HEIGHT - TOP - BOTTOM), 1)


def _grid(share: float) -> str:
    (x, y), (left, bottom), (right, top) = _at(share, share), _at(0, 0), _at(1, 1)
    return (
        f'<path class="grid" d="M{x} {bottom}V{top}M{left} {y}H{right}"/>'
        f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{share:.1f}</text>'
        f'<text x="{left - 6}" y="{y + 4}" text-anchor="end">{share:.1f}</text>'
    )


def _line(line: Line, color: str) -> str:
    recall, precision = line.curve.line()
    kept = np.unique(np.linspace(0, len(recall) - 1, min(MOST_POINTS, len(recall))).astype(int))
    points = " ".join("{},{}".format(*_at(recall[i], precision[i])) for i in kept) if len(recall) else ""
    x, y = _at(line.mark.recall, line.mark.precision)
    return (
        f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="2"/>'
        f'<circle cx="{x}" cy="{y}" r="5" fill="{color}"/>'
    )
