"""Questions asked of the tracks. One file here is one question; cameras configure it under its key."""

from edgevision.analytics import area, line, look, zone
from edgevision.analytics.base import Analytic, PixelAnalytic

__all__ = ["ANALYTICS", "Analytic", "PixelAnalytic"]

# name of the analytic, as events and metrics have it -> its module: KEY, Config, build(config)
ANALYTICS = {"line": line, "zone": zone, "area": area, "look": look}
