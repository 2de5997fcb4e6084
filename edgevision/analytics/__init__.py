"""Questions asked of the tracks. One file here is one question; cameras configure it under its key."""

from edgevision.analytics import area, line, look, shelf, speed, trips, zone
from edgevision.analytics.base import (
    Analytic,
    Blindable,
    Compound,
    Finisher,
    Gauged,
    Keeper,
    Listener,
    PixelAnalytic,
)

__all__ = [
    "ANALYTICS",
    "Analytic",
    "Blindable",
    "Compound",
    "Finisher",
    "Gauged",
    "Keeper",
    "Listener",
    "PixelAnalytic",
]

# name of the analytic, as events and metrics have it -> its module: KEY, Config, build(config).
# They are asked in this order; who listens to others comes after them.
ANALYTICS = {
    "line": line,
    "zone": zone,
    "area": area,
    "look": look,
    "shelf": shelf,
    "speed": speed,
    "trips": trips,
}
