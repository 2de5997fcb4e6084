"""Takes frames through the network: preprocess, infer, decode, all in one thread."""

import time
from dataclasses import dataclass

from edgevision.core.types import Detections
from edgevision.inference.detector import Detector
from edgevision.pipeline.heartbeat import Heartbeat
from edgevision.pipeline.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker made of a frame, and when it was through with each stage (time.monotonic() s)."""

    detections: Detections
    taken: float
    preprocessed: float
    inferred: float
    finished: float


class Worker:
    """One of the workers of a model. They share its session; each has its own buffers."""

    def __init__(self, name: str, detector: Detector, scheduler: Scheduler) -> None:
        self.heartbeat = Heartbeat(name)
        self._detector = detector
        self._scheduler = scheduler
        self._preprocess = detector.preprocessor()

    def run(self) -> None:
        """Until no frame will come any more."""
        while ticket := self._scheduler.take():
            taken = time.monotonic()
            with self.heartbeat.doing("preprocess"):
                tensor, placement = self._preprocess(ticket.frame.image)
            preprocessed = time.monotonic()
            with self.heartbeat.doing("infer"):
                outputs = self._detector.infer(tensor)
            inferred = time.monotonic()
            with self.heartbeat.doing("postprocess"):
                detections = self._detector.decode(outputs, placement)
            self._scheduler.done(ticket, Seen(detections, taken, preprocessed, inferred, time.monotonic()))
