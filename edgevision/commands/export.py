"""edgevision export: events, sums and states of the journal, as a table for other programs."""

import sys
from argparse import Namespace
from io import TextIOWrapper
from pathlib import Path

from edgevision.commands.counts import asked_time, journal_of
from edgevision.errors import ConfigError
from edgevision.export.parquet import write_parquet
from edgevision.export.tables import COLUMNS, Question, pages
from edgevision.export.texts import as_csv, as_json_lines
from edgevision.export.whole import whole
from edgevision.journal.sums import FOREVER

FORMATS = {".csv": "csv", ".parquet": "parquet", ".jsonl": "jsonl"}


def run(options: Namespace) -> int:
    path, output = journal_of(options.journal), options.output
    form = options.format or _form(output)
    zone, since, until = asked_time(options)
    question = Question(path, since or 0.0, until or FOREVER, options.camera, options.by, zone)
    columns = COLUMNS[options.what]
    found = pages(question, options.what, whole=form == "jsonl")
    if output is not None and output.exists() and path.exists() and output.samefile(path):
        raise ConfigError(f"--output: {output} is the database itself; choose another file")
    if form == "parquet":
        if output is None:
            raise ConfigError("Parquet goes into a file: say --output FILE.parquet")
        with whole(output) as part:
            write_parquet(found, columns, zone, part)
        return 0
    texts = as_csv(found, list(columns)) if form == "csv" else as_json_lines(found)
    if output is None:
        assert isinstance(sys.stdout, TextIOWrapper)
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # CSV's lines end as they are
        sys.stdout.writelines(texts)
        sys.stdout.flush()
        return 0
    with whole(output) as part, part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(texts)
    return 0


def _form(output: Path | None) -> str:
    if output is None:
        return "csv"
    form = FORMATS.get(output.suffix.lower())
    if form is None:
        known = ", ".join(FORMATS)
        raise ConfigError(f"--output: expected a file ending in {known}, got {output}; or say --format")
    return form
