"""LabelMe's JSON (https://github.com/wkentaro/labelme): polygons and rectangles of one picture."""

from typing import Any

from edgevision.errors import ConfigError
from edgevision.spotfiles.drawn import Drawn
from edgevision.spotfiles.read_coco import size_of


def read(data: dict[str, Any], file: str) -> list[Drawn]:
    size = size_of(data, "imageWidth", "imageHeight")
    if size is None:
        raise ConfigError(f"{file}: imageWidth and imageHeight: expected the picture's size in pixels")
    shapes = data["shapes"]
    if not isinstance(shapes, list):
        raise ConfigError(f"{file}: shapes: expected a list")
    drawn = []
    for index, shape in enumerate(shapes):
        where = f"{file}: shapes[{index}]"
        if not isinstance(shape, dict):
            raise ConfigError(f"{where}: expected keys with values")
        label, group = str(shape.get("label") or ""), shape.get("group_id")
        # Spots of one label are told apart by LabelMe's group numbers.
        name = "" if group is None else f"{label}-{group}"
        drawn.append(Drawn(where, _points(shape, where), size, name, label))
    return drawn


def _points(shape: dict[str, Any], where: str) -> Any:
    kind, points = shape.get("shape_type", "polygon"), shape.get("points")
    if kind == "polygon":
        return points
    if kind != "rectangle":
        raise ConfigError(f"{where}.shape_type: expected polygon or rectangle, got {kind!r}")
    try:
        (x1, y1), (x2, y2) = points  # type: ignore[misc]  # any two corners
    except (TypeError, ValueError):
        raise ConfigError(f"{where}.points: a rectangle has two corners [[x, y], [x, y]]") from None
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
