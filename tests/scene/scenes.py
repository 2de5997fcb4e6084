"""Scenes that several tests look at, made once."""

from functools import cache

from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene

SEEDS = range(1, 21)


@cache
def scene(seed: int) -> Scene:
    return Scene(seed)


@cache
def renderer(seed: int) -> Renderer:
    return Renderer(scene(seed))
