"""edgevision eval track DATA: how well the tracker keeps identities, on labelled videos."""

import json
import sys
from argparse import Namespace

from rich import box
from rich.console import Console
from rich.table import Table

from edgevision.evaluate.read_mot import read_sequences
from edgevision.evaluate.score_tracks import SHARES, TrackScores, score_tracks

WIDTH = 180  # characters, where no terminal says


def run(options: Namespace) -> int:
    sequences = read_sequences(options.data)
    scores, together = score_tracks(sequences, options.every)
    if options.json:
        each = {name: _rounded(score) for name, score in scores.items()}
        print(json.dumps(_rounded(together) | {"every": options.every, "sequences": each}))
        return 0
    frames = sum(len(sequence.moments[:: options.every]) for sequence in sequences)
    print(f"{len(sequences)} sequences, {frames} frames; shares in percent")
    Console(width=None if sys.stdout.isatty() else WIDTH).print(_table(scores, together))
    return 0


def _rounded(scores: TrackScores) -> dict[str, float]:
    return {name: round(value, 4) for name, value in scores.named().items()}


def _table(scores: dict[str, TrackScores], together: TrackScores) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("sequence", no_wrap=True)
    for name in together.named():
        table.add_column(name, justify="right", no_wrap=True)
    for name, row in [*scores.items(), ("all", together)]:
        shown = row.named()
        cells = [f"{100 * shown[each]:.1f}" for each in SHARES]
        table.add_row(name, *cells, str(row.switches), end_section=name == list(scores)[-1])
    return table
