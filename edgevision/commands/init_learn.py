"""edgevision init parking --learn: watches where vehicles stand, and proposes a spot for each place."""

import os
import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress

from edgevision.builtin import network_path
from edgevision.commands.pictures import write_picture
from edgevision.config import load
from edgevision.core import Detections, Tracker
from edgevision.core.moments import next_due
from edgevision.core.types import Image, Size
from edgevision.errors import ConfigError, DataError, ModelError, SourceError
from edgevision.inference.detector import Detector
from edgevision.inference.network import load_network
from edgevision.inference.seams import merge
from edgevision.inference.settings import ModelSettings
from edgevision.inference.tiles import Tiles, views_of
from edgevision.learn import SURE, Places, Proposal, Stays, propose
from edgevision.learn.picture import drawn
from edgevision.pipeline.retry import backoff
from edgevision.redact import redact
from edgevision.sources import Address, LiveSettings, Picture, Source, open_source, parse_address
from edgevision.spotfiles import as_text, write

VEHICLES = ("car", "truck", "bus", "motorcycle", "van")
KEEP = 10.0  # s the tracker remembers who is not seen: longer than in a service, as looks are a second apart


class Subject(NamedTuple):
    """What is watched, and with which network."""

    address: Address
    live: LiveSettings
    model: ModelSettings
    base: Path  # where the network's relative path starts
    tiles: Tiles | None


@dataclass(slots=True)
class Watched:
    """What was seen so far."""

    places: Places = field(default_factory=Places)
    seconds: float = 0.0
    frames: int = 0
    vehicles: int = 0  # most at once
    image: Image | None = None  # the last


def learn(options: Namespace, spots: Path, picture: Path) -> int:
    """Watch, and write what was learnt. Raises EdgevisionError; with DataError nothing is written."""
    subject = _subject(options)
    network = load_network(subject.model, subject.base, threads=len(os.sched_getaffinity(0)))
    if not isinstance(network, Detector):
        raise ModelError(f"{network.path} finds no objects; spots are learnt with a detector")
    source = open_source(subject.address, subject.live)
    watched = Watched()
    print(f"watching for {_time(options.seconds)}, or until Ctrl-C", file=sys.stderr)
    with _stopping() as stop:
        _watch(source, _looker(network, subject), options, watched, stop)
    return _tell(watched, spots, picture, options)


def _subject(options: Namespace) -> Subject:
    path = Path(options.learn)
    if path.suffix.lower() not in (".yaml", ".yml"):
        model = options.model or "builtin:default"
        try:
            address = parse_address(options.learn, Path())
            network_path(model, Path())
        except ValueError as error:
            raise ConfigError(f"--learn: {error}") from None
        return Subject(address, LiveSettings(), ModelSettings(path=model), Path(), None)
    config = load(path)
    cameras = config.settings.cameras
    name = options.camera or next(iter(cameras))
    if name not in cameras or (len(cameras) > 1 and not options.camera):
        raise ConfigError(f"{path} has the cameras {', '.join(cameras)}: say which with --camera")
    camera = cameras[name]
    live = camera.live()
    model = config.settings.models[config.settings.model_of(name)]
    return Subject(camera.address(config.base), live, model, config.base, camera.tiles)


def _looker(network: Detector, subject: Subject) -> tuple[list[str], Callable[[Image], Detections]]:
    """The network's labels, and what it sees of vehicles in a picture."""
    labels, tiles = list(network.labels), subject.tiles
    wanted = [labels.index(label) for label in subject.model.classes or VEHICLES if label in labels]
    if not wanted:
        raise ModelError(
            f"{network.path} knows none of {', '.join(VEHICLES)}: write a configuration whose model has "
            "`classes:`, those of its names that are vehicles, and learn from that"
        )
    preprocess = network.preprocessor()

    def part(image: Image) -> Detections:
        tensor, placement = preprocess(image)
        return network.decode(network.infer(tensor), placement)

    def look(image: Image) -> Detections:
        size = Size(image.shape[1], image.shape[0])
        if tiles:
            found = merge((view, part(view.of(image))) for view in views_of(size, tiles, network.input.size))
        else:
            found = part(image)
        return found[np.isin(found.class_ids, wanted)]

    return labels, look


