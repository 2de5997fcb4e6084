"""edgevision: cameras in, counts you can trust out.

`import edgevision` costs nothing: each name below is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edgevision.core.tracker import Tracker
    from edgevision.core.types import Detections, Finding, Frame, Size, Track
    from edgevision.library.analytics import Line, Zone
    from edgevision.library.drawing import Drawing, annotate
    from edgevision.library.frames import Frames, open_source
    from edgevision.library.network import Network, load
    from edgevision.library.with_supervision import from_supervision, to_supervision

__version__ = "0.1.0"

__all__ = [
    "Detections",
    "Drawing",
    "Finding",
    "Frame",
    "Frames",
    "Line",
    "Network",
    "Size",
    "Track",
    "Tracker",
    "Zone",
    "annotate",
    "from_supervision",
    "load",
    "open_source",
    "to_supervision",
]

_MODULES = {
    "core.tracker": ("Tracker",),
    "core.types": ("Detections", "Finding", "Frame", "Size", "Track"),
    "library.analytics": ("Line", "Zone"),
    "library.drawing": ("Drawing", "annotate"),
    "library.frames": ("Frames", "open_source"),
    "library.network": ("Network", "load"),
    "library.with_supervision": ("from_supervision", "to_supervision"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


if not TYPE_CHECKING:  # which would believe that there is any name

    def __getattr__(name: str) -> Any:
        if name not in _MODULE_OF:
            raise AttributeError(f"module 'edgevision' has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(f"edgevision.{_MODULE_OF[name]}"), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
