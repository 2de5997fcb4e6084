"""Networks that come and go beside one that goes on: who runs at once on how many cores."""

from pathlib import Path

import pytest

from edgevision.config import LoadedConfig, check
from edgevision.cores import Cores
from edgevision.document import parse
from tests.networks import echo_network
from tests.test_replanning import ALWAYS, NEVER, Running, config, running
from tests.waiting import wait_until

CORES = 4


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgevision.networks.usable_cores", lambda: Cores(CORES, "all of them"))


def two(folder: Path) -> LoadedConfig:
    """Beside `echo` with its camera `gate` another network with its own."""
    config(folder)  # makes the file of `echo`
    echo_network(folder / "other.onnx")
    text = """
models: {echo: {path: echo.onnx, device: cpu}, other: {path: other.onnx, device: cpu}}
cameras:
  gate: {source: 'synthetic:carpark?live=1', model: echo, zones: {all: {polygon: [[0,0],[1,0],[1,1]]}}}
  yard: {source: 'synthetic:carpark?live=1', model: other}
"""
    return check(parse(text, "x.yaml", {}), folder)


def add_network(box: Running, loaded: LoadedConfig) -> None:
    """What SIGHUP does when a network comes with its camera."""
    box.assembly = box.load(loaded, box.assembly)
    past = box.assembly.past("yard", loaded.settings.cameras["yard"], None)
    with box.pipeline.changing():
        box.pipeline.use_model("other", box.assembly.models["other"])
        box.pipeline.use_camera(box.assembly.camera("yard", past))
    box.assembly.networks.share_cores()
    box.replanning.reloaded()


def busy(box: Running) -> int:
    """Cores that all runs together use at most, once the pipeline has stopped and all permits are back. Runs
    that need one are taken to be the widest."""
    permits = box.assembly.networks.permits
    alone: list[int] = []
    sharing: list[int] = []
    for plan in box.pipeline.model_plans().values():
        runs = sharing if plan.permits else alone
        runs += [plan.threads] * plan.workers
    count = sum(permits.take() for _ in sharing)
    return sum(alone) + sum(sorted(sharing, reverse=True)[:count])


def test_a_network_that_comes_makes_the_one_that_goes_on_share_the_cores(tmp_path: Path) -> None:
    with running(config(tmp_path), NEVER) as box:
        assert box.plan() == (1, CORES)
        add_network(box, two(tmp_path))
        assert box.plan() == (CORES, 1)
        why = box.pipeline.model_plans()["echo"].why
        assert why == "throughput: networks share the cores, 1 camera"
        before = box.processed("gate")
        wait_until(lambda: min(box.processed("gate") - before, box.processed("yard")) > 5)
    assert busy(box) == CORES


def test_so_does_one_that_had_a_worker_per_core_for_its_load(tmp_path: Path) -> None:
    with running(config(tmp_path), ALWAYS) as box:
        box.window()
        assert box.window()
        box.replanning.settle()
        assert box.plan() == (CORES, 1)
        add_network(box, two(tmp_path))
        assert box.plan() == (CORES, 1)
    assert busy(box) == CORES


def test_who_is_left_alone_has_all_cores_again(tmp_path: Path) -> None:
    with running(two(tmp_path), NEVER) as box:
        assert box.plan() == (CORES, 1)
        box.edit(config(tmp_path))
        assert box.plan() == (1, CORES)
        before = box.processed("gate")
        wait_until(lambda: box.processed("gate") > before + 5)
    assert busy(box) == CORES
