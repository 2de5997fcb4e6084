"""Our spots beside the plain rule that a spot is taken while a box's centre lies in it (Ultralytics'
ParkingManagement), on computed car parks with known truth and a detector that errs.

    PYTHONPATH=. python tests/bench/parking.py
    PYTHONPATH=. python tests/bench/parking.py --fps 25 --miss 0 0.2 0.5      # five times as long

Seeds 100 to 105 are those that the constants of spots.py were chosen on, at 5 fps; 0 to 19, which are the
default, have played no part in it. What the car parks and the detector are like is in
tests/analytics/lot.py and lot_runs.py.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat

from rich.console import Console
from rich.table import Table

from tests.analytics.lot import Lot
from tests.analytics.lot_runs import Score, run_both, sights

Scores = dict[float, tuple[Score, Score]]


def one_seed(seed: int, fps: float, misses: list[float], seconds: float) -> Scores:
    lot = Lot(seed, seconds)
    seen = sights(lot, fps)
    return {miss: run_both(lot, seen, miss, seed) for miss in misses}


def main() -> None:
    parser = argparse.ArgumentParser(description="Our spots beside the plain rule.")
    parser.add_argument("--fps", type=float, default=5)
    parser.add_argument("--seeds", type=int, nargs=2, default=(0, 20), metavar=("FIRST", "END"))
    parser.add_argument("--miss", type=float, nargs="+", default=[0, 0.1, 0.2, 0.35, 0.5])
    parser.add_argument("--seconds", type=float, default=420)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    seeds = range(*options.seeds)
    totals: Scores = {miss: (Score(), Score()) for miss in options.miss}
    with ProcessPoolExecutor(options.processes) as pool:
        rest = repeat(options.fps), repeat(options.miss), repeat(options.seconds)
        for scores in pool.map(one_seed, seeds, *rest):
            for miss, (ours, rule) in scores.items():
                totals[miss][0].add(ours)
                totals[miss][1].add(rule)
    columns = ("wrong state", "stays miscounted", "flips/h of a spot")
    heads = [f"{who}: {what}" for who in ("ours", "centre") for what in columns]
    first = totals[options.miss[0]][0]
    title = f"seeds {seeds[0]}..{seeds[-1]}, {options.fps:g} fps, {first.stays} stays"
    title += f", {first.total / 3600:.1f} spot hours"
    table = Table("missed", *heads, title=title)
    for miss, (ours, rule) in totals.items():
        table.add_row(f"{miss:.0%}", *ours.row, *rule.row)
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
