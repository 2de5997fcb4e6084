"""What a configuration asks about that a person can see and say: lines, zones, spots."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from edgevision.analytics import ANALYTICS
from edgevision.config import CameraBase
from edgevision.core.types import Shape, Size

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


def shapes_of(camera: CameraBase) -> dict[str, Shape]:
    """By name, what can be drawn of each line, zone and spot, in shares of the frame."""
    analytics = ((name, ANALYTICS[kind].build(settings)) for kind, name, settings in camera.analytics())
    return {name: shape for own, analytic in analytics for name, shape in _shapes(own, analytic)}


def _places(kind: str, name: str, settings: Any) -> Iterator[Place]:
    analytic = ANALYTICS[kind].build(settings)
    kinds = [each for each in SAID if each in analytic.kinds]
    for each, shape in _shapes(name, analytic) if kinds else ():
        points = [(float(x), float(y)) for x, y in shape.points]
        yield Place(each, kinds, points, shape.closed, list(getattr(settings, "classes", [])))


def _shapes(name: str, analytic: Any) -> Iterator[tuple[str, Shape]]:
    """One of many parts, such as the spots of a car park, has their names and as many shapes."""
    shape = analytic.shape(Size(1, 1))
    if isinstance(shape, list):
        yield from zip(analytic.places, shape, strict=True)
    elif shape:
        yield name, shape
