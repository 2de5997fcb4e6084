"""The plan of a network changes while its camera goes on: real networks and threads, chosen limits."""

import gc
import logging
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest

from edgevision.app import App
from edgevision.assembly import Assembly
from edgevision.config import LoadedConfig, check
from edgevision.cores import Cores
from edgevision.document import parse
from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from edgevision.metrics import Metrics
from edgevision.pipeline.load import Limits
from edgevision.pipeline.plans import ModelPlan
from edgevision.replanning import Replanning
from tests.networks import echo_network
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import Light, build, check_light
from tests.waiting import wait_until

ALWAYS = Limits(window=1, lost=-1, spare=float("inf"), quiet=2, apart=0)  # to and fro, whatever the load
NEVER = Limits(window=1, lost=2)

CAMERA = (
    "  {name}: {{source: 'synthetic:carpark?live=1', zones: {{all: {{polygon: [[0,0],[1,0],[1,1]]}}}}}}\n"
)


@pytest.fixture(autouse=True)
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgevision.networks.usable_cores", lambda: Cores(2, "all of them"))


def config(folder: Path, more: str = "", cameras: tuple[str, ...] = ("gate",)) -> LoadedConfig:
    if not (folder / "echo.onnx").exists():
        echo_network(folder / "echo.onnx")
    text = f"models: {{echo: {{path: echo.onnx, device: cpu{more}}}}}\nhttp: null\ncameras:\n"
    text += "\n".join(CAMERA.format(name=name) for name in cameras)
    return check(parse(text, "x.yaml", {}), folder)


class Running:
    """A pipeline that runs, with a clock for its plan that the test turns."""

    def __init__(self, loaded: LoadedConfig, limits: Limits, live: bool = True) -> None:
        self.metrics = Metrics()
        self.live = live
        self.assembly = self.load(loaded)
        self.pipeline = self.assembly.pipeline()
        self.replanning = Replanning(self.pipeline, lambda: self.assembly.networks, limits)
        self.now = 1000.0

    def load(self, loaded: LoadedConfig, before: Assembly | None = None) -> Assembly:
        source = partial(Light, 10**9, live=self.live, pause=0.002)
        return Assembly(loaded, self.metrics, before, play=lambda *_: source())

    def edit(self, loaded: LoadedConfig) -> None:
        """What SIGHUP does when cameras come and go."""
        self.assembly = self.load(loaded, self.assembly)
        before, after = set(self.pipeline.cameras()), loaded.settings.cameras
        with self.pipeline.changing():
            for name in before - set(after):
                self.pipeline.remove_camera(name)
            for name in set(after) - before:
                past = self.assembly.past(name, after[name], None)
                self.pipeline.use_camera(self.assembly.camera(name, past))
        self.assembly.networks.share_cores()
        self.replanning.reloaded()

    def window(self) -> bool:
        """A window of load goes by. True: the plan is to change."""
        camera = self.pipeline.cameras()[0]
        before = self.processed(camera)
        wait_until(lambda: self.processed(camera) > before + 2)
        self.now += 1
        return self.replanning.look(self.now)

    def processed(self, camera: str) -> int:
        return self.pipeline.frame_counts()[camera].processed

    def plan(self) -> tuple[int, int]:
        plan = self.pipeline.model_plans()["echo"]
        assert self.assembly.models["echo"] is plan
        return plan.workers, plan.threads


@contextmanager
def running(loaded: LoadedConfig, limits: Limits, live: bool = True) -> Iterator[Running]:
    made = Running(loaded, limits, live)
    made.pipeline.start()
    try:
        yield made
    finally:
        assert made.pipeline.stop() == []


def test_the_plan_follows_the_load_there_and_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with running(config(tmp_path), ALWAYS) as box:
        assert box.plan() == (1, 2)
        box.window()
        assert box.window()
        box.replanning.settle()
        assert box.plan() == (2, 1)
        assert "one worker on all cores lost " in box.pipeline.model_plans()["echo"].why
        assert [box.window() for _ in range(3)] == [False, False, True]
        box.replanning.settle()
        assert box.plan() == (1, 2)
        assert box.pipeline.model_plans()["echo"].why == "latency: one live camera"
        assert not box.window()  # frames still come through
        counts = box.pipeline.frame_counts()["gate"]
        assert counts.captured == counts.processed + sum(counts.dropped.values()) + counts.in_flight
    assert [each.message for each in caplog.records].count("plan changed") == 2


def test_a_camera_that_keeps_up_keeps_its_plan(tmp_path: Path) -> None:
    with running(config(tmp_path), NEVER) as box:
        assert not any(box.window() for _ in range(4))


