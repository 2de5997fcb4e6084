"""edgevision report: a page of a day, made of the journal."""

import time
from argparse import Namespace
from datetime import tzinfo
from pathlib import Path
from typing import Literal

from edgevision.commands.counts import asked_time, journal_of
from edgevision.config import load
from edgevision.errors import ConfigError
from edgevision.export.whole import whole
from edgevision.report.facts import gather
from edgevision.report.page import page
from edgevision.report.pdf import browser, print_pdf
from edgevision.report.period import DAY, MOST_BARS, Period, day_of

HOURS_UP_TO = 4  # days that are told by the hour unless --by says otherwise


def run(options: Namespace) -> int:
    now = time.time()
    path, (zone, since, until) = journal_of(options.journal), asked_time(options)
    program = browser() if options.pdf else ""  # told before anything is made
    if since is None and until is None:
        try:
            since, until = day_of(options.day or "yesterday", zone, now)
        except ValueError as error:
            raise ConfigError(f"--day: {error}") from None
    elif options.day:
        raise ConfigError("--day is a time already: say either that, or --since and --until")
    period = _period(since, until, options.by, zone, now)
    output = options.output or Path(f"report-{period.local(period.since):%Y-%m-%d}.html")
    facts = gather(path, period, options.camera, _configured(options.journal))
    if options.camera and not facts.cameras:
        raise ConfigError(f"--camera: {path} has nothing of a camera {options.camera!r} in this time")
    with whole(output) as part:
        part.write_text(page(facts, now), encoding="utf-8")
    print(output)
    if program:
        with whole(output.with_suffix(".pdf")) as part:
            print_pdf(program, output, part)
        print(output.with_suffix(".pdf"))
    return 0


def _period(
    since: float | None, until: float | None, by: Literal["hour", "day"] | None, zone: tzinfo | None,
    now: float,
) -> Period:  # fmt: skip
    """Raises ConfigError."""
    if since is None:
        raise ConfigError("--until needs --since: from when on?")
    until = now if until is None else min(until, now)
    if until <= since:
        raise ConfigError("--since must lie before --until, and before now")
    days = (until - since) / DAY
    if days > MOST_BARS or (by == "hour" and days * 24 > MOST_BARS):
        raise ConfigError(f"a report has up to {MOST_BARS} bars: choose a shorter time, or --by day")
    return Period(since, until, by or ("hour" if days <= HOURS_UP_TO else "day"), zone)


def _configured(path: Path) -> dict[str, int] | None:
    """Of a configuration: its cameras, and how many spots each has."""
    if path.suffix not in (".yaml", ".yml"):
        return None
    spots = {name: getattr(each, "spots", None) for name, each in load(path).settings.cameras.items()}
    return {name: len(each.spots) if each else 0 for name, each in spots.items()}
