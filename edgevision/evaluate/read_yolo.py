"""YOLO's text files: a row for each object, `class cx cy w h` or `class x y x y ...`, all 0..1."""

from pathlib import Path
from typing import Any

import yaml

from edgevision.errors import DataError
from edgevision.evaluate.dataset import Dataset, Example, Objects, objects, pictures_in

NAME_FILES = ("classes.txt", "obj.names", "labels/classes.txt")


def fits(path: Path) -> bool:
    if path.is_file():
        return path.suffix.lower() in (".yaml", ".yml")
    return _yaml_in(path) is not None or any((path / name).is_file() for name in NAME_FILES)


def read(path: Path, images: Path | None) -> Dataset:
    file = path if path.is_file() else _yaml_in(path)
    if file:
        names, folders = _described(file)
    else:
        given = next(path / name for name in NAME_FILES if (path / name).is_file())
        names = [line.strip() for line in given.read_text(encoding="utf-8").splitlines() if line.strip()]
        folders = [path / "images" if (path / "images").is_dir() else path]
    pictures = [picture for folder in ([images] if images else folders) for picture in _walk(folder)]
    examples = [Example(picture, _objects(_label_file(picture, file or path), names)) for picture in pictures]
    if examples and not any(_label_file(each.image, file or path).is_file() for each in examples):
        raise DataError(
            f"none of the {len(examples)} pictures has its text file; expected for {examples[0].image} is "
            f"{_label_file(examples[0].image, file or path)}"
        )
    return Dataset("YOLO's text files", names, examples)


def _yaml_in(folder: Path) -> Path | None:
    return next((folder / name for name in ("data.yaml", "data.yml") if (folder / name).is_file()), None)


def _described(file: Path) -> tuple[list[str], list[Path]]:
    """Class names and folders of pictures that data.yaml tells: val, else test, else train."""
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{file} is not YAML: {error}") from None
    if not isinstance(data, dict) or not isinstance(data.get("names"), dict | list):
        raise DataError(f"{file} must give the class names: `names: [first, second, ...]`")
    where = next((data[key] for key in ("val", "test", "train") if data.get(key)), None)
    if where is None:
        raise DataError(f"{file} must say where the pictures are: `val: images/val`")
    base = file.parent / str(data.get("path") or "")
    folders = [base / str(each) for each in (where if isinstance(where, list) else [where])]
    # Exports put `../valid/images` there, meant from a folder that is not there.
    folders = [each if each.is_dir() else base / str(each).rpartition("../")[2] for each in folders]
    for folder in folders:
        if not folder.is_dir():
            raise DataError(f"{file} says that pictures are in {folder}, which is no folder")
    return _names(data["names"]), folders


def _names(names: dict[Any, Any] | list[Any]) -> list[str]:
    if isinstance(names, list):
        return [str(name) for name in names]
    return [str(names.get(number, f"class {number}")) for number in range(max(map(int, names)) + 1)]


def _walk(folder: Path) -> list[Path]:
    return pictures_in(folder) or [
        p for sub in sorted(folder.iterdir()) if sub.is_dir() for p in pictures_in(sub)
    ]


def _label_file(picture: Path, source: Path) -> Path:
    """images/x.jpg -> labels/x.txt, the last such folder of the path; else beside the picture."""
    parts = list(picture.parts)
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] == "images":
            moved = Path(*parts[:index], "labels", *parts[index + 1 :]).with_suffix(".txt")
            return moved if moved.parent.is_dir() else picture.with_suffix(".txt")
    beside = picture.with_suffix(".txt")
    root = source if source.is_dir() else source.parent
    return beside if beside.is_file() else root / "labels" / beside.name


def _objects(file: Path, names: list[str]) -> Objects:
    """A picture without a file shows nothing."""
    boxes, classes, outlines = [], [], []
    rows = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            kind, *values = (float(word) for word in row.split())
            box, outline = _shape(values)
            if not kind.is_integer() or not 0 <= kind < len(names):
                raise ValueError(f"class {kind:g} is none of the {len(names)} names")
        except ValueError as error:
            raise DataError(f"{file}:{number}: {error}") from None
        boxes.append(box)
        classes.append(int(kind))
        outlines.append(outline)
    masks = outlines if outlines and all(outlines) else None
    return objects(boxes, classes, [False] * len(boxes), masks, relative=True)


def _shape(values: list[float]) -> tuple[list[float], list[list[float]] | None]:
    """Corners, and the polygon if the row is one."""
    if not all(-0.5 <= value <= 1.5 for value in values):
        raise ValueError("expected shares of the picture, 0..1, not pixels")
    if len(values) == 4:
        x, y, width, height = values
        return [x - width / 2, y - height / 2, x + width / 2, y + height / 2], None
    if len(values) < 6 or len(values) % 2:
        raise ValueError(f"expected 4 numbers of a box, or points of a polygon, got {len(values)} numbers")
    xs, ys = values[::2], values[1::2]
    return [min(xs), min(ys), max(xs), max(ys)], [values]
