"""COCO's JSON (https://cocodataset.org/#format-data), as CVAT, Label Studio and Roboflow export it."""

from collections.abc import Iterator
from typing import Any

from edgevision.core.types import Size
from edgevision.errors import ConfigError
from edgevision.spotfiles.drawn import Drawn

NAMES = ("name", "spot", "number", "id")  # of the attribute that names a spot, in this order


def read(data: dict[str, Any], file: str) -> list[Drawn]:
    annotations = data["annotations"]
    if not isinstance(annotations, list):
        raise ConfigError(f"{file}: annotations: expected a list")
    pictures = {str(each.get("id")): each for each in _dicts(data, "images")}
    labels = {str(each.get("id")): str(each.get("name", "")) for each in _dicts(data, "categories")}
    used = {str(each.get("image_id")) for each in annotations if isinstance(each, dict)}
    if len(used) > 1:
        raise ConfigError(
            f"{file}: its annotations are of {len(used)} pictures; the spots of a camera are drawn on one: "
            "export that one alone"
        )
    return [
        _drawn(each, pictures, labels, f"{file}: annotations[{index}]")
        for index, each in enumerate(annotations)
    ]


def _drawn(each: Any, pictures: dict[str, dict[str, Any]], labels: dict[str, str], where: str) -> Drawn:
    if not isinstance(each, dict):
        raise ConfigError(f"{where}: expected keys with values")
    picture = pictures.get(str(each.get("image_id")), {})
    size = size_of(picture, "width", "height")
    if size is None:
        raise ConfigError(f"{where}: its picture has no width and height among `images`")
    label = labels.get(str(each.get("category_id")), "")
    return Drawn(where, _outline(each, where), size, named(each.get("attributes")), label)


def _outline(each: dict[str, Any], where: str) -> Any:
    outline = each.get("segmentation")
    if isinstance(outline, dict):
        raise ConfigError(f"{where}.segmentation: it is a mask in run lengths: draw the spot as a polygon")
    if not outline:
        return _corners(each.get("bbox"))
    if not isinstance(outline, list) or len(outline) != 1:
        raise ConfigError(f"{where}.segmentation: a spot is one polygon, got {len(outline)}")
    flat = outline[0]
    if not isinstance(flat, list) or len(flat) % 2:
        raise ConfigError(f"{where}.segmentation: expected x and y by turns, an even number of them")
    return list(zip(flat[::2], flat[1::2], strict=True))


def _corners(box: Any) -> Any:
    """Of COCO's x y width height."""
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(v, int | float) for v in box):
        return None
    x, y, width, height = box
    return [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]


def named(attributes: Any) -> str:
    """What the attributes of an annotation call it; nothing if they do not."""
    found = attributes if isinstance(attributes, dict) else {}
    return next((str(found[key]) for key in NAMES if found.get(key) not in (None, "", False, True)), "")


def size_of(data: dict[str, Any], width: str, height: str) -> Size | None:
    """The picture's size that a file states, if it does."""
    sides = [data.get(width), data.get(height)]
    whole = [int(side) for side in sides if isinstance(side, int | float) and 1 <= side <= 65536]
    return Size(*whole) if len(whole) == 2 else None


def _dicts(data: dict[str, Any], key: str) -> Iterator[dict[str, Any]]:
    found = data.get(key)
    yield from (each for each in (found if isinstance(found, list) else []) if isinstance(each, dict))
