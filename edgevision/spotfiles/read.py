"""Reads a file with spots in it, of whatever form: that is told by its content, not by its name."""

import json
from pathlib import Path
from typing import Any

from edgevision.core.types import Size
from edgevision.errors import ConfigError
from edgevision.spotfiles import read_coco, read_cvat, read_labelme, read_ultralytics, read_yaml
from edgevision.spotfiles.drawn import Spots, spots_of

MOST_BYTES = 20 * 2**20
FORMS = (
    "spots.yaml as `edgevision init` writes it (a key `places:`), a YAML list of polygons, COCO's JSON, "
    "LabelMe's JSON, CVAT for images 1.1, or the JSON of Ultralytics' ParkingManagement"
)


def read(path: Path, picture: Size | None = None) -> Spots:
    """The places of a file, by name; points are shares 0..1 of the picture.

    picture: its size, for forms that do not say it. Raises ConfigError with file and place.
    """
    text = _text(path)
    if text.lstrip().startswith("<"):
        return spots_of(read_cvat.read(text, path.name), path.name)
    data = _json(text, path)
    if isinstance(data, dict) and "shapes" in data:
        return spots_of(read_labelme.read(data, path.name), path.name)
    if isinstance(data, dict) and "annotations" in data:
        return spots_of(read_coco.read(data, path.name), path.name)
    if isinstance(data, list) and data and all(isinstance(each, dict) for each in data):
        return spots_of(read_ultralytics.read(data, path.name, picture), path.name)
    found = read_yaml.read(path)
    if found is None:
        raise ConfigError(f"{path} is no file of spots that is known: expected {FORMS}")
    return found


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{path} is larger than {MOST_BYTES // 2**20} MB: is it the right file?")
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not a text file in UTF-8; expected {FORMS}") from None


def _json(text: str, path: Path) -> Any:
    """The data, or None if it is not JSON and does not mean to be."""
    try:
        return json.loads(text)
    except RecursionError:
        raise ConfigError(f"{path} is nested too deeply to be a file of spots") from None
    except ValueError as error:
        if path.suffix.lower() == ".json":
            line = f":{error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            what = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            raise ConfigError(f"{path.name}{line}: not valid JSON: {what}") from None
        return None
