"""The reconnect loop against sources that play a script."""

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from edgevision.core import Frame
from edgevision.errors import SourceError
from edgevision.metrics import Metrics
from edgevision.pipeline import capture as module
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.retry import backoff
from edgevision.pipeline.scheduler import Scheduler
from edgevision.sources import Picture


class Script:
    """Gives the pictures of one session after the other; a session may end with an error."""

    def __init__(self, *sessions: list[Picture | SourceError], live: bool = True) -> None:
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


def run(source: Script, fps: float | None = None) -> tuple[list[Frame], Capture, Metrics]:
    """All frames that come out of it, as one worker would take them at once."""
    metrics, scheduler = Metrics(), Scheduler(workers=50)
    capture = Capture("gate", source, scheduler, metrics.camera("gate"), fps=fps, start=1000.0)
    frames: list[Frame] = []
    metrics.watch_frames(scheduler.counts)

    def work() -> None:
        while ticket := scheduler.take():
            frames.append(ticket.frame)
            scheduler.done(ticket, "done")
            scheduler.committed(ticket)

    worker = threading.Thread(target=work, name="worker")
    worker.start()
    capture.run(source.finished)
    worker.join(5)
    return frames, capture, metrics


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


def test_backoff_grows_to_its_limit_and_is_random() -> None:
    for attempt, most in ((0, 1), (1, 1), (2, 2), (3, 4), (6, 30), (1000, 30)):
        waits = {backoff(attempt) for _ in range(50)}
        assert most / 5 <= min(waits) <= max(waits) <= most
        assert len(waits) > 1
