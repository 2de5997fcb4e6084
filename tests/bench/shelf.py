"""Facings and stock of a drawn shelf, by ours and by two plain rules, at rising shares of misses.

    PYTHONPATH=. python tests/bench/shelf.py [--minutes 60]

Three rows of ten products, boxes that tremble, a false box every fifth frame or so, a shopper every 40 s who
hides a fifth of all rows for some 8 s, takes two products, or fills a row that is nearly empty. `frame`
counts the boxes of each frame; `median` takes the median of such counts over `hold`. Off: facings by which a
row's count is wrong, on average, while nobody has been in front for 15 s. False, missed: changes of state
(out, low, in stock) that were told and were none, or were and were not told, per hour and row; low is fewer
than 3.
"""

import argparse

from rich.console import Console
from rich.table import Table

from tests.analytics.drawn_shelf import ROWS, Scene, play

MISSES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
RULES = ("ours", "median", "frame")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=60.0)
    minutes = parser.parse_args().minutes
    table = Table("frames/s", "missed", "changes", *(f"{rule}: off, false, missed" for rule in RULES))
    for fps in (5.0, 1.0):
        for miss in MISSES:
            scores = play(Scene(seed=1, miss=miss, fps=fps, minutes=minutes))
            truth = scores["truth"]
            cells = []
            for rule in RULES:
                false, missed = scores[rule].against(truth)
                hours = ROWS * minutes / 60
                cells.append(f"{scores[rule].error:.2f}  {false / hours:.1f}  {missed / hours:.1f}")
            changes = sum(len(states) - 1 for states in truth.states)
            table.add_row(f"{fps:g}", f"{miss:.0%}", str(changes), *cells)
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
