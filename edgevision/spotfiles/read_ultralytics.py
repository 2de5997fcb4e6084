"""What the tool of Ultralytics' ParkingManagement saves: [{"points": [[x, y], ...]}, ...] in pixels, without
the picture's size (https://docs.ultralytics.com/guides/parking-management/)."""

from typing import Any

from edgevision.core.types import Size
from edgevision.errors import ConfigError
from edgevision.spotfiles.drawn import Drawn


def read(data: list[dict[str, Any]], file: str, picture: Size | None) -> list[Drawn]:
    missing = next((index for index, each in enumerate(data) if "points" not in each), None)
    if missing is not None:
        raise ConfigError(f"{file}: [{missing}]: expected the key `points`, as Ultralytics has it")
    if picture is None:
        raise ConfigError(
            f"{file} is in pixels and does not say of which picture: add --size 1280x720, "
            "or --size PICTURE.jpg, the picture it was drawn on"
        )
    return [Drawn(f"{file}: [{index}].points", each["points"], picture) for index, each in enumerate(data)]
