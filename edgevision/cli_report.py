"""The options of `edgevision export` and `edgevision report`: questions about the past."""

import argparse
from pathlib import Path

JOURNAL = "a database of `type: sqlite`, or a configuration with one"


def add_export(command: argparse.ArgumentParser) -> None:
    command.add_argument("journal", type=Path, metavar="FILE", help=JOURNAL)
    command.add_argument(
        "--what", choices=("events", "counts", "states"), default="events", help="which table (events)"
    )
    command.add_argument(
        "--by",
        choices=("all", "day", "hour"),
        default="hour",
        help="with --what counts: a sum for each (hour)",
    )
    _add_time(command)
    command.add_argument(
        "--format", choices=("csv", "parquet", "jsonl"), help="how it is written (as the file ends, or csv)"
    )
    command.add_argument("--output", type=Path, metavar="F", help="a file, replaced (the standard output)")


def add_report(command: argparse.ArgumentParser) -> None:
    command.add_argument("journal", type=Path, metavar="FILE", help=JOURNAL)
    command.add_argument("--day", metavar="YYYY-MM-DD", help="which day, or today, or yesterday (yesterday)")
    command.add_argument("--by", choices=("hour", "day"), help="a bar for each (hour; day from 4 days on)")
    _add_time(command)
    command.add_argument("--output", type=Path, metavar="F", help="what to write (report-DAY.html, here)")
    command.add_argument("--pdf", action="store_true", help="also as a PDF beside it, by Chromium")


def _add_time(command: argparse.ArgumentParser) -> None:
    command.add_argument("--since", metavar="TIME", help="2026-11-21 or 2026-11-21T08:00")
    command.add_argument("--until", metavar="TIME", help="before that time")
    command.add_argument("--zone", metavar="NAME", help="whose days and hours: Europe/Paris (this machine's)")
    command.add_argument("--camera", metavar="NAME", help="only that one")
