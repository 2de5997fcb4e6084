"""Crops, and what a classifier says of them; its classes are the means of the input's channels."""

import logging
from pathlib import Path

import numpy as np
import pytest

from edgevision.core.types import Classification, Image, Size
from edgevision.inference.classifier import Classifier
from edgevision.inference.crops import GREY, NONE, CropReader, object_crop, place_crop
from edgevision.inference.network import load_network
from edgevision.inference.preprocess import InputSpec
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import InputSettings, ModelSettings
from tests.networks import constant_network, pooling_network

RGB = ["red", "green", "blue"]
PLAIN = InputSettings(mean=(0, 0, 0), std=(255, 255, 255))
STRETCH = InputSpec(Size(64, 64), resize="stretch")
MIDDLE = InputSpec(Size(64, 64), resize="crop", crop=0.875)


def ramp(width: int, height: int) -> Image:
    """Each pixel says where it is: blue is x, green is y."""
    image = np.zeros((height, width, 3), np.uint8)
    image[:, :, 0] = np.arange(width)[None]
    image[:, :, 1] = np.arange(height)[:, None]
    return image


def bounds(crop: Image | None) -> tuple[int, int, int, int] | None:
    """x1 y1 x2 y2 of a crop of a ramp, x2 and y2 exclusive."""
    if crop is None:
        return None
    return crop[0, 0, 0], crop[0, 0, 1], crop[-1, -1, 0] + 1, crop[-1, -1, 1] + 1


@pytest.mark.parametrize(
    ("box", "margin", "expected"),
    [
        ((40, 50, 80, 70), 0.0, (40, 50, 80, 70)),
        ((40, 50, 80, 70), 0.25, (30, 45, 90, 75)),
        ((40.4, 50.4, 79.6, 69.6), 0.0, (40, 50, 79, 69)),  # 39.2 and 19.2 px are 39 and 19
        ((-30, -30, 20, 20), 0.0, (0, 0, 20, 20)),
        ((180, 80, 260, 140), 0.5, (160, 60, 200, 100)),  # moved back inside
        ((0, 0, 200, 100), 1.0, (0, 0, 200, 100)),
        ((-50, 10, -1, 60), 0.1, None),
        ((30, 30, 30.5, 80), 0.1, None),
    ],
)
def test_the_part_around_a_box(
    box: tuple[float, ...], margin: float, expected: tuple[int, ...] | None
) -> None:
    crop = object_crop(ramp(200, 100), np.array(box, np.float32), margin, STRETCH)
    assert bounds(crop) == expected


def test_where_only_the_middle_is_shown_the_whole_box_is_in_it(tmp_path: Path) -> None:
    """A wide object: its ends are red, and the shown middle of a crop in its own proportions has none."""
    image = np.zeros((200, 200, 3), np.uint8)
    image[90:110, 40:60] = image[90:110, 140:160] = (0, 0, 255)
    box = np.array([40, 90, 160, 110], np.float32)
    spec = InputSpec(Size(64, 64), resize="crop", crop=0.875)
    crop = object_crop(image, box, 0.0, spec)
    assert crop is not None
    assert crop.shape[:2] == (137, 137)  # 120 / 0.875
    red = look_once(tmp_path, crop).scores[0]
    assert red == pytest.approx(2 * 20 * 20 / 120**2, rel=0.05)
    assert look_once(tmp_path, image[90:110, 40:160]).scores[0] == 0


def look_once(folder: Path, crop: Image) -> Classification:
    cropped = PLAIN.model_copy(update={"resize": "crop"})
    return load(folder, input=cropped, activation="none").classify(crop)


def load(folder: Path, *steps: tuple[str, dict[str, object]], **settings: object) -> Classifier:
    batch = settings.pop("batch", 1)
    path = pooling_network(folder / "x.onnx", *steps, batch=batch)  # type: ignore[arg-type]
    network = load_network(
        ModelSettings(path=str(path), labels=RGB, **settings),  # type: ignore[arg-type]
        Path(),
        threads=1,
    )
    assert isinstance(network, Classifier)
    return network


def test_a_place_is_cut_out_and_grey_around(tmp_path: Path) -> None:
    image = np.full((100, 200, 3), 250, np.uint8)
    triangle = np.array([[50, 20], [90, 20], [50, 60]], np.float32)
    crop = place_crop(image, triangle, STRETCH)
    assert crop.shape == (40, 40, 3)
    assert set(np.unique(crop)) == {GREY, 250}
    assert (crop == 250).mean() == pytest.approx(0.5, abs=0.05)  # its border counts as inside
    assert crop[2, 2].tolist() == [250] * 3
    assert crop[-3, -3].tolist() == [GREY] * 3
    assert (image == 250).all()


def test_a_wide_place_is_shown_to_its_ends(tmp_path: Path) -> None:
    image = np.full((100, 200, 3), 250, np.uint8)
    strip = np.array([[0, 40], [200, 40], [200, 60], [0, 60]], np.float32)
    crop = place_crop(image, strip, MIDDLE)
    side = round(128 / 0.875)  # 200 px are made 2 x 64
    assert crop.shape[:2] == (side, side)
    rows, columns = np.nonzero((crop == 250).all(axis=2))
    assert [int(np.ptp(each)) + 1 for each in (columns, rows)] == [128, 13]
    assert abs(columns.min() - (side - 1 - columns.max())) <= 1


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (3000, 4000)])
@pytest.mark.parametrize("spec", [STRETCH, MIDDLE])
def test_a_place_needs_little_memory_however_large_the_picture(
    size: tuple[int, int], spec: InputSpec
) -> None:
    whole = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * (size[1], size[0])
    crop = place_crop(np.zeros((*size, 3), np.uint8), whole, spec)
    assert max(crop.shape) <= 2 * 64 / 0.875 + 1


