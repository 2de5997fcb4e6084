import hashlib
from pathlib import Path

import numpy as np
import pytest

from edgevision.errors import ConfigError, ModelError
from edgevision.inference.detector import Detector, load_detector
from edgevision.inference.devices import nvidia_devices
from edgevision.inference.settings import InputSettings, ModelSettings
from tests.networks import constant_network, echo_network

CELLS = 8 * 8 + 4 * 4 + 2 * 2


def load(path: Path, **settings: object) -> Detector:
    return load_detector(ModelSettings(path=str(path), **settings), Path(), threads=1)  # type: ignore[arg-type]


def yolov8(path: Path, *columns: tuple[float, ...], classes: int = 2, **options: object) -> Path:
    output = np.zeros((1, 4 + classes, CELLS), np.float32)
    for number, column in enumerate(columns):
        output[0, :, number] = column
    return constant_network(path, output, **options)  # type: ignore[arg-type]


def test_boxes_come_back_in_pixels_of_the_picture(tmp_path: Path) -> None:
    path = yolov8(tmp_path / "x.onnx", (32, 32, 16, 8, 0.9, 0.1))
    found = load(path, labels=["car", "bus"]).detect(np.zeros((256, 512, 3), np.uint8), 0.3)
    # The picture is 64 x 32 in the input, 16 px below its top: 8 times smaller.
    assert found.boxes.tolist() == [[192, 96, 320, 160]]
    assert found.scores.tolist() == [pytest.approx(0.9)]


def test_what_it_sees_in_the_bars_beside_the_picture_is_left_out(tmp_path: Path) -> None:
    """A box without area has no height, by which lines divide."""
    inside, above = (32.0, 32.0, 10.0, 10.0, 0.9, 0.1), (32.0, 5.0, 10.0, 10.0, 0.9, 0.1)
    path = yolov8(tmp_path / "n.onnx", inside, above)
    found = load(path, labels=["a", "b"]).detect(np.zeros((32, 64, 3), np.uint8), 0.1)
    assert found.boxes.tolist() == [[27, 11, 37, 21]]


def test_overlapping_boxes_of_one_class_become_one_and_the_best_comes_first(tmp_path: Path) -> None:
    path = yolov8(
        tmp_path / "x.onnx",
        (32, 32, 20, 20, 0.6, 0.0),
        (33, 32, 20, 20, 0.8, 0.0),
        (32, 32, 20, 20, 0.0, 0.7),
        (10, 10, 6, 6, 0.9, 0.0),
    )
    found = load(path, labels=["car", "bus"]).detect(np.zeros((64, 64, 3), np.uint8), 0.3)
    assert found.scores == pytest.approx([0.9, 0.8, 0.7])
    assert found.class_ids.tolist() == [0, 0, 1]


def test_only_wanted_classes_come_out(tmp_path: Path) -> None:
    path = yolov8(tmp_path / "x.onnx", (32, 32, 20, 20, 0.6, 0.0), (10, 10, 6, 6, 0.0, 0.9))
    detector = load(path, labels=["car", "bus"], classes=["car"])
    assert detector.detect(np.zeros((64, 64, 3), np.uint8), 0.3).class_ids.tolist() == [0]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, 200 / 255),  # a YOLOv8 is used to RGB in 0..1
        ({"input": InputSettings(color="bgr")}, 10 / 255),
        ({"input": InputSettings(mean=(100, 0, 0), std=(500, 1, 1))}, 100 / 500),
    ],
)
def test_the_network_sees_the_picture_as_the_settings_say(
    tmp_path: Path, settings: dict[str, object], expected: float
) -> None:
    detector = load(echo_network(tmp_path / "echo.onnx"), **settings)
    found = detector.detect(np.full((64, 64, 3), (10, 100, 200), np.uint8), 0.01)
    assert found.scores.tolist() == [pytest.approx(expected, abs=1e-4)]


def test_a_card_beside_the_file_is_read_and_the_settings_win(tmp_path: Path) -> None:
    path = echo_network(tmp_path / "echo.onnx")
    (tmp_path / "echo.yaml").write_text("labels: [widget]\ninput: {color: bgr, std: [100, 100, 100]}\n")
    detector = load(path, input=InputSettings(color="rgb"))
    assert detector.labels == ["widget"]
    assert (detector.input.color, detector.input.std) == ("rgb", (100, 100, 100))


def test_a_card_that_describes_another_file_is_refused(tmp_path: Path) -> None:
    path = echo_network(tmp_path / "echo.onnx")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "echo.yaml").write_text(f"sha256: '{digest}'\n")
    load(path)
    (tmp_path / "echo.yaml").write_text(f"sha256: {'0' * 64}\n")
    with pytest.raises(ModelError, match=r"is not the file that echo\.yaml beside it describes"):
        load(path)


def test_a_mistake_in_a_card_names_its_line(tmp_path: Path) -> None:
    path = echo_network(tmp_path / "echo.onnx")
    (tmp_path / "echo.yaml").write_text("name: echo\nlabelz: [a]\n")
    with pytest.raises(ConfigError, match=r"echo\.yaml:2: labelz: unknown key; did you mean 'labels'"):
        load(path)