@pytest.mark.parametrize(
    ("more", "cameras", "live", "plan"),
    [
        (", mode: latency", ("gate",), True, (1, 2)),
        (", mode: throughput", ("gate",), True, (2, 1)),
        (", workers: 1", ("gate",), True, (1, 1)),
        ("", ("gate", "yard"), True, (2, 1)),
        ("", ("gate",), False, (2, 1)),
    ],
)
def test_what_is_configured_and_several_cameras_and_files_keep_their_plan(
    tmp_path: Path, more: str, cameras: tuple[str, ...], live: bool, plan: tuple[int, int]
) -> None:
    with running(config(tmp_path, more, cameras), ALWAYS, live) as box:
        assert not any(box.window() for _ in range(3))
        box.replanning.settle()
        assert box.plan() == plan


def test_a_network_on_a_gpu_keeps_its_plan(tmp_path: Path) -> None:
    assembly = Assembly(config(tmp_path), Metrics(), play=lambda *_: Light(1, live=True))
    assert assembly.networks.adjustable() == ["echo"]
    assembly.models["echo"].detector.provider = "CUDAExecutionProvider"
    assert assembly.networks.adjustable() == []


def test_the_network_that_is_not_used_any_more_is_dropped(tmp_path: Path) -> None:
    with running(config(tmp_path), ALWAYS) as box:
        before = weakref.ref(box.assembly.models["echo"].detector)
        box.window()
        box.window()
        box.replanning.settle()
        gc.collect()
        assert before() is None


@pytest.mark.parametrize("broken", ["another", "none"])
def test_a_file_that_was_changed_leaves_the_plan_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: str
) -> None:
    with running(config(tmp_path), ALWAYS) as box:
        box.window()
        assert box.window()
        if broken == "none":
            (tmp_path / "echo.onnx").unlink()
        else:
            time.sleep(0.01)  # file systems keep times in steps of up to 4 ms
            echo_network(tmp_path / "echo.onnx")
        box.replanning.settle()
        assert box.plan() == (1, 2)
        assert not any(box.window() for _ in range(5))
        said = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
        assert len(said) == 1
        assert said[0].startswith("plan not changed: x.yaml:1: ")


def test_cameras_that_come_and_go_change_the_plan(tmp_path: Path) -> None:
    with running(config(tmp_path), NEVER) as box:
        box.edit(config(tmp_path, cameras=("gate", "yard")))
        assert box.plan() == (2, 1)
        before = box.processed("gate")
        wait_until(lambda: min(box.processed("yard"), box.processed("gate") - before) > 5)
        box.edit(config(tmp_path, cameras=("gate", "yard", "shop")))
        assert box.plan() == (2, 1)
        assert box.pipeline.model_plans()["echo"].why == "throughput: several cameras, 3 cameras"
        box.edit(config(tmp_path))
        assert box.plan() == (1, 2)
        before = box.processed("gate")
        wait_until(lambda: box.processed("gate") > before + 5)


def test_workers_that_come_back_have_all_cores(tmp_path: Path) -> None:
    """Those of a network that began with several cameras need permits, of which one worker left one only."""
    with running(config(tmp_path, cameras=("gate", "yard")), ALWAYS) as box:
        box.edit(config(tmp_path))
        assert box.plan() == (1, 2)
        box.window()
        assert box.window()
        box.replanning.settle()
        assert box.plan() == (2, 1)
    permits = box.assembly.networks.permits
    assert [permits.take() for _ in range(3)] == [True, True, False]


def test_the_service_follows_the_load_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(window=0.1, lost=-1)
    monkeypatch.setattr("edgevision.app.Replanning", partial(Replanning, limits=limits))
    app, deadline = App(config(tmp_path)), time.monotonic() + 30

    def stop_when_changed() -> None:
        if app.pipeline.model_plans()["echo"].workers == 2 or time.monotonic() > deadline:
            app.request_stop()

    app.run(stop_when_changed)
    assert app.pipeline.model_plans()["echo"].workers == 2


def test_a_camera_goes_on_through_changes_of_its_plan(tmp_path: Path) -> None:
    """Every frame of a file gives what it gives without them."""
    path = echo_network(tmp_path / "echo.onnx")
    networks = [load_detector(ModelSettings(path=str(path), device="cpu"), Path(), threads=n) for n in (1, 2)]
    output = Recorder()
    pipeline, _ = build(networks[0], Light(180, pause=0.005), workers=1, output=output)
    pipeline.start()
    changes = 0
    while pipeline.is_working():
        changes += 1
        assert pipeline.replan("echo", ModelPlan(networks[changes % 2], workers=1 + changes % 2)) == []
        time.sleep(0.02)
    pipeline.finish()
    wait_until(lambda: not pipeline.is_writing())
    assert pipeline.stop() == []
    assert changes > 3
    assert pipeline.frame_counts()["camera0"].processed == 180
    check_light(output)
