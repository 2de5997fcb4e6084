"""Questions asked of the tracks. One file here is one question; cameras configure it under its key."""

from edgevision.analytics import area, heatmap, line, look, queue, shelf, speed, trips, zone
from edgevision.analytics.base import (
    Analytic,
    Blindable,
    Compound,
    Counting,
    Finisher,
    Gauged,
    Gridded,
    Keeper,
    Listener,
    PixelAnalytic,
)

__all__ = [
    "ANALYTICS",
    "Analytic",
    "Blindable",
    "Compound",
    "Counting",
    "Finisher",
    "Gauged",
    "Gridded",
    "Keeper",
    "Listener",
    "PixelAnalytic",
]

# name of the analytic, as events and metrics have it -> its module: KEY, Config, build(config).
# They are asked in this order; who listens to others comes after them.
ANALYTICS = {
    "line": line,
    "zone": zone,
    "queue": queue,
    "heatmap": heatmap,
    "area": area,
    "look": look,
    "shelf": shelf,
    "speed": speed,
    "trips": trips,
}
