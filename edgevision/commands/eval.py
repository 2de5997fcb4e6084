"""edgevision eval TASK: eval_track.py measures the tracker, eval_networks.py what networks do."""

import importlib
from argparse import Namespace


def run(options: Namespace) -> int:
    kind = "track" if options.task == "track" else "networks"
    task = importlib.import_module(f"edgevision.commands.eval_{kind}")
    status: int = task.run(options)
    return status
