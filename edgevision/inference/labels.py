"""Names of classes: from the configuration, a card, or the network's file."""

import ast
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from edgevision.core.types import Ints
from edgevision.errors import ModelError
from edgevision.inference.formats import COCO_91, FROM_ONE, USUAL_LABELS
from edgevision.inference.settings import Labels

LISTS = {
    # The 80 classes of COCO (Lin et al., ECCV 2014) in the order every detector trained on them uses.
    "coco": Path(__file__).with_name("coco.txt"),
    "coco91": Path(__file__).with_name("coco.txt"),
    # Background and the 20 classes of PASCAL VOC (Everingham et al., IJCV 2010), as segmenters number them.
    "voc": Path(__file__).with_name("voc.txt"),
    # The 1000 classes of ImageNet (Russakovsky et al., IJCV 2015) in the order of their WordNet ids, which
    # every classifier trained on them uses; each under the name that torchvision gives it.
    "imagenet": Path(__file__).with_name("imagenet.txt"),
}
# COCO's own numbers of its classes: 1 to 90, where ten that it never labelled leave gaps.
UNUSED = (12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
NUMBERS = [number for number in range(1, 91) if number not in UNUSED]
BACKGROUND = {"background", "__background__", "bg", "n/a", "none"}


class LabelsError(ModelError):
    """Its classes are not named, or not all of them."""

    def __init__(self, message: str, classes: int) -> None:
        self.classes = classes  # how many it tells apart, 0 where that cannot be seen
        super().__init__(message)


def read_labels(labels: Labels, base: Path) -> list[str]:
    """What `labels:` says: the names themselves, a file with one name per line, or a list of ours; `coco91`
    are COCO's names for a network that uses its own numbers, which have gaps."""
    if not isinstance(labels, str):
        return labels
    path = LISTS.get(labels, base / labels)
    try:
        names = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        lists = " or ".join(f"`{name}`" for name in LISTS)
        raise ModelError(f"cannot read class names from {path} ({error}); or did you mean {lists}?") from None
    return [name for name in names if name]


def metadata_labels(metadata: Mapping[str, str]) -> list[str] | None:
    """The names that Ultralytics and our own exports write into the file, as a Python dict in a string."""
    text = metadata.get("names")
    if not text:
        return None
    try:
        names = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    if isinstance(names, dict):
        names = [names[key] for key in sorted(names)]
    return [str(name) for name in names] if isinstance(names, list | tuple) else None


def known_labels(given: Labels | None, metadata: Mapping[str, str], base: Path) -> list[str] | None:
    """What the configuration or a card say, else the file."""
    return read_labels(given, base) if given else metadata_labels(metadata)


def number_classes(
    labels: list[str] | None, given: Labels | None, form: str, count: int, path: Path
) -> tuple[list[str], Ints | None]:
    """The labels, and the index into them for each of the network's class numbers, -1 for none; None where
    number and index are the same.

    form: the network's format; count: how many classes it tells apart, 0 if unknown. Raises LabelsError.
    """
    labels = labels or USUAL_LABELS.get(form)
    if labels is None:
        raise unnamed(path, count)
    if given == "coco91" or (given == "coco" and (form in COCO_91 or count in (90, 91))):
        # Of 90 columns the first is number 1, of 91 it is the unused 0.
        first = 1 if count == 90 else 0
        index = np.full(91 - first, -1, np.int32)
        index[np.array(NUMBERS) - first] = np.arange(len(NUMBERS))
        return labels, index
    if form in FROM_ONE:
        named = labels[0].lower() in BACKGROUND
        own = np.arange(len(labels), dtype=np.int32)
        return labels, own if named else np.concatenate([np.array([-1], np.int32), own])
    check_count(labels, count, path)
    return labels, None


def card_labels(given: Labels | None, labels: list[str]) -> Labels:
    """What a card says of its network's labels. One of our lists by its name: `coco` also says how classes
    are numbered, which is lost with 80 names."""
    return given if isinstance(given, str) and given in LISTS else labels


def check_count(labels: list[str], count: int, path: Path) -> None:
    """Raises LabelsError unless all of the network's classes have names; count 0: nobody knows."""
    if count and len(labels) != count:
        raise LabelsError(
            f"{path} tells {count} classes apart, but {len(labels)} labels are given; "
            "`labels:` must name them all, in its order",
            count,
        )


def unnamed(path: Path, count: int) -> LabelsError:
    """What to say of a network that does not name its classes; count 0: nobody knows how many they are."""
    which = "class" if count == 1 else f"{count} classes" if count else "classes"
    return LabelsError(
        f"{path} does not name its {which}: add `labels: coco` for a network trained on COCO, `labels: voc` "
        "for PASCAL VOC, or `labels: [first, second, ...]` in its order, to the configuration or to "
        f"{path.with_suffix('.yaml').name} beside it",
        count,
    )
