"""Questions asked of the tracks. One file here is one question; cameras configure it under its key."""

from edgevision.analytics import line, look, zone
from edgevision.analytics.base import Analytic

__all__ = ["ANALYTICS", "Analytic"]

# name of the analytic, as events and metrics have it -> its module: KEY, Config, build(config)
ANALYTICS = {"line": line, "zone": zone, "look": look}
