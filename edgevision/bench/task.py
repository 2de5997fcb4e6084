"""What is to be measured: a configuration, with as many of its cameras as asked for, that leaves no trace."""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edgevision.assembly import Assembly
from edgevision.bench.clips import Looped, Paced, Valve
from edgevision.config import LoadedConfig, check
from edgevision.document import Document, read
from edgevision.errors import ConfigError
from edgevision.metrics import Metrics
from edgevision.sources import Source

MOST_NAME = 24  # characters of a camera's name that are kept where there are several of it
LINE = {"from": [0.0, 0.55], "to": [1.0, 0.55]}
OPTIONS: Mapping[str | int, str] = {"models": "--model", "cameras": "--source"}  # that say it, by key

Plan = Mapping[str, Any]  # settings of models that replace the configured ones: mode, workers


class Task:
    """Events go into a file in `folder` and nowhere else; nothing is served."""

    def __init__(self, data: dict[str, Any], base: Path, folder: Path, where: Callable[..., str]) -> None:
        """where: says of a key's path, part by part, where the user wrote it."""
        self._data = data
        self._base = base
        self._folder = folder
        self._where = where

    def config(self, cameras: int | None = None, plan: Plan | None = None) -> LoadedConfig:
        """cameras: how many; those configured in turn, all of them once when left out."""
        data = copy.deepcopy(self._data)
        data["http"] = None
        data["log"] = {"level": "warning"}
        data["outputs"] = [{"type": "jsonl", "path": str(self._folder / "events.jsonl")}]
        written = {name: name for name in data["cameras"]}  # by name here, the name there
        if cameras is not None:
            configured = list(data["cameras"])
            of = [configured[n % len(configured)] for n in range(cameras)]
            written = {_name(name, n): name for n, name in enumerate(of)}
            data["cameras"] = {new: copy.deepcopy(data["cameras"][name]) for new, name in written.items()}
        data["models"] = data.get("models") or {"default": {}}
        if plan is not None:
            data["models"] = {
                name: {key: value for key, value in model.items() if key not in ("mode", "workers")}
                | dict(plan)
                for name, model in data["models"].items()
            }
        return check(_Made(data, written, self._where), self._base)


class _Made(Document):
    """A configuration made of another, or of options: problems are told where the user wrote their cause."""

    def __init__(self, data: dict[str, Any], written: Mapping[str, str], where: Callable[..., str]) -> None:
        super().__init__("bench", data, {}, [])
        self._written, self._where = written, where

    def where(self, *path: str | int) -> str:
        if path[:1] == ("cameras",) and len(path) > 1:
            path = ("cameras", self._written[str(path[1])], *path[2:])
        return self._where(*path)


def task_of(config: Path, source: str | None, folder: Path) -> Task:
    """A configuration's cameras, with another source where one is given. Raises ConfigError."""
    document = read(config)
    check(document, config.parent)  # while its lines are known
    data = document.data
    if source is not None:
        for camera in data["cameras"].values():
            camera["source"] = source

    def where(*path: str | int) -> str:
        return "--source" if source is not None and path[2:] == ("source",) else document.where(*path)

    return Task(data, config.parent, folder, where)


def plain_task(model: Mapping[str, Any], source: str, folder: Path) -> Task:
    """One camera with a line across, as most have."""
    camera = {"source": source, "lines": {"middle": LINE}}
    return Task({"models": {"model": dict(model)}, "cameras": {"clip": camera}}, Path(), folder, _option)


def _option(*path: str | int) -> str:
    return OPTIONS.get(path[0], "bench") if path else "bench"


def assembled(config: LoadedConfig, metrics: Metrics, valve: Valve, pace: float | None = None) -> Assembly:
    """The parts of it, with sources that play for ever: as fast as they are used, or `pace` frames/s live.

    Raises ConfigError for a camera that cannot be played.
    """
    names = list(config.settings.cameras)

    def play(name: str, source: Source) -> Source:
        if source.live:
            raise ConfigError(
                f"camera {name} is live, and comes as fast as it likes: measure with a recording of it, "
                "--source CLIP"
            )
        if pace is None:
            return Looped(source, valve)
        return Paced(source, valve, pace, names.index(name) / len(names))

    return Assembly(config, metrics, play=play)


def _name(name: str, number: int) -> str:
    """Another name for each, of the form that names have."""
    return f"{name[:MOST_NAME]}-{number + 1}"
