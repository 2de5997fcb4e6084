"""What a decoder says of a damaged stream: counted, and told in a line now and then."""

import logging
import time
from collections.abc import Sequence

from edgevision.log import fields
from edgevision.metrics import CameraMetrics

EVERY = 60.0  # s between two lines; a stream that loses a fifth of its packets gives 7 complaints a second

log = logging.getLogger(__name__)


class Complaints:
    """Of one camera. It belongs to the thread of its capture."""

    def __init__(self, camera: str, metrics: CameraMetrics) -> None:
        self._camera = camera
        self._metrics = metrics
        self._untold = 0
        self._last = ""
        self._due = float("-inf")  # time.monotonic()

    def hear(self, faults: Sequence[str]) -> None:
        if not faults:
            return
        self._metrics.decode_errors(len(faults))
        self._untold += len(faults)
        self._last = faults[-1]
        if time.monotonic() >= self._due:
            self.tell()

    def tell(self) -> None:
        """Log what has not been told."""
        if self._untold:
            facts = fields(camera=self._camera, complaints=self._untold, last=self._last)
            log.warning("the stream is damaged", extra=facts)
            self._untold = 0
            self._due = time.monotonic() + EVERY