def colored(*color: int, side: int = 64) -> Image:
    return np.full((side, side, 3), color, np.uint8)


def crops_of(classifier: Classifier, most: int = 4, **settings: object) -> CropReader:
    return CropReader(classifier, ModelSettings.model_validate(settings), most)


RED, GREEN, BLUE = colored(0, 0, 255), colored(0, 255, 0), colored(255, 0, 0)


@pytest.mark.parametrize("batch", [1, "n"])
def test_several_crops_in_order(tmp_path: Path, batch: int | str) -> None:
    classifier = load(tmp_path, batch=batch)
    assert classifier.batches == (batch == "n")
    runs = []
    infer = classifier.infer
    classifier.infer = lambda tensor: runs.append(len(tensor)) or infer(tensor)  # type: ignore
    found = crops_of(classifier).look([RED, BLUE, GREEN, GREEN, BLUE, RED])
    assert [each and each.label for each in found] == ["red", "blue", "green", "green", "blue", "red"]
    assert runs == ([4, 2] if batch == "n" else [1] * 6)
    alone = [crops_of(classifier).look([crop])[0] for crop in (RED, BLUE, GREEN)]
    for one, other in zip(found, alone, strict=False):
        assert one
        assert other
        assert one.score == pytest.approx(other.score, abs=1e-6)


def test_an_open_batch_that_mixes_pictures_is_not_used(tmp_path: Path) -> None:
    classifier = load(tmp_path, ("ReduceMean", {"axes": [0], "keepdims": 1}), batch="n")
    assert not classifier.batches
    found = crops_of(classifier).look([RED, BLUE])
    assert [each and each.label for each in found] == ["red", "blue"]


@pytest.mark.parametrize("shape", [(3, 64, 64), (64, 64, 3), ("height", "width", 3)])
def test_a_network_without_a_dimension_for_several(tmp_path: Path, shape: tuple[int | str, ...]) -> None:
    scores = np.array([0.1, 0.8, 0.1], np.float32)
    path = constant_network(tmp_path / "x.onnx", scores, input_shape=shape)
    settings = ModelSettings(path=str(path), labels=RGB, input=InputSettings(size=(64, 64)))
    network = load_network(settings, Path(), threads=1)
    assert isinstance(network, Classifier)
    assert not network.batches
    assert [each and each.label for each in crops_of(network).look([RED, BLUE])] == ["green", "green"]


def test_what_is_not_sure_is_no_opinion(tmp_path: Path) -> None:
    classifier = load(tmp_path)
    assert crops_of(classifier, confidence=0.9).look([colored(120, 120, 125), RED])[0] is None
    low = crops_of(classifier, confidence=0.1).look([colored(120, 120, 125)])[0]
    assert low
    assert low.score < 0.9


def test_only_the_wanted_labels_can_win(tmp_path: Path) -> None:
    crops = crops_of(load(tmp_path), classes=["green", "blue"], confidence=0.05)
    assert crops.labels == ["green", "blue"]
    found = crops.look([colored(90, 80, 100)])[0]
    assert found
    assert found.label == "blue"


def test_no_to_every_label_is_said(tmp_path: Path) -> None:
    """Not exclusive: scores are the channels' means; at 0.8 to believe, 0.2 and less is a sure no."""
    classifier = load(tmp_path, activation="none", input=PLAIN)
    crops = crops_of(classifier, confidence=0.8)
    assert crops.labels == [*RGB, NONE]
    yes, no, neither = crops.look([colored(0, 230, 0), colored(0, 26, 0), colored(0, 128, 0)])
    assert yes
    assert no
    assert (yes.label, round(yes.score, 3)) == ("green", round(230 / 255, 3))
    assert (no.label, round(no.score, 3)) == (NONE, round(1 - 26 / 255, 3))
    assert neither is None


def test_a_crop_of_few_pixels_weighs_less(tmp_path: Path) -> None:
    crops = crops_of(load(tmp_path, activation="none", input=PLAIN))
    small, full, large = crops.look([colored(0, 0, 255, side=side) for side in (16, 64, 200)])
    assert small
    assert full
    assert large
    assert [small.weight, full.weight, large.weight] == pytest.approx([0.25, 1, 1])
    assert small.score == full.score == 1


def test_no_numbers_are_no_opinion_and_told_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    classifier = load(tmp_path)
    classifier.infer = lambda tensor: [np.full((len(tensor), 3), np.nan, np.float32)]  # type: ignore
    with caplog.at_level(logging.WARNING):
        assert crops_of(classifier).look([RED, RED, RED]) == [None] * 3
    (told,) = caplog.records
    assert told.getMessage().startswith(str(tmp_path / "x.onnx"))


def test_a_segmenter_tells_what_most_of_a_crop_is(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "map.onnx", stride=8)
    settings = ModelSettings(path=str(path), labels=RGB, input=PLAIN, confidence=0.3)
    network = load_network(settings, Path(), threads=1)
    assert isinstance(network, Segmenter)
    crop = np.zeros((64, 64, 3), np.uint8)
    crop[:40, :, 0], crop[40:, :, 1] = 255, 255
    (all_of_them,) = CropReader(network, settings, 4).look([crop])
    assert all_of_them
    assert all_of_them.label == "blue"
    assert all_of_them.score == pytest.approx(40 / 64)
    others = CropReader(network, settings.model_copy(update={"classes": ["red", "green"]}), 4)
    assert others.labels == ["red", "green"]
    green, nothing = others.look([crop, BLUE])
    assert green
    assert green.label == "green"
    assert green.score == pytest.approx(24 / 64)
    assert nothing is None
