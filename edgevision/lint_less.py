"""What a camera that looks at less than all may miss: shapes outside of its `region`, crossings between two
keyframes."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from edgevision.core.geometry import inside_polygon
from edgevision.core.types import Floats
from edgevision.document import Problem

SLIGHT = 0.05  # of a shape: so much may stick out, as of a polygon that is drawn round the region by hand
SAMPLES = 50  # points each way to measure that with


def unseen(camera: str, settings: Any) -> Iterator[Problem]:
    if settings.decode == "keyframes":
        for name in settings.lines:
            text = (
                "`decode: keyframes` looks at one picture in 1 to 10 s, and who crosses in between is missed"
            )
            yield ("cameras", camera, "lines", name), f"{text}: leave that out, or count in a zone"
    if not settings.region:
        return
    low, high = np.array(settings.region, np.float32).reshape(2, 2)
    for path, shapes in _shapes(settings):
        share = max(_outside(shape, low, high) for shape in shapes)
        if share > SLIGHT:
            how = "lies" if share > 1 - SLIGHT else f"lies to {share:.0%}"
            text = f"it {how} outside of the camera's `region`, where the network sees nothing"
            yield ("cameras", camera, *path), text


def _shapes(settings: Any) -> Iterator[tuple[tuple[str | int, ...], Sequence[Floats]]]:
    """What objects are sought in: points (K, 2) in shares, two for a line. Not `looks`: their networks are
    shown the place itself."""
    for name, line in settings.lines.items():
        yield ("lines", name), [np.array([line.from_, line.to], np.float32)]
    for key in ("zones", "queues", "areas"):
        for name, area in getattr(settings, key).items():
            yield (key, name), [np.array(area.polygon, np.float32)]
    for name, shelf in settings.shelves.items():
        yield ("shelves", name), shelf.places()
    for name, spot in (settings.spots.spots if settings.spots else {}).items():
        # Those of a file of their own have no line in this one.
        inner = ("places", name) if name in settings.spots.places else ()
        yield ("spots", *inner), [np.array(spot, np.float32)]


def _outside(shape: Floats, low: Floats, high: Floats) -> float:
    """The share of a polygon's area, or of the line between two points, that is not between two corners."""
    steps = (np.arange(SAMPLES) + 0.5) / SAMPLES
    if len(shape) == 2:
        points = shape[0] + steps[:, None] * (shape[1] - shape[0])
    else:
        first, last = shape.min(axis=0), shape.max(axis=0)
        grid = np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2)
        points = (first + grid * (last - first)).astype(np.float32)
        points = points[inside_polygon(shape, points)]
    seen = ((points >= low) & (points <= high)).all(axis=1)
    return 1 - float(seen.mean()) if len(points) else 0.0
