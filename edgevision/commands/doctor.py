"""edgevision doctor: what this box has, what is missing, and what to do about it."""

import json
import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from dataclasses import asdict

from edgevision.doctor import Finding
from edgevision.redact import redact

COLOURS = {"ok": "32", "warn": "33", "fail": "31"}  # of a terminal: green, yellow, red


def run(options: Namespace) -> int:
    worst = {"ok": 0, "warn": 0, "fail": 0}
    findings = []
    for finding in look(options):
        worst[finding.level] += 1
        findings.append(finding)
        if not options.json:
            print(line(finding, sys.stdout.isatty() and "NO_COLOR" not in os.environ), flush=True)
    good = not worst["fail"]
    if options.json:
        said = [{key: redact(text) for key, text in asdict(finding).items()} for finding in findings]
        print(json.dumps({"failures": worst["fail"], "warnings": worst["warn"], "findings": said}))
    else:
        print(f"{worst['ok']} ok, {worst['warn']} to look at, {worst['fail']} that must be put right")
    return 0 if good else 1


def look(options: Namespace) -> Iterator[Finding]:
    """Everything that is found, as soon as it is."""
    from edgevision.doctor.libraries import check_libraries

    yield from check_libraries()
    from edgevision.doctor.machine import check_machine

    yield from check_machine()
    from edgevision.doctor.engines import check_engines

    yield from check_engines()
    if options.config is not None:
        from edgevision.doctor.configured import check_configured

        yield from check_configured(options.config)


def line(finding: Finding, coloured: bool) -> str:
    level = f"{finding.level:<4}"
    if coloured:
        level = f"\033[{COLOURS[finding.level]}m{level}\033[0m"
    todo = f"\n       -> {finding.todo}" if finding.todo else ""
    return redact(f"{level}  {finding.subject}: {finding.found}{todo}")