def test_names_come_from_the_files_metadata(tmp_path: Path) -> None:
    path = yolov8(tmp_path / "x.onnx", metadata={"names": "{0: 'lorry', 1: 'tram'}"})
    assert load(path).labels == ["lorry", "tram"]


def test_names_come_from_a_file_or_the_word_coco(tmp_path: Path) -> None:
    (tmp_path / "names.txt").write_text("a\nb\n")
    assert load(yolov8(tmp_path / "x.onnx"), labels=str(tmp_path / "names.txt")).labels == ["a", "b"]
    coco = load(yolov8(tmp_path / "y.onnx", classes=80), labels="coco", format="yolov8").labels
    assert (len(coco), coco[0], coco[2], coco[79]) == (80, "person", "car", "toothbrush")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({}, "does not name its 2 classes: add `labels: coco`"),
        ({"format": "end2end"}, "cannot be end2end"),
        ({"labels": ["car"]}, "tells 2 classes apart, but 1 labels are given"),
        ({"labels": "coca"}, "or did you mean `coco`"),
        (
            {"labels": ["car", "bus"], "classes": ["cat"]},
            "no class 'cat'; did you mean 'car'.*knows car, bus",
        ),
        ({"labels": ["car", "bus"], "format": "yolox"}, "cannot be yolox"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, settings: dict[str, object], message: str) -> None:
    path = yolov8(tmp_path / "x.onnx")
    with pytest.raises((ModelError, ConfigError), match=message):
        load(path, **settings)


def test_a_shape_that_two_formats_have_must_be_named(tmp_path: Path) -> None:
    path = yolov8(tmp_path / "x.onnx", classes=80)  # 4 + 80 rows and 84 cells
    with pytest.raises(ModelError, match="can be yolov8 or yolox: say which with `format:`") as caught:
        load(path)
    lines = str(caught.value).splitlines()
    assert lines[0].endswith("one of these lines in x.yaml or in the model's part of the configuration")
    assert [line.split("#")[0].strip() for line in lines[1:]] == ["format: yolov8", "format: yolox"]
    (tmp_path / "x.yaml").write_text("format: yolov8\nlabels: coco\n")
    assert load(path).format == "yolov8"


def test_a_class_beyond_the_labels_is_left_out_and_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    output = np.zeros((1, 300, 6), np.float32)
    output[0, 0] = (1, 2, 30, 40, 0.9, 7)
    output[0, 1] = (1, 2, 30, 40, 0.8, 1)
    detector = load(constant_network(tmp_path / "x.onnx", output), labels=["car", "bus"])
    for _ in range(3):
        assert detector.detect(np.zeros((64, 64, 3), np.uint8), 0.3).class_ids.tolist() == [1]
    (record,) = caplog.records
    assert "gave class 7, but only 2 labels are known: such boxes are left out" in record.message


@pytest.mark.parametrize(
    ("shape", "settings", "metadata", "expected"),
    [
        ((1, 3, 64, 96), {}, {}, (96, 64)),
        ((1, 3, "h", "w"), {"input": InputSettings(size=(96, 64))}, {"imgsz": "[32, 32]"}, (96, 64)),
        ((1, 3, "h", "w"), {}, {"imgsz": "[64, 96]"}, (96, 64)),
        ((1, 3, "h", "w"), {}, {}, (640, 640)),
        ((1, 64, 96, 3), {}, {}, (96, 64)),
    ],
)
def test_the_size_of_the_input_is_found(
    tmp_path: Path,
    shape: tuple[int | str, ...],
    settings: dict[str, object],
    metadata: dict[str, str],
    expected: tuple[int, int],
) -> None:
    boxes = np.zeros((1, 300, 6), np.float32)
    path = constant_network(tmp_path / "x.onnx", boxes, input_shape=shape, metadata=metadata)
    assert load(path, labels=["a"], **settings).input.size == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "is a web page, not a network"),
        (b"\n <html lang=en>", "is a web page, not a network"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
        (b"PK\x03\x04 archive", "export it to ONNX first"),
        (b"\x08\x07garbage", "cannot be loaded as an ONNX network"),
    ],
)
def test_what_is_no_network_is_told_apart(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "x.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=message):
        load(path)


def test_other_inputs_than_a_picture_are_refused(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 10), np.float32), input_shape=(1, 16))
    with pytest.raises(ModelError, match=r"its input images is float32 of shape \(1, 16\)"):
        load(path)


def test_the_cpu_is_what_it_says(tmp_path: Path) -> None:
    detector = load(echo_network(tmp_path / "echo.onnx"), device="cpu")
    assert (detector.provider, detector.precision) == ("CPUExecutionProvider", "fp32")


@pytest.mark.skipif(nvidia_devices() > 0, reason="this machine has a GPU, so asking for one is no error")
@pytest.mark.parametrize("device", ["cuda", "tensorrt"])
def test_a_gpu_that_is_not_there_is_an_error_and_not_the_cpu(tmp_path: Path, device: str) -> None:
    path = echo_network(tmp_path / "echo.onnx")
    with pytest.raises(ModelError, match=f"device {device} was asked for, but"):
        load(path, device=device)
    assert load(path, device="auto").provider == "CPUExecutionProvider"
