"""The domain: boxes, geometry, tracking. numpy (and scipy's solver) only; no I/O, threads or clocks."""

from edgevision.core.tracker import Tracker
from edgevision.core.types import Detections, Event, Finding, Frame, Shape, Size, Track

__all__ = ["Detections", "Event", "Finding", "Frame", "Shape", "Size", "Track", "Tracker"]
