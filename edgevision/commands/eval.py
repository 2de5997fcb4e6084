"""edgevision eval TASK: eval_track.py measures the tracker, eval_count.py counts, the other one networks."""

import importlib
from argparse import Namespace


def run(options: Namespace) -> int:
    kind = options.task if options.task in ("track", "count") else "networks"
    task = importlib.import_module(f"edgevision.commands.eval_{kind}")
    status: int = task.run(options)
    return status
