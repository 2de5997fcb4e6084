"""edgevision models ACTION: one file beside this one, models_ACTION.py, is one action."""

import importlib
from argparse import Namespace


def run(options: Namespace) -> int:
    action = importlib.import_module(f"edgevision.commands.models_{options.action}")
    status: int = action.run(options)
    return status
