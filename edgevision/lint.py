"""What is allowed in a configuration and yet is likely a mistake: lines that never count, zones drawn twice,
parking spots that the network cannot see.

The size of a camera's picture is known only when it is probed; until then one of 1920 x 1080 is meant.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from edgevision.analytics.line import ANCHORS
from edgevision.analytics.line import Config as Line
from edgevision.analytics.zone import Config as Zone
from edgevision.config import LoadedConfig
from edgevision.core.geometry import inside_polygon, signed_distance
from edgevision.core.types import Floats, Size
from edgevision.document import Problem
from edgevision.spotlint import doubts

USUAL = Size(1920, 1080)
SHORT = 2.0  # px: a shorter line is a point
SMALL = 0.02  # of the picture's height: lesser objects are not reckoned with
NEAR = 0.25  # of the picture's height: an object close to the camera
SAME = 0.95  # share of a zone that lies in another one
SAMPLES = 100  # points each way to measure that with: exact to about 1 %


def warnings(
    config: LoadedConfig,
    sizes: Mapping[str, Size] | None = None,
    inputs: Mapping[str, Size] | None = None,
) -> list[str]:
    """Each with its place in the file, in the order of the file.

    sizes: those of probed cameras' pictures, by camera; inputs: of loaded networks' inputs, by model.
    """
    found: list[Problem] = []
    for name, camera in config.settings.cameras.items():
        size = (sizes or {}).get(name, USUAL)
        found += _camera(name, camera, size)
        found += _spots(name, camera, size, (inputs or {}).get(config.settings.model_of(name)))
    found.sort(key=lambda problem: config.line(*problem[0]))
    return [f"{config.where(*path)}: {text}" for path, text in found]


def _camera(camera: str, settings: Any, size: Size) -> Iterator[Problem]:
    for name, line in settings.lines.items():
        for text in _line(line, size):
            yield ("cameras", camera, "lines", name), text
    for (one, zone), (other, second) in combinations(settings.zones.items(), 2):
        for name, text in _zones(one, zone, other, second):
            yield ("cameras", camera, "zones", name), text


def _spots(camera: str, settings: Any, size: Size, network: Size | None) -> Iterator[Problem]:
    """network: the size of its input, if it is loaded; with tiles that says nothing."""
    if settings.spots:
        shrunk = network and min(network.width / size.width, network.height / size.height)
        for text in doubts(settings.spots.spots, size, None if settings.tiles else shrunk):
            yield ("cameras", camera, "spots"), text


def _line(line: Line, size: Size) -> Iterator[str]:
    start, end = line.ends(size)
    length = float(np.hypot(*(end - start)))
    picture = f"a picture of {size.width} x {size.height}"
    if length < SHORT:
        yield f"the line is {length:.1f} px long in {picture}: nothing can cross between its ends"
        return
    for side, hand in ((1, "right"), (-1, "left")):
        low = SMALL * size.height
        room = _room(start, end, side, _reach(line.anchor, low, size))
        if room <= line.band * low:
            yield (
                f"it can never count: the {line.anchor} of a box higher than {SMALL:.0%} of {picture} cannot "
                f"get beyond it on its {hand}-hand side; draw it farther from the border"
            )
            return
        need = line.band * NEAR * size.height
        room = _room(start, end, side, _reach(line.anchor, 0, size))
        if room < need:
            yield (
                f"band: {line.band:g} asks an object {NEAR:.0%} as high as the picture to get {need:.0f} px "
                f"away from the line, and on its {hand}-hand side there are {room:.0f} px; lower it, or draw "
                "the line farther from the border"
            )
            return


def _reach(anchor: str, height: float, size: Size) -> Floats:
    """Corners (4, 2) px of where that point of a square box can be, all of which is in the picture."""
    right, down = ANCHORS[anchor]  # from the bottom centre, in sides of the box
    left, top = (0.5 + right) * height, (1 + down) * height
    width, depth = size.width - height, size.height - height
    return np.array([(left + x, top + y) for x in (0, width) for y in (0, depth)], np.float32)


def _room(start: Floats, end: Floats, side: int, places: Floats) -> float:
    """How far (px) beyond the line on that side the farthest of the places (N, 2) px is."""
    return float((side * signed_distance(start, end, places)).max())


def _zones(one: str, zone: Zone, other: str, second: Zone) -> Iterator[tuple[str, str]]:
    """About two zones: the name of the one to warn of, and what."""
    if zone.classes and second.classes and not {*zone.classes} & {*second.classes}:
        return
    share, back = _share_inside(zone, second), _share_inside(second, zone)
    if share >= SAME and back >= SAME:
        yield other, f"it is nearly the same area as zone {one}: is one of them a copy?"
    elif max(share, back) >= SAME:
        inner, outer = (one, other) if share >= SAME else (other, one)
        yield inner, f"{max(share, back):.0%} of it lies in zone {outer}: who is there is counted in both"


def _share_inside(inner: Zone, outer: Zone) -> float:
    """The share of a zone's area that lies in another, 0..1."""
    polygon, around = (np.array(zone.polygon, np.float32) for zone in (inner, outer))
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if (high < around.min(axis=0)).any() or (low > around.max(axis=0)).any():
        return 0.0  # most of many zones: the points below would take 5 ms for each pair
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    points = (low + grid * (high - low)).astype(np.float32)
    points = points[inside_polygon(polygon, points)]
    return float(inside_polygon(around, points).mean()) if len(points) else 0.0
