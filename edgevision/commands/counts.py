"""edgevision counts: what was counted, by hour and day, from the journal; and how it begins again."""

import json
import sys
import time
from argparse import Namespace
from contextlib import closing
from pathlib import Path
from zoneinfo import ZoneInfo

from rich import box
from rich.console import Console
from rich.table import Table

from edgevision.config import load
from edgevision.errors import ConfigError
from edgevision.journal import Journal
from edgevision.journal.sums import FOREVER, Sum, sums
from edgevision.journal.times import moment_of, zone_of

WIDTH = 180  # characters, where no terminal says
FORMATS = {"all": "", "day": "%Y-%m-%d", "hour": "%Y-%m-%d %H:%M"}


def run(options: Namespace) -> int:
    path = journal_of(options.journal)
    if options.reset:
        return _reset(path, options.reset, options.why)
    zone, since, until = asked_time(options)
    found = sums(path, options.by, zone, since or 0.0, until or FOREVER, options.camera)
    if options.json:
        print(json.dumps({"by": options.by, "counts": [_as_json(each, zone) for each in found]}))
    elif found:
        Console(width=None if sys.stdout.isatty() else WIDTH).print(_table(found, options.by, zone))
    else:
        print("nothing was counted")
    return 0


def asked_time(options: Namespace) -> tuple[ZoneInfo | None, float | None, float | None]:
    """What --zone, --since and --until say: Unix seconds. Raises ConfigError."""
    try:
        zone = zone_of(options.zone)
    except ValueError as error:
        raise ConfigError(f"--zone: {error}") from None
    try:
        return zone, moment_of(options.since, zone), moment_of(options.until, zone)
    except ValueError as error:
        raise ConfigError(str(error)) from None


def journal_of(path: Path) -> Path:
    """The database itself, or that of a configuration."""
    if path.suffix not in (".yaml", ".yml"):
        return path
    for output in load(path).settings.outputs:
        if output.type == "sqlite":
            return Path(output.path)
    raise ConfigError(f"{path}: counts are kept only with an output: {{type: sqlite, path: events.db}}")


def _reset(path: Path, what: str, why: str) -> int:
    camera, _, name = what.partition(":")
    with closing(Journal(path)) as journal:
        done = journal.reset(camera, name or None, time.time(), why)
    for event in done:
        print(f"{event.camera} {event.name}: from {event.value:.0f} back to 0 ({event.id})")
    if not done:
        raise ConfigError(f"{path} has no counts of {what}; expected CAMERA or CAMERA:NAME")
    return 0


def _as_json(each: Sum, zone: ZoneInfo | None) -> dict[str, object]:
    start = {"start": each.start.astimezone(zone).isoformat()} if each.start else {}
    names = ("camera", "analytic", "name", "kind", "label")
    figures = {"count": each.n, "mean": round(each.mean, 3), "most": each.most}
    return start | {name: getattr(each, name) for name in names} | figures


def _table(found: list[Sum], by: str, zone: ZoneInfo | None) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    columns = ("camera", "name", "kind", "label")
    for column in columns if by == "all" else (by, *columns):
        table.add_column(column, no_wrap=True)
    table.add_column("count", justify="right")
    for each in found:
        start = [each.start.astimezone(zone).strftime(FORMATS[by])] if each.start else []
        table.add_row(*start, *(getattr(each, column) for column in columns), str(each.n))
    return table
