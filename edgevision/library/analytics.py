"""Lines and zones, made by a program. They are those of the service, which their modules describe."""

from collections.abc import Collection, Sequence
from typing import Literal

from edgevision.analytics import line, zone
from edgevision.library.checked import checked

Point = tuple[float, float]  # x, y: 0..1 of the frame, from its top left corner


class Line(line.LineCounter):
    """A line to count at. Give it each frame's tracks, and at the end of a recording ask it to `finish`."""

    def __init__(
        self,
        start: Point,
        end: Point,
        *,
        classes: Collection[str] = (),
        band: float = 0.1,
        hold: float = 0.2,
        anchor: Literal["bottom", "center", "top", "left", "right"] = "bottom",
    ) -> None:
        """Who crosses from the left hand to the right hand of one that walks from start to end goes in.

        classes: count only these. band: half width of the dead band, as a share of a box's height.
        hold: seconds that one must stay on the other side. anchor: which point of a box must cross.
        """
        settings = {"from": start, "to": end, "classes": list(classes), "band": band, "hold": hold}
        super().__init__(checked(line.Config, "edgevision.Line", **settings, anchor=anchor))


class Zone(zone.Zone):
    """An area to watch: who enters and leaves, how many are inside (`occupancy()`), how long they stay."""

    def __init__(
        self,
        polygon: Sequence[Point],
        *,
        classes: Collection[str] = (),
        hold: float = 0.5,
        dwell: bool = False,
    ) -> None:
        """classes: watch only these. hold: s that a change must last. dwell: tell how long stays were."""
        values = {"polygon": list(polygon), "classes": list(classes), "hold": hold, "dwell": dwell}
        super().__init__(checked(zone.Config, "edgevision.Zone", **values))
