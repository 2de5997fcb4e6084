"""A folder of pictures, in the order of their names: images:/path, or images:/path?fps=2."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from urllib.parse import parse_qsl, urlsplit

from edgevision.core.types import Image
from edgevision.errors import ConfigError, SourceError
from edgevision.opencv import as_image, cv2
from edgevision.sources.base import LiveSettings, Picture

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp")


class ImagesSource:
    """Every picture of one folder; `frame_rate` sets the media time between two of them."""

    live = False

    def __init__(self, folder: Path, frame_rate: float) -> None:
        self._folder = folder
        self.frame_rate = frame_rate

    def pictures(self, stop: Event) -> Iterator[Picture]:
        paths = list_images(self._folder)
        for index, path in enumerate(paths):
            if stop.is_set():
                return
            began = time.monotonic()
            yield Picture(read_image(path), index / self.frame_rate, began)


def list_images(folder: Path) -> list[Path]:
    """The pictures of a folder by name. Raises SourceError if there is none."""
    if not folder.is_dir():
        raise SourceError("open_failed", f"{folder} is not a folder")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise SourceError("open_failed", f"{folder} holds no picture ({', '.join(SUFFIXES)})")
    return paths


def read_image(path: Path) -> Image:
    """A picture file as (H, W, 3) uint8 BGR. Raises SourceError if it is none."""
    try:
        image = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.is_file() else None
    except cv2.error:  # thrown only for more pixels than opencv.py allows
        raise SourceError(
            "open_failed", f"{path} is too large: up to 67 megapixels are read; make it smaller"
        ) from None
    if image is None:
        raise SourceError("open_failed", f"{path} is not a picture, or is damaged")
    return as_image(image)


def open_source(location: str, live: LiveSettings) -> ImagesSource:
    parts = urlsplit(location)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    try:
        frame_rate = float(options.pop("fps", "1"))
    except ValueError:
        frame_rate = 0.0
    if options or not frame_rate > 0:
        raise ConfigError("a folder of pictures takes fps, above 0, e.g. images:/path?fps=2")
    return ImagesSource(Path(parts.path), frame_rate)
