"""COCO's JSON (https://cocodataset.org/#format-data): boxes, and polygons or run-length codes of masks."""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from edgevision.errors import DataError
from edgevision.evaluate.dataset import Dataset, Example, Objects, Outline, find_image, objects


def fits(path: Path) -> bool:
    return path.suffix.lower() == ".json" or (path.is_dir() and bool(list(path.glob("*.json"))))


def read(path: Path, images: Path | None) -> Dataset:
    file = path if path.is_file() else _only(path)
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{file} is not JSON: {error}") from None
    if not isinstance(data, dict) or not all(
        isinstance(data.get(key), list) for key in ("images", "annotations", "categories")
    ):
        raise DataError(f"{file} is not COCO's JSON: it must hold the lists images, annotations, categories")
    try:
        numbers = {each["id"]: index for index, each in enumerate(data["categories"])}
        names = [str(each["name"]) for each in data["categories"]]
        per_picture = _by_picture(file, data["annotations"], {each["id"] for each in data["images"]}, numbers)
        folders = _folders(file, images)
        examples = [
            Example(find_image(folders, each["file_name"], file), _objects(per_picture[each["id"]], numbers))
            for each in data["images"]
        ]
    except (KeyError, TypeError) as error:
        raise DataError(
            f"{file} is not COCO's JSON: an image or category has no proper {error.args[0]}"
        ) from None
    return Dataset("COCO's JSON", names, examples)


def _only(folder: Path) -> Path:
    found = sorted(folder.glob("*.json"))
    if len(found) > 1:
        shown = ", ".join(file.name for file in found)
        raise DataError(f"{folder} holds several JSON files ({shown}): name one of them with --data")
    return found[0]


def _folders(file: Path, images: Path | None) -> list[Path]:
    """Where its pictures can be: beside the file, or as COCO lays them out (annotations/, val2017/)."""
    if images:
        return [images]
    stem = file.stem.removeprefix("instances_")
    near = [file.parent, file.parent.parent]
    return [folder / name for folder in near for name in ("images", "", stem, f"images/{stem}")]


def _by_picture(
    file: Path, annotations: list[dict[str, Any]], pictures: set[Any], numbers: dict[Any, int]
) -> dict[Any, list[dict[str, Any]]]:
    """Annotations by picture, each with what is needed. Raises DataError that names the one that has not."""
    found: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for index, each in enumerate(annotations):
        try:
            if each["image_id"] not in pictures:
                raise ValueError(f"its image_id {each['image_id']} is none of the images")
            if each["category_id"] not in numbers:
                raise ValueError(f"its category_id {each['category_id']} is none of the categories")
            found[each["image_id"]].append(_checked(each))
        except KeyError as error:
            raise DataError(f"{file}: annotations[{index}] has no {error.args[0]}") from None
        except (TypeError, ValueError) as error:
            raise DataError(f"{file}: annotations[{index}] is not right: {error}") from None
    return found


def _checked(annotation: dict[str, Any]) -> dict[str, Any]:
    outline = annotation.get("segmentation") or None
    if outline is not None:
        _check_outline(outline)
    box = annotation.get("bbox") or _around(outline)
    left, top, width, height = (float(side) for side in box)
    if width < 0 or height < 0:
        raise ValueError(f"bbox {box} must be [left, top, width, height]")
    return annotation | {"corners": [left, top, left + width, top + height], "outline": outline}


def _check_outline(outline: Outline) -> None:
    if isinstance(outline, dict):
        if not {"size", "counts"} <= set(outline):
            raise ValueError("a run-length code needs size and counts")
    elif not isinstance(outline, list):
        raise ValueError("segmentation must be a list of polygons or a run-length code")
    else:
        for polygon in outline:
            if not isinstance(polygon, list) or len(polygon) < 6 or len(polygon) % 2:
                raise ValueError("a polygon must be a list of at least three points, x and y in turn")


def _around(outline: Outline) -> list[float]:
    """The box around polygons, for files that give no bbox."""
    if not isinstance(outline, list):
        raise KeyError("bbox")
    xs = [x for polygon in outline for x in polygon[::2]]
    ys = [y for polygon in outline for y in polygon[1::2]]
    return [min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)]


def _objects(annotations: list[dict[str, Any]], numbers: dict[Any, int]) -> Objects:
    outlines = [each["outline"] for each in annotations]
    return objects(
        [each["corners"] for each in annotations],
        [numbers[each["category_id"]] for each in annotations],
        [bool(each.get("iscrowd")) for each in annotations],
        outlines if annotations and all(outlines) else None,
    )
