"""Lines, zones and all else that is drawn of a camera in a configuration's data: read, and put in the place
of those there."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from edgevision.document import KeyPath

# Where names of lines and zones stand as well, which follow when one is renamed.
FOLLOWERS = {("speeds", "lines"): ("lines",), ("trips", "places"): ("lines", "zones")}

Entries = Mapping[str, Any]  # by name, in the file's form
Names = Mapping[Any, Mapping[str, str]]  # by section: the new name by the old one


def section(data: Any, camera: str, key: str) -> dict[str, Any]:
    """The lines, zones or spots by name, in the file's form; without those of `spots: file`."""
    path = ("cameras", camera, key) + (("places",) if key == "spots" else ())
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}


def replaced(
    data: dict[str, Any], camera: str, wanted: Mapping[str, Entries], names: Names
) -> tuple[dict[str, Any], dict[KeyPath, str]]:
    """The data with the sections of `wanted` in the place of the camera's, and what keys are renamed.

    A line keeps what was said of it beside its ends, a zone what was said beside its polygon. What is wanted
    to be None goes.
    """
    data = deepcopy(data)
    settings = data["cameras"][camera]
    paths: dict[KeyPath, str] = {}
    for key, entries in wanted.items():
        old_names = {new: old for old, new in names.get(key, {}).items()}
        before = section(data, camera, key)
        change = _shelf if key == "shelves" else _entry
        after = {name: change(before.get(old_names.get(name, name)), each) for name, each in entries.items()}
        inner = ("places",) if key == "spots" else ()
        paths |= {
            ("cameras", camera, key, *inner, old): new
            for old, new in names.get(key, {}).items()
            if old in before and new in after
        }
        _put(settings, key, after)
    for (key, inside), sections in FOLLOWERS.items():
        for names_there in _lists(settings.get(key), inside):
            for each in sections:
                names_there[:] = [names.get(each, {}).get(name, name) for name in names_there]
    return data, paths


def _entry(before: Any, now: Any) -> Any:
    if not isinstance(now, dict):
        return now
    kept = {key: value for key, value in before.items() if key not in now} if isinstance(before, dict) else {}
    order = [*(before if isinstance(before, dict) else ()), *now]
    whole = kept | {key: value for key, value in now.items() if value is not None}
    return {key: whole[key] for key in dict.fromkeys(order) if key in whole}


def _shelf(before: Any, now: dict[str, Any]) -> dict[str, Any]:
    """`count` is what the file has as a number of `rows`; rows with a polygon keep all else."""
    own = now.get("rows") or {}
    entry: dict[str, Any] = _entry(before, {"polygon": now.get("polygon")})
    if own and isinstance(entry.get("rows"), list):
        entry["rows"] = [
            {**row, "polygon": own[row["name"]]} if isinstance(row, dict) and row.get("name") in own else row
            for row in entry["rows"]
        ]
    elif now.get("count") is not None and (now["count"] > 1 or "rows" in entry):
        entry["rows"] = now["count"]
    return entry


def _put(settings: dict[str, Any], key: str, entries: dict[str, Any]) -> None:
    """A section that has nothing left goes; spots stay if a file has some."""
    if key == "spots":
        spots = {each: value for each, value in (settings.get(key) or {}).items() if each != "places"}
        whole = {**spots, "places": entries} if entries else spots if "file" in spots else {}
    else:
        whole = entries
    settings.pop(key, None) if not whole else settings.update({key: whole})


def _lists(entries: Any, key: str) -> Iterator[list[Any]]:
    for each in entries.values() if isinstance(entries, dict) else ():
        if isinstance(each, dict) and isinstance(each.get(key), list):
            yield each[key]
