"""Takes frames through the network: preprocess, infer, decode, all in one thread."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edgevision.core.types import Detections, Frame, Image, Segmentation
from edgevision.inference.detector import Detector
from edgevision.inference.seams import merge
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.tiles import View, views_of
from edgevision.pipeline.heartbeat import Heartbeat
from edgevision.pipeline.scheduler import Scheduler, Ticket


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker made of a frame, and when it was through with each stage (time.monotonic() s). Of a frame
    in tiles, whose stages take turns, the times are those at which each would have ended on its own."""

    detections: Detections
    taken: float
    preprocessed: float
    inferred: float
    finished: float
    segmentation: Segmentation | None = None  # of a network that makes a map, and no detections


class Worker:
    """One of the workers of a model. They share its session; each has its own buffers."""

    def __init__(self, name: str, network: Detector | Segmenter, scheduler: Scheduler) -> None:
        self.heartbeat = Heartbeat(name)
        self._network = network
        self._scheduler = scheduler
        self._preprocess = network.preprocessor()

    def run(self) -> None:
        """Until no frame will come any more."""
        while ticket := self._scheduler.take():
            self._scheduler.done(ticket, self._look(ticket))

    def _look(self, ticket: Ticket) -> Seen:
        frame, tiles = ticket.frame, ticket.lane.tiles
        views: list[View | None] = [None]
        if tiles:
            views = [*views_of(frame.size, tiles, self._network.input.size)]
        found: list[Detections | Segmentation] = []
        taken = began = time.monotonic()
        preprocess = infer = 0.0
        for view in views:
            image = view.of(frame.image) if view else frame.image
            answer, preprocessed, inferred = self._run(image, frame)
            preprocess += preprocessed - began
            infer += inferred - preprocessed
            found.append(answer)
            began = time.monotonic()
        with self.heartbeat.doing("postprocess", frame):
            seen = merge(_of_views(views, found)) if tiles else found[0]
        segmentation = seen if isinstance(seen, Segmentation) else None
        detections = Detections.empty() if isinstance(seen, Segmentation) else seen
        inferred = taken + preprocess + infer
        return Seen(detections, taken, taken + preprocess, inferred, time.monotonic(), segmentation)

    def _run(self, image: Image, frame: Frame) -> tuple[Detections | Segmentation, float, float]:
        """What the network sees in the image, and when it was prepared and run (time.monotonic() s)."""
        with self.heartbeat.doing("preprocess", frame):
            tensor, placement = self._preprocess(image)
        preprocessed = time.monotonic()
        with self.heartbeat.doing("infer", frame):
            outputs = self._network.infer(tensor)
        inferred = time.monotonic()
        with self.heartbeat.doing("postprocess", frame):
            return self._network.decode(outputs, placement), preprocessed, inferred


def _of_views(
    views: Sequence[View | None], found: Sequence[Detections | Segmentation]
) -> Iterator[tuple[View, Detections]]:
    for view, answer in zip(views, found, strict=True):
        if view is not None and isinstance(answer, Detections):
            yield view, answer
