"""Takes results to the outputs. Each output has a queue and a thread, so a slow one holds up no camera.

With a journal (an output of type sqlite) events are kept first, and the others are given them from there.
"""

import logging
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

from edgevision.errors import OutputError
from edgevision.journal import Follower
from edgevision.log import fields
from edgevision.metrics import Metrics
from edgevision.outputs import Losing, Output, Remembering, Result, Telling
from edgevision.outputs.sqlite import Sqlite
from edgevision.pipeline.channel import Channel
from edgevision.pipeline.crew import Crew
from edgevision.pipeline.following import GRACE, Following
from edgevision.pipeline.heartbeat import Heartbeat
from edgevision.pipeline.keeping import Keeping
from edgevision.pipeline.viewing import Viewing

EVENT_QUEUE = 1000  # results with events, a few hundred bytes each
FRAME_QUEUE = 4  # results with their frame, some MB each

log = logging.getLogger(__name__)


class Delivery:
    """Fans results out to all outputs that want them. The outputs are open already; it closes them."""

    def __init__(
        self,
        outputs: Sequence[Output],
        metrics: Metrics,
        journal: Sqlite | None = None,
        viewing: Viewing | None = None,
    ) -> None:
        """journal: where events are kept before outputs are given them. viewing: for those who look on."""
        self._events = metrics.events
        self._metrics = metrics
        self.journal = journal
        self._viewing = viewing
        self.news = 0  # rises when something was kept
        self._crew: Crew | None = None
        self.threads: list[Thread] = []
        self._keeping = Keeping(journal, metrics, self._tell) if journal else None
        self._lanes = tuple(self._lane(output) for output in outputs)  # replaced as a whole

    @property
    def heartbeats(self) -> list[Heartbeat]:
        lanes = [lane.heartbeat for lane in self._lanes]
        return lanes + ([self._keeping.heartbeat] if self._keeping else [])

    def shows(self, camera: str) -> bool:
        """Whether anybody wants the frames of this camera."""
        viewed = self._viewing is not None and self._viewing.wanted(camera)
        return viewed or any(
            lane.output.wants_frames and lane.output.camera in (None, camera) for lane in self._lanes
        )

    @property
    def keeps(self) -> bool:
        """Whether what is handed on survives a restart."""
        return self._keeping is not None

    def start(self, crew: Crew) -> None:
        self._crew = crew
        for each in [*self._lanes, *([self._keeping] if self._keeping else [])]:
            self.threads.append(crew.start(f"output {each.output.name}", each.run))

    def add(self, output: Output) -> None:
        """One more, while all run."""
        assert self._crew is not None
        lane = self._lane(output)
        self.threads.append(self._crew.start(f"output {output.name}", lane.run))
        self._lanes = (*self._lanes, lane)

    def remove(self, name: str) -> None:
        """It still writes what is queued, and is closed."""
        for lane in self._lanes:
            if lane.output.name == name:
                if isinstance(lane, _Lane):
                    lane.removed = True
                lane.close()
        self._lanes = tuple(lane for lane in self._lanes if lane.output.name != name)
        self.threads = [thread for thread in self.threads if thread.is_alive()]

    def hand_on(self, result: Result, live: bool) -> None:
        """Queue a result. For a live camera this never waits: a full queue loses its oldest result."""
        self._events.inc(len(result.events))
        for lane in self._lanes:
            if isinstance(lane, _Lane) and lane.wants(result):
                lane.put(result, live)
        if self._viewing and result.frame is not None:
            self._viewing.offer(result)
        if self._keeping and (result.events or result.kept or self._keeping.due(result)):
            self._keeping.put(result.without_frame(), live)

    def close(self) -> None:
        """No more results will come; what is queued is still written."""
        for lane in self._lanes:
            if isinstance(lane, _Lane):
                lane.close()
        if self._keeping:
            self._keeping.close()

    def behind(self, camera: str) -> float | None:
        """time.monotonic() when the oldest was handed on of what waits to be written; None: nothing waits."""
        since = [lane.behind for lane in self._lanes if lane.output.camera in (None, camera)]
        if self._keeping:
            since.append(self._keeping.behind)
        return min((each for each in since if each is not None), default=None)

    def names(self) -> list[str]:
        """Of the outputs."""
        kept = [self._keeping.output.name] if self._keeping else []
        return kept + [lane.output.name for lane in self._lanes]

    def tell(self, state: Callable[[], dict[str, Any]]) -> None:
        """Give how things stand to the outputs that pass it on; `state` is asked if there are any."""
        telling = [lane.output for lane in self._lanes if isinstance(lane.output, Telling)]
        if telling:
            found = state()
            for output in telling:
                output.tell(found)

    def troubles(self) -> list[str]:
        """Why events are not kept, in words."""
        trouble = self._keeping and self._keeping.trouble()
        return [trouble] if trouble else []

    def _tell(self, last: bool) -> None:
        """Something was kept; last: nothing more will be."""
        self.news += 1
        for lane in self._lanes:
            if isinstance(lane, Following):
                lane.news()
                if last:
                    lane.close()

    def _lane(self, output: Output) -> "_Lane | Following":
        if self.journal is None or output.wants_frames:
            return _Lane(output, self._metrics)
        last_id = output.last_id() if isinstance(output, Remembering) else None
        follower = Follower(self.journal.journal.path, output.address, output.camera, last_id)
        return Following(output, follower, self._metrics)


