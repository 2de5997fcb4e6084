"""The reconnect loop against sources that play a script."""

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from edgevision.core import Frame
from edgevision.errors import SourceError
from edgevision.metrics import Metrics
from edgevision.pipeline import capture as module
from edgevision.pipeline import reader
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.rest import Rest
from edgevision.pipeline.scheduler import Scheduler
from edgevision.sources import LiveSettings, Picture
from tests.waiting import wait_until


class Script:
    """Gives the pictures of one session after the other; a session may end with an error."""

    def __init__(self, *sessions: Sequence[Picture | SourceError], live: bool = True) -> None:
        self.live = live
        self.frame_rate: float | None = None
        self._sessions = list(sessions)
        self.opened = 0
        self.finished = threading.Event()  # ends the capture when the script is played

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        self.opened += 1
        if not self._sessions:
            self.finished.set()
            return
        for step in self._sessions.pop(0):
            if isinstance(step, SourceError):
                raise step
            yield step


def picture(ts: float | None = None, captured: float | None = None) -> Picture:
    return Picture(np.zeros((2, 2, 3), np.uint8), ts, time.monotonic() if captured is None else captured)


def live(position: float, captured: float, faults: tuple[str, ...] = ()) -> Picture:
    """A picture of a camera with a clock of its own."""
    return Picture(np.zeros((2, 2, 3), np.uint8), None, captured, position, faults)


def frames_of(capture: Capture, scheduler: Scheduler, stop: threading.Event) -> list[Frame]:
    """What comes out of it until it ends, as one worker takes it at once."""
    frames: list[Frame] = []

    def work() -> None:
        while ticket := scheduler.take():
            frames.append(ticket.frame)
            scheduler.done(ticket, "done")
            assert scheduler.next_done(ticket.lane) is ticket
            scheduler.committed(ticket)

    worker = threading.Thread(target=work, name="worker")
    worker.start()
    capture.run(stop)
    worker.join(10)
    return frames


def run(source: Script, fps: float | None = None) -> tuple[list[Frame], Capture, Metrics]:
    metrics, scheduler = Metrics(), Scheduler(workers=50)
    capture = Capture("gate", source, scheduler, metrics.camera("gate"), fps=fps, start=1000.0)
    metrics.watch_frames(scheduler.counts)
    return frames_of(capture, scheduler, source.finished), capture, metrics


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "backoff", lambda attempt, reason: 0.0)


def test_a_file_gives_each_frame_once_with_its_media_time() -> None:
    frames, capture, _ = run(Script([picture(n / 10) for n in range(5)], live=False))
    assert [(f.index, f.session) for f in frames] == [(n, 1) for n in range(5)]
    assert [f.ts for f in frames] == pytest.approx([0.0, 0.1, 0.2, 0.3, 0.4])
    assert [f.wall for f in frames] == pytest.approx([1000.0, 1000.1, 1000.2, 1000.3, 1000.4])
    assert capture.trouble() is None
    assert capture.error is None


def test_a_time_that_stands_still_or_goes_back_rises_all_the_same() -> None:
    frames, _, _ = run(Script([picture(ts) for ts in (0.0, 0.5, 0.5, 0.2, 1.0)], live=False))
    times = [frame.ts for frame in frames]
    assert times == sorted(set(times))
    assert times[-1] == 1.0


def test_a_broken_file_keeps_what_came_before_and_its_error() -> None:
    broken = SourceError("truncated", "ended after 2 of 9 frames")
    frames, capture, _ = run(Script([picture(0.0), picture(0.1), broken], live=False))
    assert len(frames) == 2
    assert capture.error is broken


def test_a_live_camera_is_opened_again_for_ever_and_says_why() -> None:
    lost = SourceError("stall", "no picture for 3.0 s")
    source = Script([picture(), lost], [SourceError("open_failed", "refused")], [picture()])
    frames, capture, metrics = run(source)
    assert {frame.session for frame in frames} <= {1, 3}
    assert source.opened == 4
    assert metrics.value("source_reconnects_total", camera="gate", reason="stall") == 1
    assert metrics.value("source_reconnects_total", camera="gate", reason="open_failed") == 1
    assert metrics.value("source_reconnects_total", camera="gate", reason="open_timeout") == 0
    assert capture.error is None


