"""Where the evidence of an event lies in its folder, known from what every event says of itself:

    2026-11-21/gate/gate~entrance~00000042~010203456.jpg        the whole picture
    2026-11-21/gate/gate~entrance~00000042~010203456.crop.jpg   the object, or the place
    2026-11-21/gate/gate~entrance~00000042~010203456.mp4        some seconds before and after

The event's id comes first and its time of day (UTC, ms) last: without a journal ids begin at 1 with each
start, and what is of one event must not be taken for another's.
"""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from edgevision.settings import NAME

ENDINGS = {"picture": ".jpg", "crop": ".crop.jpg", "clip": ".mp4"}

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(?::[A-Za-z0-9_.-]+)+")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z")
_FILE = re.compile(
    rf"(?:[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})/{NAME}/[A-Za-z0-9][A-Za-z0-9_.~-]{{0,150}}~[0-9]{{9}}"
    r"(?:\.crop\.jpg|\.jpg|\.mp4)"
)
PART = ".part"  # what a file's name ends with while it is written


def stem(id: str, camera: str, time: str) -> str | None:
    """What the paths of an event's files begin with, in their folder; None: it can have none. time: as in
    JSON."""
    at = _TIME.fullmatch(time)
    if not at or not _ID.fullmatch(id):
        return None
    day, *clock = at.groups()
    path = f"{day}/{camera}/{id.replace(':', '~')}~{''.join(clock)}"
    return path if is_ours(path + ENDINGS["crop"]) else None


def is_ours(path: str) -> bool:
    """Whether a file in the folder is one of an event's: what is not is neither shown nor removed."""
    return _FILE.fullmatch(path) is not None


def found(folders: Iterable[Path], event: Mapping[str, Any]) -> dict[str, str]:
    """What there is of an event as JSON has it: paths in a folder, by what they show."""
    start = stem(event["id"], event["camera"], event["time"])
    if start is None:
        return {}
    there = {what: start + ending for what, ending in ENDINGS.items()}
    return {what: path for what, path in there.items() if look_up(folders, path)}


def look_up(folders: Iterable[Path], path: str) -> Path | None:
    """The file of that path in one of the folders; None for whatever is no event's file, or not there."""
    if not is_ours(path):
        return None
    try:
        return next((folder / path for folder in folders if (folder / path).is_file()), None)
    except OSError:
        return None
