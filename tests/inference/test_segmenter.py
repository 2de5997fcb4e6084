"""Segmenters whose classes are the channels of their input: what they must see can be painted."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgevision.core.boxes import Placement
from edgevision.core.types import Size
from edgevision.errors import ConfigError, ModelError
from edgevision.inference.maps import Layout, best_classes, layouts
from edgevision.inference.network import load_network
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import InputSettings, ModelSettings
from edgevision.opencv import cv2
from edgevision.sources.images import read_image
from tests.networks import constant_network, pooling_network

RGB = ["red", "green", "blue"]
PLAIN = InputSettings(mean=(0, 0, 0), std=(255, 255, 255))
Steps = tuple[tuple[str, dict[str, Any]], ...]
LAST: tuple[str, dict[str, Any]] = ("Transpose", {"perm": [0, 2, 3, 1]})


def load(path: Path, **settings: object) -> Segmenter:
    settings = {"labels": RGB, "input": PLAIN, **settings}
    network = load_network(ModelSettings(path=str(path), **settings), Path(), threads=1)  # type: ignore[arg-type]
    assert isinstance(network, Segmenter)
    return network


def painted(width: int, height: int) -> np.ndarray:
    """Red, with green from the middle to the right and blue in the lower quarter. BGR."""
    image = np.full((height, width, 3), (0, 0, 250), np.uint8)
    image[:, width // 2 :] = (0, 250, 0)
    image[3 * height // 4 :] = (250, 0, 0)
    return image


def truth(image: np.ndarray) -> np.ndarray:
    return np.asarray(image[:, :, ::-1].argmax(axis=2))


@pytest.mark.parametrize(
    ("steps", "values"),
    [
        ((), "scores"),
        ((LAST,), "scores"),
        ((("Softmax", {"axis": 1}),), "scores"),
        ((("ArgMax", {"axis": 1, "keepdims": 0}),), "ids"),
        ((("ArgMax", {"axis": 1, "keepdims": 1}),), "ids"),
        ((("ArgMax", {"axis": 1, "keepdims": 1}), ("Cast", {"to": 1})), "ids"),
        ((LAST, ("ArgMax", {"axis": 3, "keepdims": 1})), "ids"),
    ],
)
@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_every_way_to_write_a_map(
    tmp_path: Path, steps: Steps, values: str, stride: int, layout: str
) -> None:
    path = pooling_network(tmp_path / "x.onnx", *steps, stride=stride, layout=layout)
    segmenter = load(path)
    assert segmenter.values == values
    image = painted(64, 64)
    found = segmenter.segment(image).class_ids
    assert (found.shape, found.dtype.name) == ((64, 64), "uint8")
    assert (found == truth(image)).all()


@pytest.mark.parametrize("resize", ["stretch", "letterbox", "letterbox_top_left"])
@pytest.mark.parametrize("frame", [(128, 64), (40, 320), (64, 64), (200, 104)])
def test_the_map_has_the_pictures_size(tmp_path: Path, resize: str, frame: tuple[int, int]) -> None:
    """Borders between colours move by half a place of the map at most, in the picture's pixels."""
    segmenter = load(
        pooling_network(tmp_path / "x.onnx", stride=2),
        input=PLAIN.model_copy(update={"resize": resize, "pad": 255}),
    )
    image = painted(*frame)
    found = segmenter.segment(image).class_ids
    assert found.shape == image.shape[:2]
    doubt_x = doubt_y = max(frame) / 32 if resize != "stretch" else 0.0
    doubt_x, doubt_y = max(doubt_x, frame[0] / 32), max(doubt_y, frame[1] / 32)
    y, x = np.mgrid[: frame[1], : frame[0]] + 0.5
    near = (abs(x - frame[0] // 2) < doubt_x) | (abs(y - 3 * frame[1] // 4) < doubt_y)
    assert (found == truth(image))[~near].all()
    assert set(np.unique(found)) == {0, 1, 2}


def interpolated(planes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Bilinear by its definition, pixel by pixel: centres at .5, the border repeated."""
    answer = np.zeros((len(planes), height, width))
    for row in range(height):
        for column in range(width):
            y = min(max((row + 0.5) * planes.shape[1] / height - 0.5, 0), planes.shape[1] - 1)
            x = min(max((column + 0.5) * planes.shape[2] / width - 0.5, 0), planes.shape[2] - 1)
            top, left = int(y), int(x)
            bottom, right = min(top + 1, planes.shape[1] - 1), min(left + 1, planes.shape[2] - 1)
            upper = planes[:, top, left] * (1 - x + left) + planes[:, top, right] * (x - left)
            lower = planes[:, bottom, left] * (1 - x + left) + planes[:, bottom, right] * (x - left)
            answer[:, row, column] = upper * (1 - y + top) + lower * (y - top)
    return answer


@pytest.mark.parametrize("frame", [(57, 31), (9, 80), (16, 16), (5, 3)])
def test_values_are_interpolated_before_they_are_compared(
    frame: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edgevision.inference.maps.STRIP", 200)  # so that there are several strips
    planes = np.random.default_rng(5).normal(size=(6, 16, 16)).astype(np.float32)
    placement = Placement(Size(*frame), 64 / frame[0], 64 / frame[1], 0, 0)
    found = best_classes(planes, Size(64, 64), placement)
    values = interpolated(planes.astype(float), *frame)
    first, second = np.sort(values, axis=0)[-1], np.sort(values, axis=0)[-2]
    clear = first - second > 1e-4
    assert clear.mean() > 0.99
    assert (found == values.argmax(axis=0))[clear].all()


def test_bars_of_a_letterbox_leave_no_trace() -> None:
    """64x64 px hold a frame of 40x20, 1.6 times as large, 16 px below the top; its map has 16x16 places."""
    planes = np.zeros((2, 16, 16), np.float32)
    planes[1, :4] = planes[1, 12:] = 5  # the bars are of class 1, the picture is of class 0
    found = best_classes(planes, Size(64, 64), Placement(Size(40, 20), 1.6, 1.6, 0, 16))
    assert not found.any()
    # 6 px and 52: both inside a place of 4 px.
    found = best_classes(planes, Size(64, 64), Placement(Size(64, 46), 1, 1, 0, 6))
    assert (found[:8] == 1).all()  # rows 0..9 lie over places of class 1, but for the border's softness
    assert not found[12:40].any()


@pytest.mark.parametrize("steps", [(), (("Sigmoid", {}),)])
def test_one_value_for_each_place_is_two_classes(tmp_path: Path, steps: Steps) -> None:
    """The mean over the channels of a picture of -1 and 1: above 0 is the second class."""
    step = ("ReduceMean", {"axes": [1], "keepdims": 1})
    path = pooling_network(tmp_path / "x.onnx", step, *steps, stride=4)
    halves = InputSettings(mean=(127.5,) * 3, std=(127.5,) * 3)
    segmenter = load(path, labels=["road", "crack"], input=halves)
    assert segmenter.values == ("probability" if steps else "logit")
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, 32:] = 255
    assert (segmenter.segment(image).class_ids == (image[:, :, 0] > 0)).all()


def test_torchvisions_second_output_is_not_read(tmp_path: Path) -> None:
    import onnx

    right, wrong = np.zeros((1, 3, 16, 16), np.float32), np.zeros((1, 3, 16, 16), np.float32)
    right[0, 2], wrong[0, 1] = 1, 1
    path = constant_network(tmp_path / "x.onnx", wrong, right)
    with pytest.raises(ModelError, match=r"several outputs.*add `output: output0`, or another"):
        load(path)
    model = onnx.load(str(path))
    for place, name in enumerate(["aux", "out"]):
        model.graph.node[place].output[0] = model.graph.output[place].name = name
    onnx.save(model, str(path))
    assert (load(path).segment(painted(8, 8)).class_ids == 2).all()


def test_metadata_of_ultralytics(tmp_path: Path) -> None:
    metadata = {"task": "semantic", "names": "{0: 'red', 1: 'green', 2: 'blue'}"}
    path = pooling_network(
        tmp_path / "x.onnx", ("ArgMax", {"axis": 1, "keepdims": 0}), stride=1, metadata=metadata
    )
    segmenter = load(path, labels=None, input=InputSettings())
    assert segmenter.labels == RGB
    assert (segmenter.input.resize, segmenter.input.pad) == ("letterbox", 114)
    image = painted(64, 32)
    assert (segmenter.segment(image).class_ids == truth(image)).all()


def test_classes_at_either_end_are_told_apart_by_their_number() -> None:
    output = np.zeros((1, 8, 8, 8), np.float32)
    assert layouts(output, Size(64, 64)) == [Layout("first", 8), Layout("last", 8)]
    assert layouts(np.zeros((1, 21, 33, 65)), Size(512, 256)) == [Layout("first", 21)]
    assert layouts(np.zeros((1, 33, 65, 21)), Size(512, 256)) == [Layout("last", 21)]
    assert layouts(np.zeros((1, 33, 65)), Size(512, 256)) == [Layout("none", 1)]
    assert layouts(np.zeros((1, 84, 8400)), Size(640, 640)) == []
    assert layouts(np.zeros((1, 1000)), Size(224, 224)) == []


@pytest.mark.parametrize(
    ("output", "settings", "message"),
    [
        (np.zeros((1, 300, 16, 16), np.float32), {"labels": None}, "300 classes apart; at most 256"),
        (np.zeros((1, 3, 16, 16), np.float32), {"labels": ["a"]}, "tells 3 classes apart, but 1 labels"),
        (np.zeros((1, 3, 16, 16), np.float32), {"labels": None}, "does not name its 3 classes.*labels: voc"),
        (
            np.zeros((1, 3, 16, 16), np.float32),
            {"input": InputSettings(resize="crop")},
            "leaves the borders of a picture undecided",
        ),
    ],
)
def test_what_cannot_be_read_is_told(
    tmp_path: Path, output: np.ndarray, settings: dict[str, object], message: str
) -> None:
    with pytest.raises((ModelError, ConfigError), match=message):
        load(constant_network(tmp_path / "x.onnx", output), **settings)


@pytest.mark.parametrize("value", [7, -1, 300])
def test_a_class_beyond_the_labels_is_told(tmp_path: Path, value: int) -> None:
    path = constant_network(tmp_path / "x.onnx", np.full((1, 16, 16), value, np.float32))
    with pytest.raises(ModelError, match=f"gave class {value}, but 3 labels are known"):
        load(path).segment(painted(8, 8))


def test_what_is_no_number_is_an_error(tmp_path: Path) -> None:
    broken = np.zeros((1, 3, 16, 16), np.float32)
    broken[0, 1, 7, 7] = np.nan
    with pytest.raises(ModelError, match=r"gave no numbers \(NaN\)"):
        load(constant_network(tmp_path / "x.onnx", broken)).segment(painted(8, 8))


@pytest.mark.parametrize("shape", [(1, 1), (1, 16000), (16000, 1), (6000, 9000)])
def test_pictures_of_any_shape(tmp_path: Path, shape: tuple[int, int]) -> None:
    image = np.broadcast_to(np.array([0, 250, 0], np.uint8), (*shape, 3))
    found = load(pooling_network(tmp_path / "x.onnx", stride=8)).segment(np.ascontiguousarray(image))
    assert found.class_ids.shape == shape
    assert (found.class_ids == 1).all()


def test_a_real_network_sees_people(data: Path) -> None:
    """Intersection over union of the pixels that COCO's maps call person (1; in VOC 15): 0.62 was measured
    for this network on other pictures, and 0.43 with red and blue exchanged."""
    segmenter = load(data / "models/deeplab_v3_1_default_1.onnx", labels="voc", input=InputSettings())
    both = either = 0
    for path in sorted((data / "labels/coco_val128/semantic_png").glob("*.png"))[:40]:
        truth = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) == 1
        picture = data / "labels/coco_val128/images" / f"{path.stem}.jpg"
        found = segmenter.segment(read_image(picture)).class_ids == segmenter.labels.index("person")
        both += int(np.count_nonzero(truth & found))
        either += int(np.count_nonzero(truth | found))
    assert both / either > 0.5
