"""A folder of PNGs in which every pixel is a label number, with a YAML file, or VOC's own folder of them."""

import struct
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from edgevision.core.types import Size
from edgevision.errors import DataError
from edgevision.evaluate.dataset import IMAGES, Dataset, Example, find_image
from edgevision.opencv import cv2

UNJUDGED = {"unlabeled", "unlabelled", "void", "ignore", "ignored"}  # names of what is no class
BORDER = 255  # the number of what is not judged in VOC's and Cityscapes' maps
# Numbers 0 to 20 of PASCAL VOC's segmentation.
VOC_NAMES = [
    "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
    "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train",
    "tvmonitor",
]  # fmt: skip


def fits(path: Path) -> bool:
    return path.is_dir() and bool(list(_maps(path).glob("*.png"))) and _names_of(path) is not None


def read(path: Path, images: Path | None) -> Dataset:
    numbered = _names_of(path) or {}
    kept = {number: name for number, name in numbered.items() if name.lower() not in UNJUDGED}
    values = dict.fromkeys(numbered, -1) | {number: index for index, number in enumerate(kept)} | {BORDER: -1}
    folder = _maps(path)
    folders = (
        [images] if images else [path / "images", path / "JPEGImages", path.parent / "images", path.parent]
    )
    examples = [
        Example(_image(file, folders), semantic=file)
        for file in sorted(folder.glob("*.png"))
        if file.stat().st_size
    ]
    return Dataset("PNGs of label numbers", list(kept.values()), examples, values)


def read_map(file: Path, values: dict[int, int], size: Size) -> NDArray[np.int16]:
    """(H, W) int16: index into the data set's names, -1 where nothing is judged. Raises DataError."""
    numbers = _numbers(file)
    if numbers.shape != (size.height, size.width):
        raise DataError(
            f"{file} is {numbers.shape[1]}x{numbers.shape[0]}, but its picture is {size.width}x{size.height}"
        )
    present = np.unique(numbers).tolist()
    unknown = [number for number in present if number not in values]
    if unknown:
        raise DataError(f"{file} holds the label number {unknown[0]}, which the YAML file does not name")
    table = np.full(max(present) + 1, -1, np.int16)
    table[present] = [values[number] for number in present]
    found: NDArray[np.int16] = table[numbers]
    return found


def _maps(path: Path) -> Path:
    return next(
        (path / name for name in ("SegmentationClass", "masks", "labels") if (path / name).is_dir()), path
    )


def _names_of(path: Path) -> dict[int, str] | None:
    """What the label numbers mean, or None."""
    for file in sorted([*path.glob("*.yaml"), *path.glob("*.yml")]):
        try:
            data = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise DataError(f"{file} is not YAML: {error}") from None
        found = data.get("classes", data.get("names")) if isinstance(data, dict) else None
        if isinstance(found, dict | list):
            return _numbered(file, found)
    return dict(enumerate(VOC_NAMES)) if (path / "SegmentationClass").is_dir() else None


def _numbered(file: Path, found: dict[Any, Any] | list[Any]) -> dict[int, str]:
    pairs = dict(enumerate(found)) if isinstance(found, list) else found
    try:
        return {int(number): str(name) for number, name in pairs.items()}
    except (TypeError, ValueError):
        raise DataError(f"{file}: `classes:` must name label numbers: `0: road`") from None


def _image(file: Path, folders: list[Path]) -> Path:
    names = [file.stem + suffix for suffix in IMAGES]
    for folder in folders:
        for name in names:
            if (folder / name).is_file():
                return folder / name
    return find_image(folders, names[0], file)


def _numbers(file: Path) -> NDArray[np.integer[Any]]:
    """(H, W): the PNG's numbers. OpenCV gives the colours of a palette, so they are turned back."""
    found = cv2.imread(str(file), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise DataError(f"{file} is not a picture, or is damaged")
    if found.ndim == 2:
        return np.asarray(found)
    palette = _palette(file)
    if palette is None:
        raise DataError(f"{file} is a colour picture; expected one whose pixels are label numbers")
    weights = np.array([1, 256, 65536], np.int64)
    codes = palette[:, ::-1].astype(np.int64) @ weights  # of BGR
    numbers, first = np.unique(codes, return_index=True)
    return np.asarray(first[np.searchsorted(numbers, found[..., :3].astype(np.int64) @ weights)])


def _palette(file: Path) -> NDArray[np.uint8] | None:
    """(K, 3) uint8 RGB from the file's PLTE chunk (PNG 1.2, section 4.1.2), or None."""
    content = file.read_bytes()
    at = 8
    while at + 8 <= len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        if kind == b"PLTE":
            return np.frombuffer(content[at + 8 : at + 8 + length], np.uint8).reshape(-1, 3)
        at += 12 + length
    return None
