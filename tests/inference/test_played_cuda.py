"""ONNX Runtime's own provider for CUDA takes what we ask of it. Nothing is computed: networks only copy."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import onnx
import pytest
from onnx import TensorProto, helper

from edgevision.inference.probe import NETWORK
from tests.inference.played_cuda import build

SCRIPT = """
import json, logging, sys, threading
from pathlib import Path
import numpy as np
from edgevision.errors import ModelError
from edgevision.inference.session import Session

logging.basicConfig(format="%(message)s %(fields)s", stream=sys.stderr)

def load(name, device="cuda", graph=False):
    return Session(Path(name), device, threads=1, graph=graph)

def mean(session, value, count=1):
    return [float(each.mean()) for each in session.run(np.full((count, 3, 8, 8), value, np.float32))]

"""


class Asked(NamedTuple):
    """One call of the provider."""

    what: str
    bytes: int
    device: int
    thread: int
    recorder: int  # the thread that recorded a graph at that time; 0: none


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("cuda"))


class Stage(NamedTuple):
    """A folder with networks, where CUDA is played."""

    folder: Path
    libraries: Path

    def play(self, script: str, **environ: str) -> tuple[Any, str, list[Asked]]:
        """What a script prints as JSON and as text on the standard error; and what CUDA was asked."""
        log = self.folder / "log"
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT + script],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(sys.path),
                "LD_LIBRARY_PATH": str(self.libraries),
                "PLAYED_LOG": str(log),
                **environ,
            },
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        lines = log.read_text().splitlines() if log.is_file() else []
        asked = [Asked(what, *map(int, numbers)) for what, *numbers in map(str.split, lines)]
        return json.loads(done.stdout), done.stderr, asked


@pytest.fixture
def stage(tmp_path: Path, libraries: Path) -> Stage:
    (tmp_path / "conv.onnx").write_bytes(NETWORK)
    for name, batch in (("one.onnx", 1), ("any.onnx", "N")):
        shape = (batch, 3, 8, 8)
        nodes = [helper.make_node("Identity", [a], [b]) for a, b in (("images", "a"), ("a", "x"), ("a", "y"))]
        given = helper.make_tensor_value_info("images", TensorProto.FLOAT, shape)
        found = [helper.make_tensor_value_info(each, TensorProto.FLOAT, shape) for each in "xy"]
        graph = helper.make_graph(nodes, "copy", [given], found)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.save(model, str(tmp_path / name))
    return Stage(tmp_path, libraries)


PLAIN = """
session = load("any.onnx", "cuda:1")
found = [mean(session, value, count) for value, count in ((1, 1), (2, 4), (3, 1))]
others = [threading.Thread(target=lambda: found.append(mean(session, 4))) for _ in range(3)]
for thread in others: thread.start()
for thread in others: thread.join()
print(json.dumps([session.provider, *found]))
"""


def test_runs_go_through_the_memory_of_the_gpu_that_was_asked_for(stage: Stage) -> None:
    said, _, asked = stage.play(PLAIN, PLAYED_COUNT="2")
    assert said == ["CUDAExecutionProvider", [1, 1], [2, 2], [3, 3], [4, 4], [4, 4], [4, 4]]
    assert {each.device for each in asked if each.what == "malloc"} == {1}
    assert [each.bytes for each in asked if each.what == "copy"] == [768, 4 * 768, 768, 768, 768, 768]


GRAPH = """
session = load("one.onnx", graph=True)
for value in range(3): mean(session, value)
thread = threading.Thread(target=lambda: mean(session, 3))
thread.start(); thread.join()
print(json.dumps(session.provider))
"""


def test_the_first_run_is_recorded_and_all_others_are_that_graph(stage: Stage) -> None:
    _, _, asked = stage.play(GRAPH)
    what = [each.what for each in asked]
    assert what.count("record-global") == what.count("recorded") == 1
    assert what.count("graph") == 4
    after = what[what.index("graph") :]
    assert "stream-copy" not in after  # no operator is asked for by itself
    assert "malloc" not in after
    runs = [each.thread for each in asked if each.what in ("record-global", "graph")]
    assert len(set(runs)) == 1


TOGETHER = """
plain, recorded, over = load("any.onnx"), load("one.onnx", graph=True), threading.Event()
def go_on():
    count = 1
    while not over.is_set():
        mean(plain, 1, count := count % 7 + 1)  # new sizes ask for new memory
