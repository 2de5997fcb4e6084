"""edgevision completion: what makes a shell complete our commands, options and files."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import shtab

FOLDERS = ("DIR", "FOLDER")


def run(options: argparse.Namespace) -> int:
    for action in _actions(options.parser):
        if action.metavar in FOLDERS:
            action.complete = shtab.DIRECTORY  # type: ignore[attr-defined]  # where shtab looks for it
        elif action.type is Path or action.metavar in ("SOURCE", "MODEL", "VIDEO"):
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    print(shtab.complete(options.parser, options.shell))
    return 0


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Of the parser and of all below it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _actions(below)
        else:
            yield action
