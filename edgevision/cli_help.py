"""The options of `doctor` and `completion`, which help to set the program up."""

import argparse
from pathlib import Path

SHELLS = ("bash", "zsh", "fish")


def add_doctor(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "config", type=Path, nargs="?", metavar="CONFIG", help="also look at what this configuration needs"
    )
    command.add_argument("--json", action="store_true", help="print what was found as one JSON object")


def add_completion(command: argparse.ArgumentParser, parser: argparse.ArgumentParser) -> None:
    """parser: of the whole command line."""
    command.set_defaults(parser=parser)
    command.add_argument("shell", choices=SHELLS, help="whose completion to print")
