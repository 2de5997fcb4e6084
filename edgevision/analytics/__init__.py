"""Questions asked of the tracks. One file here is one question; cameras configure it under its key."""

from edgevision.analytics import area, heatmap, line, look, queue, shelf, speed, spots, trips, zone
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
    Resting,
    Stateful,
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
    "Resting",
    "Stateful",
    "is_single",
    "keys_of",
]

# name of the analytic, as events and metrics have it -> its module: KEY, Config, build(config).
# They are asked in this order; who listens to others comes after them.
ANALYTICS = {
    "line": line,
    "zone": zone,
    "spots": spots,
    "queue": queue,
    "heatmap": heatmap,
    "area": area,
    "look": look,
    "shelf": shelf,
    "speed": speed,
    "trips": trips,
}


def is_single(kind: str) -> bool:
    """Whether a camera has one of it, named like its key, instead of several with names of their own."""
    return getattr(ANALYTICS[kind], "SINGLE", False)


def keys_of(kind: str, name: str) -> tuple[str, ...]:
    """Where an analytic stands below its camera: ("lines", "gate"), or ("spots",)."""
    key: str = ANALYTICS[kind].KEY
    return (key,) if is_single(kind) else (key, name)
