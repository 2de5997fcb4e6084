"""Names of classes: from the configuration, a card, or the network's file."""

import ast
from collections.abc import Mapping
from pathlib import Path

from edgevision.errors import ModelError
from edgevision.inference.settings import Labels

LISTS = {
    # The 80 classes of COCO (Lin et al., ECCV 2014) in the order every detector trained on them uses.
    "coco": Path(__file__).with_name("coco.txt"),
    # Background and the 20 classes of PASCAL VOC (Everingham et al., IJCV 2010), as segmenters number them.
    "voc": Path(__file__).with_name("voc.txt"),
    # The 1000 classes of ImageNet (Russakovsky et al., IJCV 2015) in the order of their WordNet ids, which
    # every classifier trained on them uses; each under the name that torchvision gives it.
    "imagenet": Path(__file__).with_name("imagenet.txt"),
}


class LabelsError(ModelError):
    """Its classes are not named, or not all of them."""

    def __init__(self, message: str, classes: int) -> None:
        self.classes = classes  # how many it tells apart, 0 where that cannot be seen
        super().__init__(message)


def read_labels(labels: Labels, base: Path) -> list[str]:
    """What `labels:` says: the names themselves, the name of a list, or a file with one name per line."""
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
