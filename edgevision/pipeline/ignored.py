"""Places at which nothing is to be seen: a road behind the fence, a poster of a car, a mirror."""

from collections.abc import Sequence

import numpy as np

from edgevision.core.geometry import inside_polygon
from edgevision.core.types import Detections, Floats, Size


def without_ignored(found: Detections, polygons: Sequence[Floats], size: Size) -> Detections:
    """Those whose bottom centre, where an object stands, lies in none of the polygons.

    polygons: (K, 2) float32 each, 0..1 of the picture. size: of the picture that the boxes are in.
    """
    if not polygons or not len(found):
        return found
    boxes = found.boxes
    stands = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
    places: Floats = stands / np.array(size, np.float32)
    hidden = inside_any(polygons, places)
    return found[~hidden] if hidden.any() else found


def inside_any(polygons: Sequence[Floats], points: Floats) -> np.ndarray:
    """Which of the points (N, 2) lie in one of the polygons, (K, 2) each, at least: (N,) bool."""
    inside = np.zeros(len(points), bool)
    for polygon in polygons:
        inside |= inside_polygon(polygon, points)
    return inside
