"""Which engine runs a network, in what precision; and that a detector says the same with each."""

from pathlib import Path

import numpy as np
import pytest

from edgevision.config import check
from edgevision.cores import usable_cores
from edgevision.document import parse
from edgevision.errors import ConfigError, ModelError
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.devices import CPUS
from edgevision.inference.openvino_package import is_installed
from edgevision.inference.settings import ModelSettings, network_settings
from edgevision.metrics import Metrics
from edgevision.networks import Networks
from edgevision.pipeline.plans import Workers
from edgevision.sources.images import read_image
from tests.networks import echo_network, sized_network

needs_openvino = pytest.mark.skipif(
    not is_installed(), reason="openvino is not installed: pip install 'edgevision[openvino]'"
)
PICTURES = ("000000001532.jpg", "000000000872.jpg")  # of COCO's val2017: two cars, two players


def load(path: Path, engine: str = "openvino", **settings: object) -> Detector:
    return load_detector(ModelSettings(path=str(path), engine=engine, **settings), Path(), threads=1)  # type: ignore[arg-type]


@needs_openvino
@pytest.mark.parametrize("dtype", ["float32", "float16", "uint8"])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_every_kind_of_picture_arrives(tmp_path: Path, dtype: str, layout: str) -> None:
    """The score is the mean of the first channel, red: 40 % of 255, or 40 where the network takes bytes."""
    path = echo_network(tmp_path / "x.onnx", dtype=dtype, layout=layout)
    picture = np.full((32, 32, 3), (10, 20, 1 if dtype == "uint8" else 102), np.uint8)
    for engine in ("onnxruntime", "openvino"):
        detector = load(path, engine)
        assert detector.provider in CPUS
        found = detector.detect(picture, 0.1)
        expected = 1.0 if dtype == "uint8" else 0.4
        assert found.scores.tolist() == [pytest.approx(expected, abs=1e-3)]


@needs_openvino
def test_a_second_input_is_given(tmp_path: Path) -> None:
    shares = np.array([[[0.25, 0.25, 0.5, 0.75]]], np.float32)
    path = sized_network(
        tmp_path / "x.onnx", shares, np.zeros((1, 1), np.int64), np.full((1, 1), 0.9, np.float32)
    )
    found = load(path, labels=["thing"], format="rtdetr").detect(np.zeros((64, 96, 3), np.uint8), 0.1)
    assert found.boxes.tolist() == [[24, 16, 48, 48]]


@needs_openvino
def test_it_has_a_worker_per_core_as_any_cpu(tmp_path: Path) -> None:
    """And as many runs at once: with a single one they would wait for each other."""
    document = parse(
        "models: {drawn: {path: 'builtin:drawn', engine: openvino}}\n"
        "cameras: {a: {source: 'synthetic:carpark'}, b: {source: 'synthetic:carpark'}}",
        "x.yaml",
        {},
    )
    metrics = Metrics()
    networks = Networks(check(document, tmp_path), metrics, {"a": False, "b": False}, None)
    plan = networks.models["drawn"]
    assert (plan.workers, plan.threads) == (usable_cores().number, 1)
    assert plan.permits is networks.permits
    networks.name_them()
    told = {"model": "drawn", "provider": "OpenVINO CPU", "precision": "fp32"}
    assert metrics.registry.get_sample_value("edgevision_model_info", told) == 1

    # What it lays out for runs at once does not grow.
    more, fewer = (Workers(plan.workers + by, 1, "others") for by in (1, -1))
    assert networks.fitted("drawn", more).detector is not plan.detector
    assert networks.fitted("drawn", fewer).detector is plan.detector


def test_what_a_file_cannot_be_run_in_is_an_error(tmp_path: Path) -> None:
    path = echo_network(tmp_path / "x.onnx", dtype="float16")
    with pytest.raises(ModelError, match="would run in fp16, and `precision: fp32` was asked for"):
        load(path, "onnxruntime", precision="fp32")
    assert load(path, "onnxruntime").precision == "fp16"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"engine": "openvino", "device": "cuda"}, "engine openvino runs on the CPU"),
        ({"engine": "openvino", "precision": "auto"}, "the engine is found, too"),
        ({"device": "tensorrt", "precision": "auto"}, "`precision: auto` is of CPUs"),
        ({"precision": "bf16"}, "needs `engine: openvino`"),
        ({"precision": "fp8"}, "Input should be 'as_is'"),
    ],
)
def test_what_does_not_go_together_is_said(values: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        network_settings(**values)


@needs_openvino
@pytest.mark.parametrize(
    ("file", "labels"),
    [
        ("yolox_nano_416.onnx", "coco"),
        ("yolov5n_fp16.onnx", None),
    ],
)
def test_real_networks_see_the_same_in_both(data: Path, file: str, labels: str | None) -> None:
    """yolov5n's file is of float16, which onnxruntime computes in, and OpenVINO in float32."""
    one, other = (
        load(data / "models" / file, engine, labels=labels) for engine in ("onnxruntime", "openvino")
    )
    close = 0.02 if "fp16" in file else 1e-3
    for name in PICTURES:
        picture = read_image(data / "labels/coco_val128/images" / name)
        first, second = (network.detect(picture, 0.4) for network in (one, other))
        assert len(first)
        assert second.class_ids.tolist() == first.class_ids.tolist()
        assert np.abs(second.scores - first.scores).max() < close
        assert np.abs(second.boxes - first.boxes).max() < 100 * close  # px
