"""The options of `token`."""

import argparse

from edgevision.cli_values import positive

ROLES = ("read", "admin")


def add_token(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--name", default="viewer", help="who will have it: told beside what was changed with it (viewer)"
    )
    command.add_argument(
        "--role", choices=ROLES, default="read", help="read: may look; admin: may also change things (read)"
    )
    command.add_argument("--days", type=positive, default=365, help="how long it opens anything (365)")
    command.add_argument("--json", action="store_true", help="print both as one JSON object")
