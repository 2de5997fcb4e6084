"""What is to be measured: a configuration, with as many of its cameras as asked for, that leaves no trace."""

import copy
from collections.abc import Mapping
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

Plan = Mapping[str, Any]  # settings of models that replace the configured ones: mode, workers


class Task:
    """Events go into a file in `folder` and nowhere else; nothing is served."""

    def __init__(self, data: dict[str, Any], base: Path, folder: Path) -> None:
        self._data = data
        self._base = base
        self._folder = folder

    def config(self, cameras: int | None = None, plan: Plan | None = None) -> LoadedConfig:
        """cameras: how many; those configured in turn, all of them once when left out."""
        data = copy.deepcopy(self._data)
        data["http"] = None
        data["log"] = {"level": "warning"}
        data["outputs"] = [{"type": "jsonl", "path": str(self._folder / "events.jsonl")}]
        configured = list(data["cameras"].items())
        if cameras is not None:
            data["cameras"] = {
                _name(configured[n % len(configured)][0], n): copy.deepcopy(
                    configured[n % len(configured)][1]
                )
                for n in range(cameras)
            }
        data["models"] = data.get("models") or {"default": {}}
        if plan is not None:
            data["models"] = {
                name: {key: value for key, value in model.items() if key not in ("mode", "workers")}
                | dict(plan)
                for name, model in data["models"].items()
            }
        return check(Document("bench", data, {}, []), self._base)


def task_of(config: Path, source: str | None, folder: Path) -> Task:
    """A configuration's cameras, with another source where one is given. Raises ConfigError."""
    document = read(config)
    check(document, config.parent)  # while its lines are known
    data = document.data
    if source is not None:
        for camera in data["cameras"].values():
            camera["source"] = source
    return Task(data, config.parent, folder)


def plain_task(model: Mapping[str, Any], source: str, folder: Path) -> Task:
    """One camera with a line across, as most have."""
    camera = {"source": source, "lines": {"middle": LINE}}
    return Task({"models": {"model": dict(model)}, "cameras": {"clip": camera}}, Path(), folder)


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
