"""Named polygons in a file of their own, as `spots: {file: spots.yaml}` has it."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo

from edgevision.document import read
from edgevision.errors import ConfigError
from edgevision.explain import validate
from edgevision.settings import Name, Polygon, Settings

MOST = 1000  # places of a camera: each is a series of several metrics
Places = Annotated[dict[Name, Polygon], Field(max_length=MOST)]


class PlacesFile(Settings):
    """What stands in such a file."""

    places: Places = Field(min_length=1)


def _read(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected the path of a file with `places:`, got {value!r}")
    try:
        return validate(PlacesFile, read((info.context or {}).get("base", Path()) / value)).places
    except ConfigError as error:
        raise ValueError("; ".join(error.problems)) from None


# Written as a path, relative to the configuration file's folder; its value is what the file holds.
FromFile = Annotated[dict[Name, Polygon], BeforeValidator(_read, json_schema_input_type=str)]