def test_the_time_of_a_live_camera_rises_over_a_reconnect() -> None:
    source = Script([picture(captured=10.0), SourceError("ended", "bye")], [picture(captured=10.0)])
    frames, _, _ = run(source)
    times = [frame.ts for frame in frames]
    assert times == sorted(set(times))


def test_a_wanted_rate_is_kept_on_average_and_the_rest_is_counted() -> None:
    frames, _, metrics = run(Script([picture(n / 25) for n in range(250)], live=False), fps=10)
    assert len(frames) == 100  # 10 s of 25 frames/s
    assert metrics.value("frames_total", camera="gate") == 250
    assert metrics.value("frames_dropped_total", camera="gate", reason="rate") == 150
    gaps = np.diff([frame.ts for frame in frames])
    assert gaps.max() <= 0.12 + 1e-9


def test_a_wanted_rate_above_the_cameras_drops_nothing() -> None:
    frames, _, _ = run(Script([picture(n / 25) for n in range(50)], live=False), fps=30)
    assert len(frames) == 50


def test_the_state_is_told_in_words_and_as_a_metric() -> None:
    metrics, scheduler = Metrics(), Scheduler(workers=1)
    source = Script([picture()])
    capture = Capture("gate", source, scheduler, metrics.camera("gate"), fps=None, start=0.0)
    assert capture.trouble() == "camera gate: connecting"
    assert metrics.value("source_state", camera="gate", state="connecting") == 1
    capture._enter("streaming")
    capture._last_frame = time.monotonic()
    assert capture.trouble() is None
    assert metrics.value("source_up", camera="gate") == 1
    capture._last_frame -= 7
    assert capture.trouble() == "camera gate: stuck, no picture for 7 s"
    capture._enter("backoff", "refused")
    assert capture.trouble() == "camera gate: backoff, refused"
    assert metrics.value("source_up", camera="gate") == 0
    assert metrics.value("source_state", camera="gate", state="streaming") == 0


def test_what_was_buffered_before_we_connected_is_dropped_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "KEPT", 10)
    burst = [live(n * 0.04, 100 + n * 0.001) for n in range(4)]
    after = [live(0.16 + n * 0.04, 100.05 + n * 0.04) for n in range(3)]
    frames, _, metrics = run(Script(burst + after))
    assert metrics.value("frames_dropped_total", camera="gate", reason="burst") == 4
    assert metrics.value("frames_total", camera="gate") == 7
    assert {frame.index for frame in frames} <= {4, 5, 6}


