"""Runs edgevision with faults made from outside, so that the product needs no hook for them.

    python tests/bench/inject.py FOLDER run config.yaml

A file in FOLDER is a fault; it is named after a place in PLACES and says what happens there:

    hang    who comes first never returns; the file is removed then, so that nobody else hangs
    hold    likewise, and keeps the interpreter's lock: nothing moves any more
    fail    an error of the disk or the network, for as long as the file exists

`clock` holds seconds by which the wall clock is wrong.
"""

import asyncio
import ctypes
import errno
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import edgevision.metrics
from edgevision import cli
from edgevision.core.tracker import Tracker
from edgevision.errors import OutputError
from edgevision.inference.detector import Detector
from edgevision.journal import Follower
from edgevision.journal.journal import Journal
from edgevision.outputs.jsonl import JsonLines
from edgevision.sources.rtsp import RtspSource
from edgevision.sources.synthetic import SyntheticSource

PLACES: dict[str, tuple[Any, str]] = {
    "worker": (Detector, "infer"),
    "tracker": (Tracker, "update"),
    "journal": (Journal, "append"),
    "output": (JsonLines, "write"),
    "follower": (Follower, "next"),
    "scrape": (edgevision.metrics, "generate_latest"),
    "loop": (asyncio.BaseEventLoop, "_run_once"),
}
ANSWER = {"journal": OutputError, "follower": OutputError}


def fault(folder: Path, place: str) -> None:
    """Do what the file of this place says, if there is one."""
    path = folder / place
    if not path.exists():
        return
    with suppress(FileNotFoundError):
        what = path.read_text().strip()
        if what == "fail":
            raise ANSWER.get(place, OSError)(errno.EIO, f"an injected fault of the {place}")
        path.unlink()
        if what == "hold":
            ctypes.PyDLL(None).sleep(1_000_000)
        threading.Event().wait()


def spoil(folder: Path) -> None:
    """Put the faults in their places."""
    for place, (owner, name) in PLACES.items():
        setattr(owner, name, _guarded(getattr(owner, name), folder, place))
    for source in (RtspSource, SyntheticSource):
        setattr(source, "pictures", _guarded_pictures(source.pictures, folder))  # noqa: B010
    real = time.time

    def wrong() -> float:
        try:
            return real() + float((folder / "clock").read_text())
        except (OSError, ValueError):
            return real()

    time.time = wrong


def _guarded(original: Callable[..., Any], folder: Path, place: str) -> Callable[..., Any]:
    def guarded(*given: Any, **named: Any) -> Any:
        fault(folder, place)
        return original(*given, **named)

    return guarded


def _guarded_pictures(original: Callable[..., Iterator[Any]], folder: Path) -> Callable[..., Iterator[Any]]:
    def guarded(self: Any, stop: threading.Event) -> Iterator[Any]:
        for picture in original(self, stop):
            fault(folder, "capture")
            yield picture

    return guarded


if __name__ == "__main__":
    spoil(Path(sys.argv[1]))
    sys.argv = ["edgevision", *sys.argv[2:]]
    cli.entry_point()