threads = [threading.Thread(target=go_on) for _ in range(2)]
for thread in threads: thread.start()
mean(recorded, 1)
over.set()
for thread in threads: thread.join()
print(json.dumps(0))
"""


def test_while_one_network_is_recorded_no_other_asks_for_anything(stage: Stage) -> None:
    """CUDA would refuse it, and the recording with it."""
    _, _, asked = stage.play(TOGETHER)
    threads = {each.thread for each in asked if each.what == "copy"}
    assert len(threads) == 3
    meanwhile = [each for each in asked if each.recorder]
    assert len(meanwhile) > 3
    assert {each.thread for each in meanwhile} == {meanwhile[0].recorder}
    assert not {"malloc", "copy", "wait"} & {each.what for each in meanwhile}


LEFT = """
print(json.dumps([load("whole.onnx").provider, load("one.onnx").provider]))
"""


def test_convolutions_that_are_left_to_the_cpu_are_told(stage: Stage) -> None:
    """The provider has none of whole numbers, as a network that was quantised dynamically has."""
    nodes = [
        helper.make_node("Cast", ["images"], ["bytes"], to=TensorProto.UINT8),
        helper.make_node("ConvInteger", ["bytes", "kernel"], ["sums"]),
        helper.make_node("Cast", ["sums"], ["output"], to=TensorProto.FLOAT),
    ]
    kernel = helper.make_tensor("kernel", TensorProto.UINT8, (1, 3, 1, 1), [1, 2, 3])
    given, found = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, channels, 8, 8))
        for name, channels in (("images", 3), ("output", 1))
    )
    graph = helper.make_graph(nodes, "whole", [given], [found], [kernel])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(stage.folder / "whole.onnx"))
    said, log, _ = stage.play(LEFT)
    assert said == ["CUDAExecutionProvider"] * 2
    (line,) = log.splitlines()
    assert line.startswith("a part of this network runs on the CPU")
    assert line.endswith("{'file': 'whole.onnx', 'operators': '1 ConvInteger'}")


FAULT = """
try: said = load("conv.onnx", "DEVICE").provider
except ModelError as error: said = str(error)
print(json.dumps(said))
"""


def test_a_driver_that_is_too_old_is_said_to_be(stage: Stage) -> None:
    said, _, _ = stage.play(FAULT.replace("DEVICE", "cuda"), PLAYED_FAULT="35")
    assert "on device cuda: NVIDIA's driver is too old" in said
    assert said.endswith("(CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version)")


def test_auto_leaves_a_gpu_without_cudnn_and_says_so(stage: Stage) -> None:
    """A session starts without it; a convolution then fails."""
    said, log, _ = stage.play(FAULT.replace("DEVICE", "auto"))
    assert said == "CPUExecutionProvider"
    assert "the network runs on the CPU" in log
    assert "cuDNN is missing: pip install 'edgevision[cuda]'" in log


UNKNOWN = """
import onnxruntime as ort
wrong = [("CUDAExecutionProvider", {"device_idd": "0"})]
try: ort.InferenceSession("one.onnx", providers=wrong, enable_fallback=0)
except Exception as error: print(json.dumps(str(error)))
"""


def test_the_provider_refuses_an_option_that_it_does_not_know(stage: Stage) -> None:
    """So the names of ours that are taken here are right."""
    said, _, _ = stage.play(UNKNOWN)
    assert "device_idd" in said