def test_pictures_that_come_late_end_a_session_but_only_once_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At half speed, for 40 s: what comes late is better than nothing."""
    monkeypatch.setattr(reader, "KEPT", 10_000)
    slow = [live(n * 0.5, 100.0 + n) for n in range(40)]
    again = [live(n * 0.5, 120.0 + n) for n in range(40)]
    source = Script(slow, again)
    _, _, metrics = run(source)
    assert metrics.value("source_reconnects_total", camera="gate", reason="lag") == 1
    assert (metrics.value("source_lag_seconds", camera="gate") or 0) > 15
    assert source.opened == 3


def test_a_clock_that_is_set_is_counted_and_the_frames_times_go_on() -> None:
    positions = [0.0, 0.04, 0.08, 3600.0, 3600.04]
    frames, _, metrics = run(Script([live(at, 100 + n * 0.04) for n, at in enumerate(positions)]))
    assert metrics.value("pts_jumps_total", camera="gate") == 1
    assert max(frame.ts for frame in frames) == pytest.approx(100.16)


def test_complaints_of_a_decoder_are_counted_and_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    pictures = [live(n * 0.04, 100 + n * 0.04, ("h264: error while decoding",) * 3) for n in range(4)]
    _, _, metrics = run(Script(pictures))
    assert metrics.value("decode_errors_total", camera="gate") == 12
    told = [record for record in caplog.records if "damaged" in record.message]
    assert [record.fields["complaints"] for record in told] == [3, 9]  # type: ignore[attr-defined]


class Hangs:
    """Gives a picture and then never returns, so many times; then it gives pictures until it is stopped."""

    live = True
    frame_rate: float | None = None

    def __init__(self, times: int) -> None:
        self.left = times
        self.let_go = threading.Event()

    def pictures(self, stop: threading.Event) -> Iterator[Picture]:
        hangs = self.left > 0
        self.left -= 1
        while not stop.wait(0.01):
            yield picture()
            if hangs:
                self.let_go.wait()


@pytest.mark.parametrize("times", [2, 5])
def test_a_read_that_never_returns_is_left_behind_and_only_so_many(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "CLOSE", 0.01)
    monkeypatch.setattr(reader, "HOPELESS", 0.05)
    source, stop = Hangs(times), threading.Event()
    metrics, scheduler = Metrics(), Scheduler(workers=1)
    patience = LiveSettings(open=0.1, stall=0.1)
    camera = metrics.camera("gate")
    capture = Capture("gate", source, scheduler, camera, fps=None, start=0.0, live=patience)
    thread = threading.Thread(target=capture.run, args=(stop,), name="capture")
    thread.start()
    try:
        lost = min(times, reader.MOST_LEFT)
        wait_until(lambda: capture.hanging() >= lost)
        assert metrics.value("capture_threads_lost_total", camera="gate") == lost
        if times > reader.MOST_LEFT:
            assert source.left == times - reader.MOST_LEFT  # it is not opened any more
            assert capture.trouble() == "camera gate: stuck, 3 reads hang in the video library"
            source.left = 0
            source.let_go.set()
        wait_until(lambda: metrics.value("source_up", camera="gate") == 1)
        assert capture.trouble() is None
    finally:
        stop.set()
        source.let_go.set()
        thread.join(5)


def test_what_one_camera_sends_cannot_end_the_others(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Script):
        def pictures(self, stop: threading.Event) -> Iterator[Picture]:
            for each in super().pictures(stop):
                yield each
                raise RuntimeError("no such colour")

    _, _, metrics = run(Broken([picture()]))
    assert metrics.value("source_reconnects_total", camera="gate", reason="failed") == 1
    assert "RuntimeError" in caplog.text  # with its traceback, for whoever is to mend it


def test_a_camera_that_knows_us_not_is_asked_again_in_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, str]] = []
    states: list[str] = []

    def wait(attempt: int, reason: str) -> float:
        asked.append((attempt, reason))
        return 0.0

    monkeypatch.setattr(module, "backoff", wait)
    monkeypatch.setattr(Capture, "_enter", lambda _, state, reason="": states.append(state))
    refused = SourceError("auth", "wrong password")
    run(Script([refused], [SourceError("stall", "silent")], [refused]))
    assert asked[:3] == [(1, "auth"), (2, "stall"), (3, "auth")]
    assert [state for state in states if state in ("refused", "backoff")][:2] == ["refused", "backoff"]


def test_a_pause_lets_go_of_the_source_and_is_no_trouble() -> None:
    """Also in the midst of a long wait for a camera that is away."""

    class Endless(Script):
        """Pictures until it is told to stop, and what it was told."""

        closed = 0

        def pictures(self, stop: threading.Event) -> Iterator[Picture]:
            self.opened += 1
            try:
                while not stop.wait(0.01):
                    yield picture()
            finally:
                self.closed += 1

    source, scheduler, metrics = Endless([]), Scheduler(1), Metrics()
    capture = Capture("gate", source, scheduler, metrics.camera("gate"), fps=None, start=0.0)
    stop = threading.Event()
    thread = threading.Thread(target=capture.run, args=(stop,), name="capture")
    thread.start()

    def becomes(state: str) -> None:
        wait_until(lambda: capture.state == state)

    try:
        becomes("streaming")
        capture.rest.wanted = True
        becomes("paused")
        assert (source.opened, source.closed) == (1, 1)
        assert capture.trouble() is None
        assert metrics.value("source_state", camera="gate", state="paused") == 1
        capture.rest.wanted = False
        becomes("streaming")
        assert source.opened == 2
        capture.rest.wanted = True
        becomes("paused")
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()
    assert (source.opened, source.closed) == (2, 2)  # to end it did not open it once more


def test_nobody_waits_out_a_long_back_off_for_a_pause() -> None:
    rest, stop = Rest(), threading.Event()
    waiting = threading.Thread(target=rest.wait, args=(600.0, stop))
    waiting.start()
    rest.wanted = True
    waiting.join(10)
    assert not waiting.is_alive()
    stop.set()
    rest.take(stop)  # returns
