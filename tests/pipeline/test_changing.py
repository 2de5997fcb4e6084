"""Cameras come and go while the pipeline runs, also when workers have nothing to do any more or are slow."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from edgevision.core.types import Finding, Frame, Size, Track
from edgevision.inference.detector import Detector
from edgevision.pipeline.named import NamedAnalytic
from edgevision.pipeline.permits import Permits
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan
from edgevision.pipeline.scheduler import Scheduler
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import Light, build, detector
from tests.waiting import wait_until

__all__ = ["detector"]  # a fixture


class Each:
    """Finds something in every frame."""

    kinds: Sequence[str] = ("seen",)

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        return [Finding("seen", "car", 1, 0.0, 1.0)]

    def occupancy(self) -> None: ...

    def shape(self, size: Size) -> None: ...


def live() -> Light:
    return Light(10**9, live=True, pause=0.002)


def processed(pipeline: Pipeline, camera: str) -> int:
    return pipeline.frame_counts()[camera].processed


def account(pipeline: Pipeline) -> None:
    for counts in pipeline.frame_counts().values():
        assert counts.captured == counts.processed + sum(counts.dropped.values()) + counts.in_flight


@pytest.mark.parametrize("workers", [1, 3])
def test_a_camera_that_comes_after_all_files_have_ended_is_looked_at(
    detector: Detector, workers: int
) -> None:
    """The file's workers have left. Its network stays, as the file does not go."""
    pipeline, _ = build(detector, Light(10), workers=workers)
    plan = pipeline.plan("camera0")
    pipeline.start()
    wait_until(lambda: not pipeline.is_working())
    with pipeline.changing():
        pipeline.use_camera(replace(plan, name="late", source=live()))
    wait_until(lambda: processed(pipeline, "late") > 5)
    assert processed(pipeline, "camera0") == 10
    assert pipeline.stop() == []
    account(pipeline)


def test_workers_leave_again_when_no_camera_came(detector: Detector) -> None:
    pipeline, _ = build(detector, Light(10))
    pipeline.start()
    wait_until(lambda: not pipeline.is_working())
    for _ in range(3):
        with pipeline.changing():
            assert pipeline.is_working()  # a camera may still come
        wait_until(lambda: not pipeline.is_working())
    assert pipeline.stop() == []


def open_anew(pipeline: Pipeline, plan: CameraPlan) -> None:
    """As SIGHUP does where its source has changed."""
    with pipeline.changing():
        past = pipeline.remove_camera("camera0")
        assert "camera0" not in pipeline.frame_counts()
        successor = replace(plan, source=live(), past=past, analytics=[NamedAnalytic("zone", "all", Each())])
        pipeline.use_camera(successor)


def told(output: Recorder) -> Counter[str]:
    """How often each event was told, by its id."""
    return Counter(event.id for result in output.results for event in result.events)


def test_what_comes_too_late_of_a_camera_is_not_told_beside_its_successor(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run takes longer than a camera that is opened anew waits for it. The successor goes on from counts
    that it was handed before, so numbers would be given out twice."""
    monkeypatch.setattr("edgevision.pipeline.running.STOP_COMMIT", 0.1)
    monkeypatch.setattr("edgevision.pipeline.running.STOP_GIVE_UP", 10.0)
    infer, release = detector.infer, threading.Event()
    release.set()

    def slow(tensor: np.ndarray) -> list[np.ndarray]:
        release.wait(30)
        return infer(tensor)

    output = Recorder()
    pipeline, _ = build(detector, live(), workers=1, output=output)
    plan = replace(pipeline.plan("camera0"), analytics=[NamedAnalytic("zone", "all", Each())])
    pipeline.change_camera(plan)
    monkeypatch.setattr(detector, "infer", slow)
    pipeline.start()
    wait_until(lambda: processed(pipeline, "camera0") > 3)
    release.clear()
    wait_until(lambda: pipeline.frame_counts()["camera0"].in_flight == 2)  # one is looked at, one waits
    open_anew(pipeline, plan)
    release.set()
    wait_until(lambda: processed(pipeline, "camera0") > 5)
    account(pipeline)
    assert pipeline.stop() == []
    ids = told(output)
    assert max(ids.values()) == 1
    assert len(ids) > 9


def test_what_is_analysed_too_long_is_not_told_beside_its_successor(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As above, of a frame that the committer has in hand, as while a second network looks."""
    for name in ("STOP_COMMIT", "STOP_GIVE_UP"):
        monkeypatch.setattr(f"edgevision.pipeline.running.{name}", 0.1)
    asked, release = threading.Event(), threading.Event()

    class Slow(Each):
        def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
            asked.set()
            release.wait(30)
            return super().update(tracks, ts, size)

    output = Recorder()
    pipeline, _ = build(detector, live(), workers=1, output=output)
    plan = replace(pipeline.plan("camera0"), analytics=[NamedAnalytic("zone", "all", Slow())])
    pipeline.change_camera(plan)
    pipeline.start()
    assert asked.wait(30)
    (committing,) = (each for each in threading.enumerate() if each.name == "camera0 commit")
    open_anew(pipeline, plan)
    wait_until(lambda: processed(pipeline, "camera0") > 5)
    release.set()
    committing.join(30)
    assert not committing.is_alive()
    assert pipeline.stop() == []
    ids = told(output)
    assert max(ids.values()) == 1
    assert len(ids) > 5


def test_a_frame_that_is_given_up_while_it_is_committed_harms_nothing() -> None:
    scheduler = Scheduler(1)
    lane, other = scheduler.lane("gate", live=True), scheduler.lane("yard", live=True)
    for each in (lane, other):
        scheduler.put(each, Frame(each.camera, 1, 0, np.zeros((1, 1, 3), np.uint8), 0.0, 0.0, 0.0), 0.0)
    taken = [scheduler.take(), scheduler.take()]
    for ticket in taken:
        assert ticket
        scheduler.done(ticket, "seen")
    ticket = scheduler.next_done(lane)
    assert ticket
    scheduler.leave(lane)
    scheduler.leave(lane, at_once=True)
    scheduler.committed(ticket)
    assert scheduler.next_done(lane) is None
    assert list(scheduler.counts()) == ["yard"]


def test_a_run_that_hangs_does_not_keep_its_permit_when_its_camera_leaves() -> None:
    """Else the network that takes its place, or another one that shares the cores, never runs again."""
    permits = Permits(1)
    hanging, after = Scheduler(1, permits), Scheduler(1, permits)
    lane, other = hanging.lane("gate", live=True), after.lane("yard", live=True)
    for scheduler, each in ((hanging, lane), (after, other)):
        frame = Frame(each.camera, 1, 0, np.zeros((1, 1, 3), np.uint8), 0.0, 0.0, 0.0)
        scheduler.put(each, frame, 0.0)
    hung = hanging.take()
    assert hung
    hanging.leave(lane)
    hanging.leave(lane, at_once=True)
    taken: list[object] = []
    worker = threading.Thread(target=lambda: taken.append(after.take()), name="worker", daemon=True)
    worker.start()
    worker.join(10)
    assert len(taken) == 1
    hanging.done(hung, "late")
    with permits.lock:
        assert not permits.take()  # it was given back once
