"""Picture files of whatever a user names: a folder of them, or a video of which some frames are written."""

import threading
from pathlib import Path

from edgevision.core.types import Image
from edgevision.errors import OutputError, SourceError
from edgevision.opencv import cv2
from edgevision.sources import LiveSettings, Source, open_source, parse_address
from edgevision.sources.images import list_images

QUALITY = 95  # of JPEG: what it changes is far below what 8 bits change


def sample_pictures(address: str, most: int, folder: Path) -> list[Path]:
    """At most so many pictures, evenly spread; frames of a video go to `folder`. Raises SourceError."""
    path = Path(address)
    try:
        if path.is_dir():
            found = list_images(path)
            step = max(1, -(-len(found) // most))
            return found[::step]
        return _frames(open_source(parse_address(address, Path()), LiveSettings()), most, folder)
    except ValueError as error:
        raise SourceError("open_failed", str(error)) from None
    except OSError as error:
        raise SourceError("open_failed", f"cannot look at {path}: {error.strerror}") from None


def _frames(source: Source, most: int, folder: Path) -> list[Path]:
    """A video may not tell its length, so whenever there are twice too many every other one goes again."""
    if source.live:
        raise SourceError("open_failed", "a live stream has no end: record a minute of it and give the file")
    kept: list[Path] = []
    step = 1
    for number, picture in enumerate(source.pictures(threading.Event())):
        if number % step:
            continue
        kept.append(write_picture(folder / f"{number:08}.jpg", picture.image))
        if len(kept) == 2 * most:
            for path in kept[1::2]:
                path.unlink()
            kept, step = kept[::2], step * 2
    return kept if len(kept) <= most else kept[::2]


def write_picture(path: Path, image: Image) -> Path:
    """A picture (H, W, 3) uint8 BGR in the form that the path's suffix names. Raises OutputError."""
    if not cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY]):
        raise OutputError(f"cannot write {path}")
    return path
