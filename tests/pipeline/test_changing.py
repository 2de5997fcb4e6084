"""Cameras come and go while the pipeline runs, also when workers have nothing to do any more or are slow."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from edgevision.core.types import Finding, Size, Track
from edgevision.inference.detector import Detector
from edgevision.pipeline.pipeline import Pipeline
from tests.pipeline.test_pipeline import Light, build, detector, wait_for

__all__ = ["detector"]  # a fixture


class Each:
    """Finds something in every frame."""

    kinds = ("seen",)

    def update(self, tracks: Sequence[Track], ts: float, size: Size) -> list[Finding]:
        return [Finding("seen", "car", 1, None, 1.0)]

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
    wait_for(lambda: not pipeline.is_working())
    with pipeline.changing():
        pipeline.use_camera(replace(plan, name="late", source=live()))
    wait_for(lambda: processed(pipeline, "late") > 5)
    assert processed(pipeline, "camera0") == 10
    assert pipeline.stop() == []
    account(pipeline)


def test_workers_leave_again_when_no_camera_came(detector: Detector) -> None:
    pipeline, _ = build(detector, Light(10))
    pipeline.start()
    wait_for(lambda: not pipeline.is_working())
    for _ in range(3):
        with pipeline.changing():
            assert pipeline.is_working()  # a camera may still come
        wait_for(lambda: not pipeline.is_working())
    assert pipeline.stop() == []
