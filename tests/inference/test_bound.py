"""Runs through memory of a device. The device is the CPU here, where ONNX Runtime's binding works as well."""

import gc
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from edgevision.errors import ModelError
from edgevision.inference import bound, session
from edgevision.inference.bound import MOST_KEPT, Bound, Gate, Inputs, Memory
from edgevision.inference.detector import load_detector
from edgevision.inference.session import Session
from edgevision.inference.settings import ModelSettings
from tests.networks import echo_network, pooling_network, sized_network

CPU = Memory("cpu")
NOTHING: Mapping[str, np.ndarray] = {}


def started(path: Path) -> Bound:
    """Of a network whose picture is `images`."""
    return Bound(ort.InferenceSession(path, providers=["CPUExecutionProvider"]), "images", CPU)


def picture(value: float, count: int = 1, side: int = 64, dtype: str = "float32") -> np.ndarray:
    """Its channels are `value`, twice and three times that."""
    planes = np.array([1, 2, 3]).reshape(1, 3, 1, 1) * value
    return np.broadcast_to(planes, (count, 3, side, side)).astype(dtype)


@pytest.fixture(scope="module")
def means(tmp_path_factory: pytest.TempPathFactory) -> Bound:
    """It gives the mean of each channel of each picture, of any number and size."""
    path = pooling_network(tmp_path_factory.mktemp("n") / "x.onnx", batch="N")
    model = onnx.load(path)
    for dimension in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        dimension.dim_param = "any"
    onnx.save(model, path)
    return started(path)


@given(st.lists(st.tuples(st.integers(0, 80), st.integers(1, 3), st.sampled_from([8, 24, 64])), max_size=12))
def test_every_run_gives_its_own_and_nothing_later_changes_it(
    means: Bound, runs: list[tuple[int, int, int]]
) -> None:
    kept = [means.run(picture(value, count, side), NOTHING)[0] for value, count, side in runs]
    gc.collect()
    for (value, count, _), found in zip(runs, kept, strict=True):
        assert found.tolist() == [[value, 2 * value, 3 * value]] * count


def test_what_it_gave_outlives_it(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx", stride=8)
    runs = started(path)
    found = [runs.run(picture(value), NOTHING)[0] for value in range(20)]
    del runs
    gc.collect()
    other = [np.full((1, 3, 8, 8), -1, np.float32) for _ in range(200)]  # would be written where it lay
    assert all((each[0, 2] == 3 * value).all() for value, each in enumerate(found)), other[0]


@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_every_kind_of_picture_arrives(tmp_path: Path, layout: str, dtype: str) -> None:
    runs = started(pooling_network(tmp_path / "x.onnx", layout=layout, dtype=dtype))
    for value in (1, 80, 5):
        tensor = picture(value, dtype=dtype)
        if layout == "nhwc":
            tensor = tensor.transpose(0, 2, 3, 1)  # not in one piece, as a view of a larger array is not
        assert runs.run(tensor, NOTHING)[0].tolist() == [[value, 2 * value, 3 * value]]


def test_threads_that_run_at_once_do_not_see_each_others_pictures(means: Bound) -> None:
    together = threading.Barrier(4)

    def caller(own: int) -> bool:
        together.wait(10)
        found = [means.run(picture(own + 10 * n), NOTHING)[0][0, 0] for n in range(100)]
        return found == [own + 10 * n for n in range(100)]

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(caller, range(4)))


