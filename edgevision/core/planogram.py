"""What stands in a row against what should: the two sequences are aligned, and gaps go where the space is."""

from collections.abc import Sequence

import numpy as np

from edgevision.core.types import Floats

EDIT = 1000  # cost of a product that is wrong, one too many, or missing where there is room for it
SQUEEZED = (
    1001  # of one that is missing where there is none: of alignments with equally many edits the worse one
)
COLUMN = 0.5  # boxes that overlap by this share of the narrower one's width stand on top of each other
ROOM = 0.8  # of a product's width: a gap this wide can be one


def align(expected: Sequence[str], seen: Sequence[str | None]) -> list[int | None]:
    """Which of the seen each expected one is, None for what is missing; in order, with the fewest edits.

    seen: labels from left to right, None for a gap that is as wide as a product, which costs nothing.
    By dynamic programming after Needleman and Wunsch (J. Mol. Biol. 48:443-453, 1970), here with costs.
    """
    extra = [0 if label is None else EDIT for label in seen]
    costs = [np.concatenate([[0], np.cumsum(extra)]).tolist()]  # [i][j]: of the first i against the first j
    for i, wanted in enumerate(expected):
        row = [(i + 1) * SQUEEZED]
        for j, label in enumerate(seen):
            row.append(min(costs[i][j] + _pair(wanted, label), costs[i][j + 1] + SQUEEZED, row[j] + extra[j]))
        costs.append(row)
    found: list[int | None] = [None] * len(expected)
    i, j = len(expected), len(seen)
    while i and j:  # back the way that the costs came from
        if costs[i][j] == costs[i - 1][j - 1] + _pair(expected[i - 1], seen[j - 1]):
            i, j = i - 1, j - 1
            found[i] = j
        elif costs[i][j] == costs[i - 1][j] + SQUEEZED:
            i -= 1
        else:
            j -= 1
    return found


def _pair(wanted: str, label: str | None) -> int:
    return EDIT * (label != wanted)


def with_gaps(boxes: Floats, labels: Sequence[str], left: float, right: float) -> list[str | None]:
    """The labels of the columns of a row, from left to right, with None for each gap as wide as a product.

    boxes: (N, 4), N >= 0, in any one unit; left, right: the row's ends. Of products on top of each other the
    lowest is taken. A gap is measured in the mean width of its two neighbours.
    """
    columns = _columns(boxes)
    if not columns:
        return []
    lefts, rights = boxes[columns, 0], boxes[columns, 2]
    widths = rights - lefts
    spaces = np.append(lefts, right) - np.insert(rights, 0, left)
    scale = (np.insert(widths, 0, widths[0]) + np.append(widths, widths[-1])) / 2
    gaps = np.floor(np.maximum(spaces / scale + 1 - ROOM, 0)).astype(int)
    sequence: list[str | None] = [None] * gaps[0]
    for column, gap in zip(columns, gaps[1:], strict=True):
        sequence += [labels[column], *[None] * gap]
    return sequence


def _columns(boxes: Floats) -> list[int]:
    """The lowest box of each column, from left to right."""
    columns: list[int] = []
    for index in np.argsort(boxes[:, 0] + boxes[:, 2], kind="stable").tolist():
        if columns and _on_top(boxes[columns[-1]], boxes[index]):
            columns[-1] = max(columns[-1], index, key=lambda i: boxes[i, 3])
        else:
            columns.append(index)
    return columns


def _on_top(a: Floats, b: Floats) -> bool:
    shared = min(a[2], b[2]) - max(a[0], b[0])
    return bool(shared > COLUMN * min(a[2] - a[0], b[2] - b[0]))
