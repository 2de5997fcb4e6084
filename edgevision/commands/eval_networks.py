"""edgevision eval detect|segment|classify: how right networks are on labelled pictures, and how quick."""

import json
import sys
from argparse import Namespace
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.progress import track

from edgevision.commands.eval_tables import as_json, tables
from edgevision.errors import OutputError
from edgevision.evaluate.dataset import Dataset, Example, open_dataset, read_picture
from edgevision.evaluate.measure import Candidate
from edgevision.evaluate.names import read_map
from edgevision.evaluate.networks import load
from edgevision.evaluate.result import Result, results

WIDTH = 180  # characters, where no terminal says

UNLIKE = "the networks know different classes, so their means are over different ones: compare class by class"


def run(options: Namespace) -> int:
    if options.report and not options.report.parent.is_dir():
        raise OutputError(f"--report {options.report}: there is no folder {options.report.parent}")
    dataset = open_dataset(options.task, options.data, options.images).some(options.limit)
    given = read_map(options.map)
    candidates = [
        Candidate(
            options.task,
            load(model, options.labels, options.device, engine=options.engine, precision=options.precision),
            dataset,
            given,
            options.confidence,
        )
        for model in [*options.models, *options.compare]
    ]
    for candidate in candidates:
        for note in candidate.matching.notes:
            print(f"note: {candidate.network.path.name}: {note}", file=sys.stderr)
    if len({candidate.matching.known for candidate in candidates}) > 1:
        print(f"note: {UNLIKE}", file=sys.stderr)
    look(candidates, dataset)
    found = results(candidates)
    if options.report:
        from edgevision.evaluate.report import write_report  # drawing is not needed otherwise

        write_report(options.report, options.task, dataset, candidates, found, options.confidence)
    if options.json:
        print(json.dumps(as_json(found, len(dataset.examples))))
    else:
        _print(found, dataset, options)
    return 0


def look(candidates: Sequence[Candidate], dataset: Dataset) -> None:
    """Show every picture to each network in turn, so that what else the machine does slows all alike."""
    for example in _progress(dataset.examples):
        image = read_picture(example.image)
        for candidate in candidates:
            candidate.look(image, example)


def _progress(examples: Sequence[Example]) -> Iterator[Example]:
    console = Console(stderr=True)
    yield from track(examples, "looking", console=console, disable=not console.is_terminal)


def _print(found: Sequence[Result], dataset: Dataset, options: Namespace) -> None:
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    seen = f"{len(dataset.examples)} pictures, {dataset.kind}"
    print(f"{seen}; precision, recall and F1 at confidence {options.confidence:g}")
    for table in tables(found):
        console.print(table)
    if options.report:
        print(f"report: {options.report}")