def test_what_goes_with_a_picture_is_copied_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boxes come in the size that the second input says, for as many pictures as there are."""
    shares = np.array([[[0.25, 0.25, 0.5, 0.75]]], np.float32)
    path = sized_network(
        tmp_path / "x.onnx", shares, np.zeros((1, 1), np.int64), np.full((1, 1), 0.9, np.float32)
    )
    runs = started(path)
    put: list[str] = []
    real: Callable[[Inputs, str, np.ndarray], None] = Inputs._put

    def noted(inputs: Inputs, name: str, array: np.ndarray) -> None:
        put.append(name)
        real(inputs, name, array)

    monkeypatch.setattr(Inputs, "_put", noted)
    tensor = np.zeros((1, 3, 64, 96), np.float32)
    sizes = [{"orig_target_sizes": np.array([size], np.int64)} for size in ([96, 64], [192, 128])]
    boxes = [runs.run(tensor, sizes[number])[1][0, 0].tolist() for number in (0, 0, 0, 1, 1, 0)]
    small, large = [24, 16, 48, 48], [48, 32, 96, 96]
    assert boxes == [small, small, small, large, large, small]
    assert put.count("images") == 6
    assert put.count("orig_target_sizes") == 3
    both = runs.run(np.zeros((2, 3, 64, 96), np.float32), sizes[1])
    assert both[1].tolist() == [[large] * 2]


def test_it_goes_on_after_a_picture_that_does_not_fit(tmp_path: Path) -> None:
    runs = started(pooling_network(tmp_path / "x.onnx"))
    assert runs.run(picture(1), NOTHING)[0][0, 0] == 1
    for wrong in (picture(2, side=32), picture(3, dtype="int32"), picture(4)[0]):
        with pytest.raises(Exception, match=r"(?i)invalid|unexpected"):
            runs.run(wrong, NOTHING)
    assert runs.run(picture(5), NOTHING)[0][0, 0] == 5


def kept_by(runs: Bound) -> list[int]:
    """The sides of the pictures that it has memory for, used last at the end."""
    return [shape[2] for (_, shape, _), _ in runs._free]


def test_it_keeps_so_much_memory_and_no_more(means: Bound, monkeypatch: pytest.MonkeyPatch) -> None:
    for side in range(8, 8 + MOST_KEPT + 3):
        means.run(picture(1, side=side), NOTHING)
        means.run(picture(1, side=4), NOTHING)  # used all the time
    assert kept_by(means) == [*range(12, 8 + MOST_KEPT + 3), 4]
    monkeypatch.setattr(bound, "MOST_BYTES", 3 * 4 * (16**2 + 4**2))
    means.run(picture(1, side=16), NOTHING)
    assert kept_by(means) == [4, 16]
    assert means.run(picture(5, side=64), NOTHING)[0][0, 0] == 5  # more than may be kept
    assert kept_by(means) == []


def test_runs_after_each_other_use_the_same_memory(tmp_path: Path) -> None:
    """From any thread: as much is kept as ran at once, not as there are threads."""
    runs = started(pooling_network(tmp_path / "x.onnx"))
    for value in range(3):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(runs.run, picture(value), NOTHING).result(10)
    ((_, inputs),) = runs._free
    assert inputs.binding.get_outputs() == []  # only the caller has them


def test_one_that_must_be_alone_waits_and_others_wait_for_it() -> None:
    gate, log = Gate(), list[str]()
    inside, leave = threading.Event(), threading.Event()

    def alone() -> None:
        with gate.alone():
            log.append("alone")
            inside.set()
            leave.wait(10)
            log.append("no more")

    def run() -> None:
        with gate.run():
            log.append("run")

    first, second = threading.Thread(target=alone), threading.Thread(target=run)
    with gate.run(), gate.run():  # two at once
        first.start()
        assert not inside.wait(0.05)
        log.append("first")
    assert inside.wait(10)
    second.start()
    second.join(0.05)
    leave.set()
    first.join(10)
    second.join(10)
    assert log == ["first", "alone", "no more", "run"]
    with pytest.raises(KeyError), gate.alone():
        raise KeyError
    run()  # the gate is open again


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> list[Memory]:
    """A GPU is played: the provider has its name, and its memory is the CPU's. It gives what was asked."""
    asked: list[Memory] = []

    def memory(*values: Any) -> Memory:
        asked.append(Memory(*values))
        return CPU

    class Played(ort.InferenceSession):  # type: ignore[misc]
        def __init__(self, path: str, options: Any, **_: Any) -> None:
            super().__init__(path, options, providers=["CPUExecutionProvider"])

        def get_providers(self) -> list[str]:
            return ["CUDAExecutionProvider"]

    monkeypatch.setattr(ort, "InferenceSession", Played)
    monkeypatch.setattr(ort, "preload_dlls", lambda: None)
    monkeypatch.setattr(ort, "get_available_providers", lambda: ["CUDAExecutionProvider"])
    monkeypatch.setattr(session, "nvidia_devices", lambda: 2)
    monkeypatch.setattr(session, "Memory", memory)
    return asked


def test_a_detector_sees_the_same_through_it(tmp_path: Path, gpu: list[Memory]) -> None:
    """The score is the mean of the first channel, red: 40 % of 255."""
    path = echo_network(tmp_path / "x.onnx")
    detector = load_detector(ModelSettings(path=str(path), device="cuda:1"), Path(), threads=1)
    assert gpu == [("cuda", 1)]
    for red in (102, 204):
        found = detector.detect(np.full((32, 32, 3), (10, 20, red), np.uint8), 0.1)
        assert found.scores.tolist() == [pytest.approx(red / 255, abs=1e-5)]
        assert found.boxes.tolist() == [[8, 8, 24, 24]]


def test_what_is_no_array_is_said(tmp_path: Path, gpu: list[Memory]) -> None:
    graph = helper.make_graph(
        [helper.make_node("SequenceConstruct", ["images"], ["output"])],
        "sequence",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, (1, 3, 64, 64))],
        [helper.make_tensor_sequence_value_info("output", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tmp_path / "x.onnx"))
    with pytest.raises(ModelError, match="gives sequences or maps, not arrays"):
        Session(tmp_path / "x.onnx", "cuda", threads=1).run(picture(1))


def test_what_a_run_fails_of_is_said(tmp_path: Path, gpu: list[Memory]) -> None:
    loaded = Session(pooling_network(tmp_path / "x.onnx"), "cuda", threads=1)
    with pytest.raises(
        ModelError, match=r"cannot be run on a picture of shape \(1, 3, 32, 32\): it may want"
    ):
        loaded.run(picture(1, side=32))
    assert loaded.run(picture(2))[0].tolist() == [[2, 4, 6]]
