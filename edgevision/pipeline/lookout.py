"""Watches over one camera's view for the pipeline: what it finds goes to the metrics, the log and /readyz."""

import logging
from collections.abc import Collection

import numpy as np

from edgevision.core.types import Finding, Frame, Shape, Size
from edgevision.log import fields
from edgevision.metrics import CameraMetrics
from edgevision.sight import CLEAR, Sight

WORDS = {
    CLEAR: "the view is clear again; counting goes on",
    "covered": "the view is covered: clean the lens, or take away what hides it; nothing is counted until "
    "then",
    "dark": "the picture is black: there is no light; nothing is counted until there is",
    "frozen": "the picture stands still: restart the camera; nothing is counted until it moves",
    "defocused": "the picture is blurred: focus the camera or clean its lens; nothing is counted until then",
    "moved": "the camera has been moved: turn it back, or draw its lines and zones anew; "
    "nothing is counted until then",
}


class Lookout:
    """One camera's view, by the name that its events have. It belongs to the thread of the committer."""

    kind = name = "sight"

    def __init__(self, camera: str, judged: Collection[str], metrics: CameraMetrics) -> None:
        """judged: kinds of fault to notice, maybe none."""
        self._camera = camera
        self._sight = Sight(judged)
        self._metrics = metrics
        self._states = [*sorted(judged), CLEAR] if judged else []
        for state in self._states:
            metrics.count(self.kind, self.name, state, "", by=0)
        metrics.sight(CLEAR, self._states)

    @property
    def clear(self) -> bool:
        """Whether what is counted can be trusted."""
        return self._sight.state == CLEAR

    def look(self, frame: Frame) -> list[Finding]:
        """Judge a frame, now and then. What is believed anew."""
        findings = self._sight.look(frame.image, frame.ts)
        for finding in findings:
            self._metrics.sight(finding.kind, self._states)
            level = logging.INFO if finding.kind == CLEAR else logging.WARNING
            facts = fields(camera=self._camera, sight=finding.kind)
            logging.getLogger(__name__).log(level, WORDS[finding.kind], extra=facts)
        return findings

    def trouble(self) -> str | None:
        """What is wrong with the view, in words; from any thread."""
        state = self._sight.state
        return None if state == CLEAR else f"camera {self._camera}: {WORDS[state]}"

    def shapes(self, size: Size) -> list[Shape]:
        """What to show of it."""
        place = np.array([[0.02 * size.width, 0.1 * size.height]] * 2, np.float32)
        return [] if self.clear else [Shape(place, closed=True, text=self._sight.state)]
