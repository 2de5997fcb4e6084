"""A folder for each class, named after it; or one folder of pictures named as ImageNet's samples are."""

import re
from pathlib import Path

from edgevision.errors import DataError
from edgevision.evaluate.dataset import Dataset, Example, pictures_in

# n01440764_tench.JPEG, also with something before: WordNet's number and the class in words.
_SAMPLE = re.compile(r"(?:.*_)?n\d{8}_(?P<name>[^\d].*)")


def fits(path: Path) -> bool:
    return path.is_dir() and bool(_folders(path) or _samples(path))


def read(path: Path, images: Path | None) -> Dataset:
    if images:
        raise DataError("--images does not go with a folder for each class: the pictures are in it")
    folders = _folders(path)
    pairs = (
        [(picture, folder.name) for folder in folders for picture in pictures_in(folder)]
        if folders
        else _samples(path)
    )
    names = sorted({name for _, name in pairs})
    examples = [Example(picture, classes=(names.index(name),)) for picture, name in pairs]
    return Dataset(
        "a folder for each class" if folders else "pictures named after their class", names, examples
    )


def _folders(path: Path) -> list[Path]:
    return [each for each in sorted(path.iterdir()) if each.is_dir() and pictures_in(each)]


def _samples(path: Path) -> list[tuple[Path, str]]:
    matches = [(picture, _SAMPLE.fullmatch(picture.stem)) for picture in pictures_in(path)]
    return [(picture, match["name"].replace("_", " ")) for picture, match in matches if match]