class _Lane:
    """One output with its queue."""

    def __init__(self, output: Output, metrics: Metrics) -> None:
        self.output = output
        self.heartbeat = Heartbeat(f"output {output.name}", grace=GRACE)
        self._queue: Channel[Result] = Channel(FRAME_QUEUE if output.wants_frames else EVENT_QUEUE)
        self._dropped = metrics.events_dropped.labels(output.name)
        self._errors = metrics.output_errors.labels(output.name)
        self._losing = output if isinstance(output, Losing) else None
        self._failing = False
        self.removed = False  # while all others go on
        self.behind: float | None = None  # time.monotonic() when what is being written was handed on

    def wants(self, result: Result) -> bool:
        mine = self.output.camera in (None, result.camera)
        return mine and (self.output.wants_frames or bool(result.events))

    def put(self, result: Result, live: bool) -> None:
        if not self.output.wants_frames:
            result = result.without_frame()
        if live:
            lost = self._queue.put_newest(result)
            self._dropped.inc(len(lost.events) if lost else 0)
        elif not self._queue.put(result):
            self._dropped.inc(len(result.events))  # closed meanwhile: the process is ending

    def run(self) -> None:
        """Write until the queue is closed and empty."""
        try:
            while result := self._queue.get():
                self.behind = result.at
                with self.heartbeat.doing("write"):
                    self._write(result)
                self.behind = None
        finally:
            with self.heartbeat.doing("close"):
                self._end()

    def close(self) -> None:
        self._queue.close()

    def _end(self) -> None:
        try:
            self.output.close()
        except (OSError, OutputError) as error:
            if not self.removed:
                raise
            log.error("output cannot be finished: %s", error, extra=fields(output=self.output.name))
        self._count_lost()

    def _write(self, result: Result) -> None:
        try:
            self.output.write(result)
        except (OSError, OutputError) as error:
            self._errors.inc()
            self._dropped.inc(len(result.events))
            if not self._failing:
                log.error("output fails: %s", error, extra=fields(output=self.output.name))
            self._failing = True
            return
        self._count_lost()
        if self._failing:
            log.info("output works again", extra=fields(output=self.output.name))
        self._failing = False

    def _count_lost(self) -> None:
        """What the output did without by itself."""
        if self._losing and (lost := self._losing.lost()):
            self._errors.inc(lost)
            self._dropped.inc(lost)
