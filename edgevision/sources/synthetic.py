"""A drawn scene whose truth is known: synthetic:carpark?seed=1&seconds=60&fps=15&live=0

With live=0 it is read like a file, as fast as it can be used. With live=1 it plays in real time like a camera
and goes on for ever, one scene after the other.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Event
from urllib.parse import parse_qsl, urlsplit

from edgevision.errors import ConfigError
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from edgevision.sources.base import LiveSettings, Picture

SCENES = ("carpark",)


@dataclass(frozen=True, slots=True)
class SceneSettings:
    """What stands behind the ? of the address."""

    seed: int = 1  # of the scene; the same seed is the same picture by picture
    seconds: int = 60
    fps: int = 15
    width: int = 960
    height: int = 540
    live: int = 0


class SyntheticSource:
    """Pictures of drawn scenes."""

    def __init__(self, settings: SceneSettings) -> None:
        self.settings = settings
        self.live = bool(settings.live)
        self.frame_rate: float | None = float(settings.fps)
        self.length: int | None = None if self.live else settings.seconds * settings.fps

    def pictures(self, stop: Event) -> Iterator[Picture]:
        seed = self.settings.seed
        while not stop.is_set():
            yield from self._scene(seed, stop)
            if not self.live:
                return
            seed += 1

    def _scene(self, seed: int, stop: Event) -> Iterator[Picture]:
        size = (self.settings.width, self.settings.height)
        renderer = Renderer(Scene(seed, self.settings.seconds, size))
        began = time.monotonic()
        for index in range(self.settings.seconds * self.settings.fps):
            ts = index / self.settings.fps
            if self.live:
                stop.wait(max(0.0, began + ts - time.monotonic()))
            if stop.is_set():
                return
            started = time.monotonic()
            yield Picture(renderer.frame(ts), None if self.live else ts, started)


def open_source(location: str, live: LiveSettings) -> SyntheticSource:
    parts = urlsplit(location)
    values = dict(parse_qsl(parts.query, keep_blank_values=True))
    known = SceneSettings.__dataclass_fields__
    good = all(name in known and value.isdigit() for name, value in values.items())
    if parts.path not in SCENES or not good:
        example = "synthetic:carpark?seed=1&seconds=60&fps=15&width=960&height=540&live=0"
        raise ConfigError(f"a drawn scene takes whole numbers as in {example}")
    settings = SceneSettings(**{name: int(value) for name, value in values.items()})
    if min(settings.seconds, settings.fps) < 1 or min(settings.width, settings.height) < 64:
        raise ConfigError("a drawn scene needs seconds and fps above 0, width and height of 64 and more")
    return SyntheticSource(settings)
