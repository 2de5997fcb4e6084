"""Takes frames through the network: preprocess, infer, decode, all in one thread."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgevision.core.types import Detections, Frame, Image, Segmentation, Size
from edgevision.inference.detector import Detector
from edgevision.inference.seams import merge
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.tiles import View, views_of
from edgevision.pipeline.heartbeat import Heartbeat
from edgevision.pipeline.lane import Ticket
from edgevision.pipeline.scheduler import Scheduler


@dataclass(frozen=True, slots=True)
class Seen:
    """What a worker made of a frame, and when it was through with each stage (time.monotonic() s). Of a frame
    in tiles, whose stages take turns, and of frames in one batch, which wait for each other, the times are
    those at which each would have ended on its own; what is waited counts as queue."""

    detections: Detections
    taken: float
    preprocessed: float
    inferred: float
    finished: float
    segmentation: Segmentation | None = None  # of a network that makes a map, and no detections


@dataclass(slots=True, eq=False)
class Work:
    """A frame that is being worked on, and the seconds that were spent on it so far."""

    ticket: Ticket
    image: Image  # all that the network is to see of it
    views: list[View | None]
    taken: float
    found: list[Detections | Segmentation] = field(default_factory=list)  # in each view
    preprocess: float = 0.0
    infer: float = 0.0
    postprocess: float = 0.0

    @property
    def frame(self) -> Frame:
        return self.ticket.frame


Part = tuple[Work, View | None]


class Worker:
    """One of the workers of a model. They share its session; each has its own buffers."""

    def __init__(
        self,
        name: str,
        network: Detector | Segmenter,
        scheduler: Scheduler,
        batch: int = 1,
        told: Callable[[int], None] = lambda _: None,
        shift: int = 0,
    ) -> None:
        """batch: pictures that one run takes at most. told: how many each run took. shift: see Scheduler."""
        self.heartbeat = Heartbeat(name)
        self.frames, self.seconds = 0, 0.0  # that it is through with, and that it spent on them
        self._shift = shift
        self._network = network
        self._scheduler = scheduler
        self._batch = batch
        self._told = told
        if batch == 1:
            self._preprocess = [network.preprocessor()]
            return
        self._tensor = np.zeros((batch, *network.input.shape[1:]), network.input.dtype)
        self._preprocess = [network.preprocessor(self._tensor[row : row + 1]) for row in range(batch)]

    def run(self) -> None:
        """Until no frame will come any more, or its shift is over."""
        while tickets := self._scheduler.take_several(self._batch, self._shift):
            self._look(tickets)

    def _look(self, tickets: Sequence[Ticket]) -> None:
        taken = time.monotonic()
        works = [self._work(ticket, taken) for ticket in tickets]
        parts = [(work, view) for work in works for view in work.views]
        for start in range(0, len(parts), self._batch):
            self._run(parts[start : start + self._batch])

    def _work(self, ticket: Ticket, taken: float) -> Work:
        lane, image = ticket.lane, ticket.frame.image
        if lane.region:
            image = lane.region.of(image)
        if lane.tiles is None:
            return Work(ticket, image, [None], taken)
        size = Size(image.shape[1], image.shape[0])
        views: list[View | None] = [*views_of(size, lane.tiles, self._network.input.size)]
        lane.views = len(views)
        return Work(ticket, image, views, taken)

    def _run(self, parts: Sequence[Part]) -> None:
        """Take some pictures through the network at once; frames of which these were the last are done."""
        placements = []
        for (work, view), preprocess in zip(parts, self._preprocess, strict=False):
            began = time.monotonic()
            with self.heartbeat.doing("preprocess", work.frame):
                tensor, placement = preprocess(view.of(work.image) if view else work.image)
            placements.append(placement)
            work.preprocess += time.monotonic() - began
        began = time.monotonic()
        with self.heartbeat.doing("infer", parts[0][0].frame):
            outputs = self._network.infer(tensor if self._batch == 1 else self._tensor[: len(parts)])
        spent = time.monotonic() - began
        self._told(len(parts))
        for work in {id(work): work for work, _ in parts}.values():
            work.infer += spent
        for row, ((work, _), placement) in enumerate(zip(parts, placements, strict=True)):
            own = outputs if len(parts) == 1 else [output[row : row + 1] for output in outputs]
            began = time.monotonic()
            with self.heartbeat.doing("postprocess", work.frame):
                work.found.append(self._network.decode(own, placement))
            work.postprocess += time.monotonic() - began
            if len(work.found) == len(work.views):
                self._finish(work)

    def _finish(self, work: Work) -> None:
        began = time.monotonic()
        lane = work.ticket.lane
        with self.heartbeat.doing("postprocess", work.frame):
            seen = merge(_of_views(work.views, work.found)) if lane.tiles else work.found[0]
            if lane.region and isinstance(seen, Detections):
                seen = lane.region.placed(seen, work.frame.size)
        preprocessed = work.taken + work.preprocess
        inferred = preprocessed + work.infer
        finished = inferred + work.postprocess + (time.monotonic() - began)
        self.frames += 1
        self.seconds += finished - work.taken
        segmentation = seen if isinstance(seen, Segmentation) else None
        detections = Detections.empty() if isinstance(seen, Segmentation) else seen
        result = Seen(detections, work.taken, preprocessed, inferred, finished, segmentation)
        self._scheduler.done(work.ticket, result)


def _of_views(
    views: Sequence[View | None], found: Sequence[Detections | Segmentation]
) -> Iterator[tuple[View, Detections]]:
    for view, answer in zip(views, found, strict=True):
        if view is not None and isinstance(answer, Detections):
            yield view, answer
