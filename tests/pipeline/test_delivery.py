import logging
import threading

import numpy as np
import pytest

from edgevision.core import Event, Frame
from edgevision.errors import OutputError
from edgevision.metrics import Metrics
from edgevision.outputs import Result
from edgevision.pipeline.crew import Crew, join
from edgevision.pipeline.delivery import EVENT_QUEUE, FRAME_QUEUE, Delivery


class Recorder:
    """An output that keeps what it is given, and can be held up or made to fail."""

    def __init__(self, name: str = "recorder", camera: str | None = None, wants_frames: bool = False) -> None:
        self.name = name
        self.address = name
        self.camera = camera
        self.wants_frames = wants_frames
        self.results: list[Result] = []
        self.open = threading.Event()
        self.open.set()
        self.error: OSError | None = None
        self.closed = False

    def write(self, result: Result) -> None:
        self.open.wait(30)
        if self.error:
            raise self.error
        self.results.append(result)

    def close(self) -> None:
        self.closed = True


def event(number: int) -> Event:
    return Event(
        f"gate:line:{number:08d}", "gate", "line", "line", "crossed_in", "car", 1, number, 0.9, 0.0, 0.0
    )


def result(number: int, camera: str = "gate", events: int = 1) -> Result:
    frame = Frame(camera, 1, number, np.zeros((2, 2, 3), np.uint8), number, 0.0, 0.0)
    return Result(camera, [event(number)] * events, frame)


def deliver(*outputs: Recorder) -> tuple[Delivery, Metrics, list[threading.Thread]]:
    metrics = Metrics()
    delivery = Delivery(outputs, metrics)
    delivery.start(Crew(on_error=lambda: None))
    return delivery, metrics, delivery.threads


def finish(delivery: Delivery, threads: list[threading.Thread]) -> None:
    delivery.close()
    assert join(threads, 10) == []


def test_each_output_gets_what_it_wants() -> None:
    events, frames, other = (
        Recorder("a"),
        Recorder("b", "gate", wants_frames=True),
        Recorder("c", "yard", True),
    )
    delivery, metrics, threads = deliver(events, frames, other)
    delivery.hand_on(result(1, events=0), live=False)
    delivery.hand_on(result(2, events=2), live=False)
    finish(delivery, threads)
    assert [(len(r.events), r.frame) for r in events.results] == [(2, None)]
    assert [r.frame.index for r in frames.results if r.frame] == [1, 2]
    assert other.results == []
    assert metrics.value("events_total") == 2
    assert events.closed
    assert frames.closed


def test_a_file_loses_nothing_on_a_slow_output() -> None:
    slow = Recorder(wants_frames=True)
    slow.open.clear()
    delivery, metrics, threads = deliver(slow)

    def feed() -> None:
        for number in range(20):
            delivery.hand_on(result(number), live=False)

    feeder = threading.Thread(target=feed, name="feeder")
    feeder.start()
    feeder.join(0.1)
    assert feeder.is_alive()  # waits, as a file does
    slow.open.set()
    feeder.join(10)
    finish(delivery, threads)
    assert [r.events[0].value for r in slow.results] == list(range(20))
    assert metrics.value("events_dropped_total", output="recorder") == 0


@pytest.mark.parametrize(("wants_frames", "capacity"), [(True, FRAME_QUEUE), (False, EVENT_QUEUE)])
def test_a_live_camera_never_waits_and_every_event_lost_is_counted(wants_frames: bool, capacity: int) -> None:
    slow = Recorder(wants_frames=wants_frames)
    slow.open.clear()
    delivery, metrics, threads = deliver(slow)
    for number in range(capacity + 10):
        delivery.hand_on(result(number), live=True)
    slow.open.set()
    finish(delivery, threads)
    lost = metrics.value("events_dropped_total", output="recorder")
    assert lost in (9, 10)  # the one being written is no longer in the queue
    assert len(slow.results) + lost == capacity + 10
    assert slow.results[-1].events[0].value == capacity + 9


def test_a_failing_output_is_counted_logged_once_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    output = Recorder()
    output.error = OSError(28, "No space left on device")
    delivery, metrics, threads = deliver(output)
    with caplog.at_level(logging.INFO):
        for number in range(5):
            delivery.hand_on(result(number), live=False)
        while metrics.value("output_errors_total", output="recorder") != 5:
            threading.Event().wait(0.01)
        output.error = None
        delivery.hand_on(result(5), live=False)
        finish(delivery, threads)
    assert [record.message for record in caplog.records] == [
        "output fails: [Errno 28] No space left on device",
        "output works again",
    ]
    assert [r.events[0].value for r in output.results] == [5]


@pytest.mark.parametrize("removed", [True, False])
def test_an_output_that_cannot_be_finished_ends_the_process_only_with_it(
    removed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload removes it while the disk is full: counting goes on. At the end of a run it is an error."""
    output, errors = Recorder(), []

    def fails() -> None:
        raise OutputError("cannot write a heatmap: No space left on device")

    monkeypatch.setattr(output, "close", fails)
    crew = Crew(on_error=lambda: errors.append("stopped"))
    delivery = Delivery([output], Metrics())
    delivery.start(crew)
    threads = delivery.threads
    if removed:
        delivery.remove("recorder")
    finish(delivery, threads)
    assert errors == ([] if removed else ["stopped"])
