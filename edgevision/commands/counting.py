"""Runs a configuration over its files in this process, at full speed, for the events alone."""

import copy
from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console
from rich.progress import Progress

from edgevision import log
from edgevision.app import App
from edgevision.config import LoadedConfig, placed
from edgevision.core.types import Event
from edgevision.errors import ConfigError, OutputError
from edgevision.outputs import Result
from edgevision.sources import LiveSettings, open_source

MOST_EVENTS = 1_000_000  # some 500 MB; a count of so many is no mere test


class Counted(NamedTuple):
    events: list[Event]  # by time
    lengths: dict[str, float]  # s of each camera's video
    frames: int  # processed
    labels: dict[str, list[str]]  # by camera, of its network


class Collector:
    """An output that keeps events, at most MOST_EVENTS of them."""

    name = address = "events-kept"
    camera: str | None = None
    wants_frames = False

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.full = False

    def write(self, result: Result) -> None:
        self.full = self.full or len(self.events) + len(result.events) > MOST_EVENTS
        if not self.full:
            self.events += result.events

    def close(self) -> None:
        pass


def only_files(config: LoadedConfig) -> None:
    """Raises ConfigError for a source that has no end."""
    problems = []
    for name, camera in config.settings.cameras.items():
        with placed(config, "cameras", name, "source"):
            if open_source(camera.address(config.base), LiveSettings()).live:
                where = config.where("cameras", name, "source")
                problems.append(
                    f"{where}: this source is live, and what truly happens there is not known yet; record a "
                    "file, label it with `edgevision label count`, and name the file here"
                )
    if problems:
        raise ConfigError(problems)


def count(config: LoadedConfig, cameras: Sequence[str] = ()) -> Counted:
    """Run to the end of all files. cameras: only these. Nothing is served, and nothing written.

    Raises EdgevisionError, also of a file that is cut short.
    """
    log.setup("warning")
    collector = Collector()
    app = App(bare(config, cameras), outputs=[collector])
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task("counting", total=None)

        def tick() -> None:
            done = sum(counts.captured for counts in app.pipeline.frame_counts().values())
            lengths = [getattr(source, "length", None) for source in app.parts.sources.values()]
            total = sum(lengths) if all(lengths) else None  # type: ignore[arg-type]
            progress.update(task, completed=done, total=total)

        app.run(tick)
    if collector.full:
        raise OutputError(f"there were more than {MOST_EVENTS} events: cut the video into parts")
    frames = app.pipeline.frame_counts()
    rates = {name: source.frame_rate for name, source in app.parts.sources.items()}
    lengths = {name: counts.captured / (rates[name] or 15.0) for name, counts in frames.items()}
    for event in collector.events:
        lengths[event.camera] = max(lengths[event.camera], event.ts)
    labels = {name: list(app.parts.models[config.settings.model_of(name)].detector.labels) for name in frames}
    processed = sum(counts.processed for counts in frames.values())
    return Counted(sorted(collector.events, key=lambda event: event.ts), lengths, processed, labels)


def bare(config: LoadedConfig, cameras: Sequence[str] = (), every_frame: bool = False) -> LoadedConfig:
    """The same without server and outputs, and only with these cameras, if any are named."""
    settings = config.settings
    kept = {name: settings.cameras[name] for name in cameras or settings.cameras}
    if every_frame:
        kept = {name: camera.model_copy(update={"fps": None}) for name, camera in kept.items()}
    copied = copy.copy(config)
    copied.settings = settings.model_copy(update={"outputs": [], "http": None, "cameras": kept})
    return copied
