"""Classifiers whose output can be computed by hand: their classes are the means of the input's channels."""

import re
from pathlib import Path

import numpy as np
import pytest

from edgevision.errors import ConfigError, ModelError
from edgevision.inference.classifier import Classifier, best
from edgevision.inference.network import load_network
from edgevision.inference.settings import InputSettings, ModelSettings
from edgevision.sources.images import read_image
from tests.networks import constant_network, pooling_network

RGB = ["red", "green", "blue"]
IMAGE = np.full((90, 120, 3), (10, 100, 200), np.uint8)  # blue, green, red
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])  # ImageNet's


def load(path: Path, **settings: object) -> Classifier:
    network = load_network(ModelSettings(path=str(path), **settings), Path(), threads=1)  # type: ignore[arg-type]
    assert isinstance(network, Classifier)
    return network


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.e**values
    return np.asarray(powers / powers.sum())


IMAGENET = softmax((np.array([200, 100, 10]) / 255 - MEAN) / STD)


@pytest.mark.parametrize("layout", ["nchw", "nhwc"])
def test_raw_values_become_scores(tmp_path: Path, layout: str) -> None:
    settings = InputSettings(mean=(123.675, 116.28, 103.53), std=(58.395, 57.12, 57.375))
    path = pooling_network(tmp_path / "x.onnx", layout=layout)
    classifier = load(path, labels=RGB, input=settings if layout == "nhwc" else InputSettings())
    found = classifier.classify(IMAGE)
    assert found.scores == pytest.approx(IMAGENET, abs=1e-5)
    assert found.exclusive
    (first, highest), (second, next_highest) = best(found, 2)
    assert (first, second) == (0, 1)
    assert [highest, next_highest] == pytest.approx(IMAGENET[:2], abs=1e-5)


def test_scores_are_not_made_twice(tmp_path: Path) -> None:
    classifier = load(pooling_network(tmp_path / "x.onnx", ("Softmax", {"axis": 1})), labels=RGB)
    assert classifier.activation == "none"
    found = classifier.classify(IMAGE)
    assert found.scores == pytest.approx(IMAGENET, abs=1e-5)
    assert found.exclusive


def test_yes_or_no_for_each_label(tmp_path: Path) -> None:
    expected = 1 / (1 + np.e ** -((np.array([200, 100, 10]) / 255 - MEAN) / STD))
    finished = load(pooling_network(tmp_path / "x.onnx", ("Sigmoid", {})), labels=RGB)
    told = load(pooling_network(tmp_path / "y.onnx"), labels=RGB, activation="sigmoid")
    for classifier in (finished, told):
        found = classifier.classify(IMAGE)
        assert found.scores == pytest.approx(expected, abs=1e-5)
        assert not found.exclusive


