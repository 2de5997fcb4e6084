"""What is allowed in a configuration and yet is likely a mistake: lines that never count, zones drawn twice,
rows of a shelf that are too small.

The size of a camera's picture is known only when it is probed; until then one of 1920 x 1080 is meant.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from edgevision.analytics.line import ANCHORS
from edgevision.analytics.line import Config as Line
from edgevision.analytics.queue import REACH
from edgevision.analytics.queue import Config as Queue
from edgevision.analytics.shelf import Config as Shelf
from edgevision.analytics.zone import Config as Zone
from edgevision.config import LoadedConfig
from edgevision.core.geometry import inside_polygon, segment_distance, signed_distance
from edgevision.core.types import Floats, Size
from edgevision.document import Problem
from edgevision.inference.tiles import Tiles, views_of
from edgevision.lint_less import unseen
from edgevision.spotlint import doubts

Area = Zone | Queue
USUAL = Size(1920, 1080)
USUAL_INPUT = Size(640, 640)
THIN = (
    32.0  # px of a network's input: COCO calls what is less than 32 x 32 small, and there networks see badly
)
SHORT = 2.0  # px: a shorter line is a point
SMALL = 0.02  # of the picture's height: lesser objects are not reckoned with
NEAR = 0.25  # of the picture's height: an object close to the camera
SAME = 0.95  # share of a zone that lies in another one
COMMON = 0.2  # share of a row that lies in another: centres of products may
SAMPLES = 100  # points each way to measure that with: exact to about 1 %


def warnings(
    config: LoadedConfig,
    sizes: Mapping[str, Size] | None = None,
    inputs: Mapping[str, Size] | None = None,
) -> list[str]:
    """Each with its place in the file, in the order of the file; `sizes` are those of probed cameras,
    `inputs` those of the models' inputs."""
    found: list[Problem] = []
    for name, camera in config.settings.cameras.items():
        size = (sizes or {}).get(name, USUAL)
        found += [*_camera(name, camera, size), *unseen(name, camera)]
        shown = camera.window().size(size)
        seen = (inputs or {}).get(config.settings.model_of(name), USUAL_INPUT)
        for kind, each, shelf in camera.analytics():
            path = ("cameras", name, "shelves", each)
            if kind == "shelf":
                found += [(path, text) for text in _shelf(shelf, size, shown, seen, camera.tiles)]
        found += _spots(name, camera, size, shown, (inputs or {}).get(config.settings.model_of(name)))
    found.sort(key=lambda problem: config.line(*problem[0]))
    return [f"{config.where(*path)}: {text}" for path, text in found]


def _camera(camera: str, settings: Any, size: Size) -> Iterator[Problem]:
    for name, line in settings.lines.items():
        for text in _line(line, size):
            yield ("cameras", camera, "lines", name), text
    for key, what in (("zones", "zone"), ("queues", "queue")):
        for (one, area), (other, second) in combinations(getattr(settings, key).items(), 2):
            for name, text in _areas(what, one, area, other, second):
                yield ("cameras", camera, key, name), text
    for name, queue in settings.queues.items():
        for text in _front(queue, size):
            yield ("cameras", camera, "queues", name, "front"), text


def _spots(camera: str, settings: Any, size: Size, shown: Size, network: Size | None) -> Iterator[Problem]:
    """shown: the size of what the network is shown; network: of its input, if it is loaded; with tiles that
    says nothing."""
    if settings.spots:
        shrunk = network and min(network.width / shown.width, network.height / shown.height)
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


def _areas(what: str, one: str, zone: Area, other: str, second: Area) -> Iterator[tuple[str, str]]:
    """About two zones, or two queues: the name of the one to warn of, and what."""
    if zone.classes and second.classes and not {*zone.classes} & {*second.classes}:
        return
    share, back = _share_inside(zone, second), _share_inside(second, zone)
    if share >= SAME and back >= SAME:
        yield other, f"it is nearly the same area as {what} {one}: is one of them a copy?"
    elif max(share, back) >= SAME:
        inner, outer = (one, other) if share >= SAME else (other, one)
        yield inner, f"{max(share, back):.0%} of it lies in {what} {outer}: who is there is counted in both"


def _front(queue: Queue, size: Size) -> Iterator[str]:
    """About a front that nobody in the queue comes near."""
    if queue.front is None:
        return
    scale = np.array(size, np.float32)
    ends, corners = (np.array(points, np.float32) * scale for points in (queue.front, queue.polygon))
    places = ends[0] + np.linspace(0, 1, 21, dtype=np.float32)[:, None] * (ends[1] - ends[0])
    if inside_polygon(corners, places).any():
        return
    nexts = np.roll(corners, -1, axis=0)
    gaps = [segment_distance(a, b, at) for a, b in zip(corners, nexts, strict=True) for at in places]
    if min(gaps) > REACH * NEAR * size.height:
        yield (
            f"the front lies {min(gaps):.0f} px from the polygon, and who was served is told by being within "
            "an own height of it at last: draw it along the side where they leave"
        )


def _shelf(shelf: Shelf, size: Size, shown: Size, seen: Size, tiles: Tiles | None) -> Iterator[str]:
    """shown: size of what the network is shown; seen: of its input."""
    whole = max(shown.width / seen.width, shown.height / seen.height)
    least = min(view.coarse for view in views_of(shown, tiles, seen)) if tiles else whole
    places = dict(zip([row.name for row in shelf.rows], shelf.places(), strict=True))
    for name, place in places.items():
        high = float(np.ptp(place[:, 1])) * size.height / least
        if high < THIN:
            yield (
                f"row {name} is {high:.0f} px high in what the network sees ({seen.width} x {seen.height}), "
                f"and below {THIN:.0f} px networks miss most: use `tiles:`, or bring the camera nearer"
            )
    for (one, place), (other, second) in combinations(places.items(), 2):
        share = max(_inside(place, second), _inside(second, place))
        if share >= COMMON:
            yield f"rows {one} and {other} overlap by {share:.0%}: what stands there is counted in both"


def _share_inside(inner: Area, outer: Area) -> float:
    """The share of an area that lies in another, 0..1."""
    return _inside(np.array(inner.polygon, np.float32), np.array(outer.polygon, np.float32))


def _inside(polygon: Floats, around: Floats) -> float:
    """The share of a polygon's area that lies in another, 0..1."""
    low, high = polygon.min(axis=0), polygon.max(axis=0)
    if (high < around.min(axis=0)).any() or (low > around.max(axis=0)).any():
        return 0.0  # most of many zones: the points below would take 5 ms for each pair
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
    points = (low + grid * (high - low)).astype(np.float32)
    points = points[inside_polygon(polygon, points)]
    return float(inside_polygon(around, points).mean()) if len(points) else 0.0
