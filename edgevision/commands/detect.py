"""edgevision detect SOURCE: what a network of any task sees in pictures or a video, without configuration."""

import json
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.progress import track

from edgevision.builtin import asked_network
from edgevision.core.types import Image
from edgevision.cores import usable_cores
from edgevision.errors import ConfigError, OutputError, SourceError
from edgevision.inference.network import Network, load_network
from edgevision.inference.settings import network_settings
from edgevision.inference.tiles import MOST_ALONG, Tiles, read_tiles
from edgevision.opencv import cv2
from edgevision.sources import LiveSettings, Source, open_source, parse_address
from edgevision.sources.images import SUFFIXES, list_images, read_image
from edgevision.videofile import VideoFile
from edgevision.views import View, view_of


class Item(NamedTuple):
    """One picture to look at."""

    name: str
    image: Image
    ts: float | None  # s, of a video


def run(options: Namespace) -> int:
    tiles = _tiles(options.tiles)
    network = _load(options)
    if network.weaknesses:
        print(f"note: {network.path.name}: {network.weaknesses}", file=sys.stderr)
    view = view_of(network, options.confidence, options.classes, tiles)
    images, source = _open(options.source)
    saver = _Saver(options.save, options.source, source) if options.save else None
    found: list[dict[str, Any]] = []
    try:
        for item in _progress(_items(images, source), images, source, options):
            look = view.look(item.image)
            found.append(_describe(item) | look.facts)
            if source is None and not options.json:
                _print(found[-1], look.lines)
            if saver:
                saver.save(item, look.draw())
    finally:
        if saver:
            saver.close()
    if options.json:
        print(json.dumps({"model": network.facts(), "pictures": found}))
        return 0
    if source is not None:
        _print_video(found, view)
    if saver:
        print(f"saved to {options.save}")
    return 0


def _load(options: Namespace) -> Network:
    asked_network(options.model, "--model")
    settings = network_settings(
        path=options.model,
        device=options.device,
        engine=options.engine,
        precision=options.precision,
        labels=options.labels,
        classes=options.classes,
    )
    return load_network(settings, Path(), threads=usable_cores().number)


def _tiles(text: str | None) -> Tiles | None:
    try:
        return None if text is None else Tiles.model_validate(read_tiles(text))
    except ValueError:
        raise ConfigError(
            f"--tiles: expected auto, or columns x rows such as 3x2, each up to {MOST_ALONG}, got {text!r}"
        ) from None


def _open(text: str) -> tuple[list[Path], Source | None]:
    """Picture files, or else a source of them."""
    path = Path(text)
    if path.is_dir():
        return list_images(path), None
    if path.suffix.lower() in SUFFIXES:
        return [path], None
    try:
        return [], open_source(parse_address(text, Path()), LiveSettings())
    except ValueError as error:
        raise SourceError("open_failed", str(error)) from None


def _items(images: list[Path], source: Source | None) -> Iterator[Item]:
    for path in images:
        yield Item(path.name, read_image(path), None)
    if source:
        for index, picture in enumerate(source.pictures(threading.Event())):
            yield Item(f"frame {index}", picture.image, picture.ts)


def _progress(
    items: Iterator[Item], images: list[Path], source: Source | None, options: Namespace
) -> Iterator[Item]:
    """The same items with a progress bar on stderr, up to --frames."""
    console = Console(stderr=True)
    first = next(items, None)  # a source knows its length once it is open
    length = options.frames or len(images) or getattr(source, "length", None)
    rest = track(
        _chain(first, items), "looking", total=length, console=console, disable=not console.is_terminal
    )
    for number, item in enumerate(rest, start=1):
        yield item
        if number == options.frames:
            return


def _chain(first: Item | None, rest: Iterator[Item]) -> Iterator[Item]:
    if first is not None:
        yield first
    yield from rest


def _describe(item: Item) -> dict[str, Any]:
    height, width = item.image.shape[:2]
    times = {} if item.ts is None else {"time": round(item.ts, 3)}
    return {"name": item.name, **times, "width": width, "height": height}


def _print(picture: dict[str, Any], lines: list[str]) -> None:
    print(f"{picture['name']} ({picture['width']}x{picture['height']}): {lines[0]}")
    for line in lines[1:]:
        print(f"  {line}")


def _print_video(found: list[dict[str, Any]], view: View) -> None:
    """Of a video what was in it."""
    print(f"{len(found)} frames")
    for line in view.sum_up(found):
        print(f"  {line}")


class _Saver:
    """Writes annotated pictures under their own names, a video under its own."""

    def __init__(self, folder: Path, source_name: str, source: Source | None) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"cannot write to {folder}: {error.strerror}") from None
        self._folder = folder
        self._source = source
        name = Path(source_name).stem if Path(source_name).is_file() else "detected"
        self._video = VideoFile(folder / f"{name}.mp4") if source else None

    def save(self, item: Item, image: Image) -> None:
        if self._video and self._source:
            self._video.write(image, self._source.frame_rate or 15.0)
        elif not cv2.imwrite(str(self._folder / item.name), image):
            raise OutputError(f"cannot write {self._folder / item.name}")

    def close(self) -> None:
        if self._video:
            self._video.close()