def test_a_card_says_what_cannot_be_seen(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx")
    (tmp_path / "x.yaml").write_text(
        "labels: [red, green, blue]\nactivation: none\ninput: {mean: [0, 0, 0], std: [255, 255, 255]}\n"
    )
    found = load(path).classify(IMAGE)
    assert found.scores == pytest.approx(np.array([200, 100, 10]) / 255, abs=1e-5)
    assert not found.exclusive


def test_ultralytics_only_divides(tmp_path: Path) -> None:
    metadata = {"task": "classify", "names": "{0: 'red', 1: 'green', 2: 'blue'}"}
    classifier = load(pooling_network(tmp_path / "x.onnx", ("Softmax", {"axis": 1}), metadata=metadata))
    assert classifier.classify(IMAGE).scores == pytest.approx(
        softmax(np.array([200, 100, 10]) / 255), abs=1e-5
    )
    assert (classifier.input.resize, classifier.input.crop) == ("crop", 1.0)


def test_uint8_pictures_go_in_as_they_are(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx", dtype="uint8", layout="nhwc")
    found = load(path, labels=RGB).classify(IMAGE)
    assert found.scores == pytest.approx([1, 0, 0], abs=1e-6)  # softmax of 200, 100, 10


def test_only_the_middle_is_looked_at(tmp_path: Path) -> None:
    """The short side is 64, of which 56 are shown: the 4 px beside them are not."""
    image = np.zeros((64, 64, 3), np.uint8)
    image[4:60, 4:60] = (0, 0, 255)
    path = pooling_network(tmp_path / "x.onnx", side=56)
    classifier = load(
        path, labels=RGB, activation="none", input=InputSettings(mean=(0, 0, 0), std=(255,) * 3)
    )
    assert classifier.classify(image).scores.tolist() == [1, 0, 0]


@pytest.mark.parametrize("shape", [(1, 5), (5,), (1, 5, 1, 1), (1, 1, 1, 5)])
def test_any_row_of_numbers_will_do(tmp_path: Path, shape: tuple[int, ...]) -> None:
    row = np.array([0, 1, 5, 2, 3], np.float32).reshape(shape)
    found = load(constant_network(tmp_path / "x.onnx", row), labels=list("abcde")).classify(IMAGE)
    assert best(found, 1)[0][0] == 2


def test_one_value_is_a_yes_or_no(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.array([[2.0]], np.float32))
    found = load(path, labels=["empty"]).classify(IMAGE)
    assert found.scores.tolist() == [pytest.approx(0.8807971, abs=1e-6)]  # 1 / (1 + e^-2)
    assert not found.exclusive


def test_eight_bits_stand_for_0_to_1(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.array([[51, 204, 0]], np.uint8))
    found = load(path, labels=RGB).classify(IMAGE)
    assert found.scores.tolist() == [pytest.approx(0.2), pytest.approx(0.8), 0]
    assert found.exclusive


def test_large_values_do_not_overflow(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.array([[-1e4, 1e4, 3]], np.float32))
    assert load(path, labels=RGB).classify(IMAGE).scores.tolist() == [0, 1, 0]
    assert load(path, labels=RGB, activation="sigmoid").classify(IMAGE).scores[:2].tolist() == [0, 1]


def test_of_several_rows_one_is_named(tmp_path: Path) -> None:
    features, logits = np.zeros((1, 7), np.float32), np.array([[1, 2, 9]], np.float32)
    path = constant_network(tmp_path / "x.onnx", features, logits)
    with pytest.raises(ModelError, match=r"`output0` \(1, 7\), `output1` \(1, 3\); add `output: output0`"):
        load(path, labels=RGB)
    assert best(load(path, labels=RGB, output="output1").classify(IMAGE), 1)[0][0] == 2
    with pytest.raises(ModelError, match="has no output 'outptu1'; did you mean 'output"):
        load(path, labels=RGB, output="outptu1")


@pytest.mark.parametrize("labels", [None, ["red", "green"]])
def test_labels_must_fit(tmp_path: Path, labels: list[str] | None) -> None:
    with pytest.raises(ModelError, match=r"does not name its 3 classes|tells 3 classes apart, but 2 labels"):
        load(pooling_network(tmp_path / "x.onnx"), labels=labels)


def test_what_is_no_number_is_an_error(tmp_path: Path) -> None:
    broken = constant_network(tmp_path / "x.onnx", np.array([[np.nan, 1, 2]], np.float32))
    with pytest.raises(ModelError, match=r"gives no numbers \(NaN\) for test pictures"):
        load(broken, labels=RGB)
    # The logarithm of a channel that is 0 or less is not finite; test pictures have none of them in uint8.
    path = pooling_network(tmp_path / "y.onnx", ("Log", {}), dtype="uint8")
    with pytest.raises(ModelError, match=r"gives no numbers|gave no numbers"):
        load(path, labels=RGB).classify(np.zeros((64, 64, 3), np.uint8))


@pytest.mark.parametrize("shape", [(1, 1), (1, 16000), (16000, 1), (16000, 16000)])
def test_pictures_of_any_shape(tmp_path: Path, shape: tuple[int, int]) -> None:
    found = load(pooling_network(tmp_path / "x.onnx"), labels=RGB).classify(np.zeros((*shape, 3), np.uint8))
    assert found.scores == pytest.approx(softmax(-MEAN / STD), abs=1e-5)


def test_a_wrong_activation_names_its_line(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx")
    (tmp_path / "x.yaml").write_text("activation: sofmax\n")
    with pytest.raises(ConfigError, match=r"x\.yaml:1: activation: expected 'softmax', 'sigmoid' or 'none'"):
        load(path, labels=RGB)


def test_a_real_network_on_imagenet(data: Path) -> None:
    """Its 50 pictures name their class in their file names. Published for 200 others: 0.655 and 0.940."""
    names = str(data / "models/imagenet_classes.txt")
    classifier = load(data / "models/mobilenet_v2_uint8.onnx", labels=names)
    pictures = sorted((data / "labels/imagenet50").glob("*.jpg"))
    first = fifth = 0
    for path in pictures:
        truth = plain(re.sub(r"^\d+_n\d+_", "", path.stem))
        seen = [
            plain(classifier.labels[index]) for index, _ in best(classifier.classify(read_image(path)), 5)
        ]
        first += seen[0] == truth
        fifth += truth in seen
    assert first / len(pictures) >= 0.655
    assert fifth / len(pictures) >= 0.9


def plain(name: str) -> str:
    return re.sub(r"[_-]", " ", name.lower()).replace("'", "")
