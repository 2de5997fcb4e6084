"""How far each camera's frames have come: what stands still tells where it hangs."""

import threading
from pathlib import Path

import pytest

from edgevision.inference.detector import Detector
from edgevision.metrics import Metrics
from edgevision.progress import ProgressCollector
from tests.outputs.kept import Process
from tests.pipeline.test_durable import Moody
from tests.pipeline.test_pipeline import Light, build, detector
from tests.waiting import wait_until

__all__ = ["detector"]  # a fixture


def test_captured_goes_on_while_a_worker_hangs(detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(detector, "infer", lambda _: release.wait(60))
    pipeline, metrics = build(detector, Light(100_000, live=True, pause=0.01), workers=1)
    pipeline.start()
    names = ("captured", "inferred", "committed", "published")

    def last() -> dict[str, float | None]:
        return {name: metrics.value(f"last_{name}_timestamp_seconds", camera="camera0") for name in names}

    wait_until(lambda: bool(last()["captured"]))
    first = last()
    wait_until(lambda: (last()["captured"] or 0) > (first["captured"] or 0))
    assert [last()[name] for name in names[1:]] == [0.0, 0.0, 0.0]
    release.set()
    pipeline.stop()


def test_published_stands_while_an_output_has_not_got_everything(tmp_path: Path) -> None:
    output = Moody()
    process = Process(tmp_path, output)
    assert process.delivery.behind("gate") is None
    output.down.set()
    process.happens(1)
    wait_until(lambda: process.delivery.behind("gate") is not None and bool(output_errors(process)))
    since = process.delivery.behind("gate")
    process.happens(2)
    assert process.delivery.behind("gate") == since
    output.down.clear()
    wait_until(lambda: process.delivery.behind("gate") is None)
    assert len(output.given) == 2
    process.end()


def output_errors(process: Process) -> float | None:
    return process.metrics.value("output_errors_total", output="moody-0")


def test_ages_are_right_after_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clocks:
        wall = 1_790_000_000.0

        def time(self) -> float:
            return self.wall

        def monotonic(self) -> float:
            return 500.0

    clocks, metrics = Clocks(), Metrics()
    monkeypatch.setattr("edgevision.progress.time", clocks)
    steps = {"captured": 497.0, "inferred": 490.0, "committed": 0.0, "published": 0.0}
    metrics.registry.register(ProgressCollector(lambda: {"gate": steps}))
    for wall in (clocks.wall, clocks.wall + 3600, clocks.wall - 86400):
        clocks.wall = wall
        assert wall - (metrics.value("last_captured_timestamp_seconds", camera="gate") or 0) == 3.0
        assert wall - (metrics.value("last_inferred_timestamp_seconds", camera="gate") or 0) == 10.0
        assert metrics.value("last_committed_timestamp_seconds", camera="gate") == 0.0  # never
