"""Labelled pictures in one form, whatever files they came from."""

import importlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgevision.core.types import Floats, Image, Ints, Size
from edgevision.errors import DataError
from edgevision.opencv import as_image, cv2

Outline = Any
"""COCO's `segmentation`: polygons [[x, y, x, y, ...]] in px, or a run-length code, `size` and `counts`."""

READERS = ("coco", "voc", "yolo", "semantic", "classes")
IMAGES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """What is to be seen in one picture, by its labels."""

    boxes: Floats  # (N, 4) float32, x1 y1 x2 y2 in px
    classes: Ints  # (N,) int32, index into the data set's names
    crowd: NDArray[np.bool_]  # (N,) a group, or too difficult: neither demanded nor held against a network
    outlines: tuple[Outline, ...] | None = None  # N of them, where the data set has masks
    relative: bool = False  # boxes and polygons are shares of the picture, not px

    def at(self, size: Size) -> "Objects":
        """In pixels of a picture of this size."""
        if not self.relative:
            return self
        scale = np.array([size.width, size.height], np.float32)
        outlines = self.outlines and tuple(
            [(np.reshape(polygon, (-1, 2)) * scale).ravel().tolist() for polygon in each]
            for each in self.outlines
        )
        return replace(self, boxes=self.boxes * np.tile(scale, 2), outlines=outlines, relative=False)

    def take(self, kept: NDArray[np.bool_], classes: Ints) -> "Objects":
        """Some of them, under other class numbers; classes: (N,) before the choice."""
        outlines = self.outlines and tuple(self.outlines[i] for i in np.flatnonzero(kept))
        return replace(
            self, boxes=self.boxes[kept], classes=classes[kept], crowd=self.crowd[kept], outlines=outlines
        )


@dataclass(frozen=True, slots=True)
class Example:
    """A picture and what is true of it; of the three, what the data set says."""

    image: Path
    objects: Objects | None = None
    semantic: Path | None = None  # a PNG of label numbers
    classes: tuple[int, ...] | None = None  # what the picture as a whole is, index into the names


@dataclass(frozen=True, slots=True)
class Dataset:
    kind: str  # what it was taken for, for messages
    names: list[str]  # of its classes
    examples: list[Example]
    values: dict[int, int] | None = None  # label number in semantic PNGs -> index into names, -1: not judged

    def some(self, limit: int | None) -> "Dataset":
        """At most so many pictures, spread evenly: files are often ordered by class."""
        if limit is None or limit >= len(self.examples):
            return self
        chosen = np.linspace(0, len(self.examples) - 1, limit).round().astype(int)
        return replace(self, examples=[self.examples[i] for i in chosen])

    def counts(self) -> dict[int, int]:
        """How often each class is in the truth; 0 for those of semantic PNGs, which are read later."""
        if self.values is not None:
            return dict.fromkeys(range(len(self.names)), 0)
        counts: Counter[int] = Counter()
        for each in self.examples:
            if each.objects:
                counts.update(each.objects.classes[~each.objects.crowd].tolist())
            counts.update(each.classes or ())
        return dict(counts)


def open_dataset(task: str, path: Path, images: Path | None) -> Dataset:
    """The data set at a path, whose form is found by looking. Raises DataError with what to do.

    images: the folder of its pictures, where it is not one of the usual.
    """
    if not path.exists():
        raise DataError(f"--data {path} does not exist")
    if images and not images.is_dir():
        raise DataError(f"--images {images} is not a folder")
    # A VOC folder has both: pixels are looked at first where they are asked for.
    for name in READERS if task != "segment" else ("semantic", *READERS):
        kind: ModuleType = importlib.import_module(f"edgevision.evaluate.read_{name}")
        if kind.fits(path):
            dataset: Dataset = kind.read(path, images)
            if not dataset.examples:
                raise DataError(f"{path} was taken for {dataset.kind}, but it holds no labelled picture")
            return dataset
    raise DataError(
        f"{path} is no labelled data that is known: a JSON file in COCO's form; a VOC folder with "
        "Annotations/*.xml; a YOLO folder or data.yaml with images and labels/*.txt; a folder of label PNGs "
        "with a YAML file that names their numbers; or a folder with one folder of pictures for each class"
    )


def read_picture(path: Path) -> Image:
    """(H, W, 3) uint8 BGR. Raises DataError."""
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        raise DataError(f"{path} is not a picture, or is damaged")
    return as_image(image)


def find_image(folders: Iterable[Path], name: str, source: Path) -> Path:
    """The picture of a name in the first folder that has it. Raises DataError."""
    tried = list(dict.fromkeys(folders))
    for folder in tried:
        if (folder / name).is_file():
            return folder / name
    places = " nor in ".join(str(folder) for folder in tried)
    raise DataError(f"{source} names the picture {name}, which is not in {places}; say where with --images")


def pictures_in(folder: Path) -> list[Path]:
    """By name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGES and path.is_file())


def objects(
    boxes: Sequence[Sequence[float]],
    classes: Sequence[int],
    crowd: Sequence[bool],
    outlines: Sequence[Outline] | None = None,
    *,
    relative: bool = False,
) -> Objects:
    """Lists as Objects. Raises ValueError for a box that has no inside or no numbers."""
    corners = np.array(boxes, np.float32).reshape(-1, 4)
    if not np.isfinite(corners).all() or (corners[:, 2:] < corners[:, :2]).any():
        raise ValueError("a box has a negative size or is not a number")
    return Objects(
        corners,
        np.array(classes, np.int32),
        np.array(crowd, bool),
        tuple(outlines) if outlines is not None else None,
        relative,
    )
