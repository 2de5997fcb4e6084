"""Names for spots that have none: a letter for each row, far to near, and numbers from left to right."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import count

import numpy as np

ROW_GAP = 0.5  # of the height of the boxes: a step further down than that begins a new row

Box = tuple[float, float, float, float]


def tidy(text: str) -> str:
    """A text as a name may be: `Spot 12 (left)` -> `Spot-12-left`; nothing, if nothing of it is left."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text).strip("-_")[:32]


def in_rows(boxes: Sequence[Box]) -> list[list[int]]:
    """Indices of boxes x1 y1 x2 y2 by rows, far (up) to near, each from left to right.

    A row may rise or fall over the picture: what comes next in it is the nearest to the right that is not
    further up or down than ROW_GAP of the height.
    """
    x = np.array([(box[0] + box[2]) / 2 for box in boxes])
    y = np.array([(box[1] + box[3]) / 2 for box in boxes])
    height = np.array([box[3] - box[1] for box in boxes])
    rows: list[list[int]] = []
    for index in np.argsort(x, kind="stable").tolist():
        ends = [row[-1] for row in rows]
        steps = [abs(y[index] - y[end]) / max(height[index], height[end], 1e-9) for end in ends]
        best = int(np.argmin(steps)) if steps else -1
        if steps and steps[best] <= ROW_GAP:
            rows[best].append(index)
        else:
            rows.append([index])
    return sorted(rows, key=lambda row: float(np.mean(y[row])))


def free_names(taken: Mapping[int, str], rows: Sequence[Sequence[int]]) -> Iterator[tuple[int, str]]:
    """Index and name of all that have none; names that others have are passed over."""
    used = set(taken.values())
    for number, row in enumerate(rows):
        places = (f"{letters(number)}{place}" for place in count(1))
        for index in row:
            if index not in taken:
                yield index, next(name for name in places if name not in used)


def letters(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text
