"""Our line beside that of supervision and two plain rules, on thirty synthetic cases.

    pip install supervision          # for this comparison only, best into an environment of its own
    PYTHONPATH=. python tests/bench/line_cases.py

Up,down of each; what is wrong has a star. `ids given`: every rule gets the ids of the case, as from some
tracker. `own tracker`: ours gets the boxes alone, which is how it is used. The cases are drawn around the
objects' centres, so ours runs with `anchor: center`; all else is default.
"""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import supervision as sv
from rich.console import Console
from rich.table import Table

from tests.analytics.case_tracks import with_our_tracker, with_their_ids
from tests.analytics.line_cases import CASES, LEVEL, Case

Rule = Callable[[Case], tuple[int, int]]


def line_zone(center: bool, threshold: int) -> Rule:
    """supervision's LineZone; with its default anchors, the four corners, or the box's centre."""
    anchors = {"triggering_anchors": [sv.Position.CENTER]} if center else {}

    def count(case: Case) -> tuple[int, int]:
        start, end = case.line
        ends = sv.Point(start, LEVEL), sv.Point(end, LEVEL)
        zone = sv.LineZone(*ends, minimum_crossing_threshold=threshold, **anchors)
        for boxes in case.frames:
            corners = [
                (b.x - b.size / 2, b.y - b.size / 2, b.x + b.size / 2, b.y + b.size / 2) for b in boxes
            ]
            zone.trigger(
                sv.Detections(
                    xyxy=np.array(corners, float).reshape(-1, 4),
                    class_id=np.zeros(len(boxes), int),
                    tracker_id=np.array([b.id for b in boxes], int),
                )
            )
        return zone.in_count, zone.out_count

    return count


def centre_rule(case: Case, once: bool) -> tuple[int, int]:
    """The centre's step from frame to frame meets the segment; if `once`, each id counts once for ever."""
    last: dict[int, tuple[float, float]] = {}
    counts: dict[bool, int] = defaultdict(int)
    counted = set()
    for boxes in case.frames:
        for box in boxes:
            x, y = last.get(box.id, (box.x, box.y))
            last[box.id] = (box.x, box.y)
            if (y < LEVEL) == (box.y < LEVEL) or (once and box.id in counted):
                continue
            meets = x + (box.x - x) * (LEVEL - y) / (box.y - y)
            if case.line[0] <= meets <= case.line[1]:
                counts[box.y > y] += 1
                counted.add(box.id)
    return counts[False], counts[True]


RULES: dict[str, Rule] = {
    "ours, ids given": with_their_ids,
    "ours, own tracker": with_our_tracker,
    "LineZone default": line_zone(False, 1),
    "corners 3": line_zone(False, 3),
    "centre 1": line_zone(True, 1),
    "centre 3": line_zone(True, 3),
    "each id once": lambda case: centre_rule(case, True),
    "every step": lambda case: centre_rule(case, False),
}


def main() -> None:
    table = Table("case", "right", *RULES, title=f"supervision {sv.__version__}")
    good = dict.fromkeys(RULES, 0)
    for case in CASES:
        cells = []
        for name, rule in RULES.items():
            up, down = rule(case)
            right = (up, down) in (case.right, case.also)
            good[name] += right
            cells.append(f"{up},{down}" + ("" if right else " *"))
        table.add_row(case.name, "{},{}".format(*case.right), *cells)
    table.add_row(f"right of {len(CASES)}", "", *map(str, good.values()))
    Console(width=190).print(table)


if __name__ == "__main__":
    main()