def _watch(
    source: Source,
    looker: tuple[Sequence[str], Callable[[Image], Detections]],
    options: Namespace,
    watched: Watched,
    stop: threading.Event,
) -> None:
    """Until the time is over, the file ends, or `stop`. What ends it early is told, not raised."""
    labels, look = looker
    tracker, stays = Tracker(labels, keep=KEEP), Stays(watched.places)
    console = Console(stderr=True)
    begin, due = None, float("-inf")
    with Progress(console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("watching", total=None)
        for picture in _pictures(source, stop, options.seconds):
            ts = picture.captured if picture.ts is None else picture.ts
            begin = ts if begin is None else begin
            if ts - begin > options.seconds:
                break
            if ts < due:
                continue
            due = next_due(due, ts, options.every)
            if watched.image is not None and watched.image.shape != picture.image.shape:
                print("note: the pictures have another size from here on; stopped", file=sys.stderr)
                break
            seen = look(picture.image)
            stays.update(tracker.update(seen, ts), ts)
            watched.image, watched.seconds = picture.image, ts - begin
            watched.frames, watched.vehicles = watched.frames + 1, max(watched.vehicles, len(seen))
            progress.update(task, total=_seconds(source, options.seconds), completed=watched.seconds)
    stays.finish()


def _seconds(source: Source, most: float) -> float:
    """How long there is to watch."""
    length = getattr(source, "length", None)
    return min(most, length / source.frame_rate) if length and source.frame_rate else most


def _pictures(source: Source, stop: threading.Event, seconds: float) -> Iterator[Picture]:
    """Those of a file; of a camera, also after it was away. Raises SourceError if there is none at all."""
    came, attempt, end = False, 0, time.monotonic() + seconds
    while not stop.is_set():
        try:
            for picture in source.pictures(stop):
                came, attempt = True, 0
                yield picture
            return
        except SourceError as error:
            if not came:
                raise
            print(f"note: {redact(str(error))}", file=sys.stderr)
            attempt += 1
            if not source.live or time.monotonic() > end:
                return
            stop.wait(backoff(attempt))


def _tell(watched: Watched, spots: Path, picture: Path, options: Namespace) -> int:
    image = watched.image
    if image is None:
        raise DataError("stopped before the first picture: nothing is written")
    found, dropped = propose(watched.places.merged(), watched.seconds, Size(image.shape[1], image.shape[0]))
    seen = f"{_time(watched.seconds)}, {watched.frames} pictures, up to {watched.vehicles} vehicles in one"
    if not found:
        raise DataError(
            f"no spot was learnt from {seen}: nothing is written. Watch for longer (--for), or with a "
            "network that sees the vehicles (--model); `edgevision detect` shows what one sees"
        )
    sure = sum(each.confidence >= SURE for each in found)
    write(spots, _text(found, seen, sure), force=options.force)
    write_picture(picture, drawn(image, found))
    print(f"Watched {seen}; {dropped} places were dropped as doubtful")
    print(f"{spots} has {len(found)} spots, {sure} of them sure. Look at {picture}, and correct the file")
    return 0


def _text(found: Sequence[Proposal], seen: str, sure: int) -> str:
    notes = {each.name: _note(each) for each in found}
    about = (
        f"Learnt: {seen}; sure of {sure} of {len(found)}.\nCompare with spots.png, and correct what is wrong."
    )
    return as_text({each.name: each.polygon for each in found}, about, notes)


def _note(each: Proposal) -> str:
    stays = f"{each.stays} stays" if each.stays > 1 else "1 stay"
    doubt = "" if each.confidence >= SURE else ", not sure"
    shape = ", rough outline" if each.rough else ""
    return f"{each.confidence:.2f}: {stays}, the longest {_time(each.longest)}{doubt}{shape}"


def _time(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


@contextmanager
def _stopping() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; the second one ends the process at once."""
    stop = threading.Event()

    def end(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        stop.set()
        print("stopping; what was learnt so far is written", file=sys.stderr)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
