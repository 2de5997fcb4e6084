"""What a configuration asks about that a person can see and say: lines, zones, spots."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from edgevision.analytics import ANALYTICS
from edgevision.config import CameraBase
from edgevision.core.types import Size

SAID = ("crossed_in", "crossed_out", "entered", "left", "occupied", "freed")


class Place(NamedTuple):
    name: str
    kinds: list[str]  # of event, that can be said of it
    points: list[tuple[float, float]]  # shares of the frame
    closed: bool  # an area; else a line
    classes: list[str]  # counted there; all, if there are none


def places_of(camera: CameraBase) -> list[Place]:
    """In the order of the configuration."""
    return [place for kind, name, settings in camera.analytics() for place in _places(kind, name, settings)]


def _places(kind: str, name: str, settings: Any) -> Iterator[Place]:
    analytic = ANALYTICS[kind].build(settings)
    kinds = [each for each in SAID if each in analytic.kinds]
    shape = analytic.shape(Size(1, 1))
    if kinds and shape:
        points = [(float(x), float(y)) for x, y in shape.points]
        yield Place(name, kinds, points, shape.closed, list(getattr(settings, "classes", [])))
