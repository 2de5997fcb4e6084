"""From a picture and a network's answer to scores; the networks here answer what the test says."""

from pathlib import Path

import numpy as np
import pytest

from edgevision.core.types import Detections, Image, Mask, Segmentation
from edgevision.errors import DataError
from edgevision.evaluate.dataset import Dataset, Example, objects
from edgevision.evaluate.gate import judge, own_truth
from edgevision.evaluate.measure import Candidate
from edgevision.evaluate.networks import load
from edgevision.evaluate.result import results
from edgevision.opencv import cv2

IMAGE = np.zeros((40, 60, 3), np.uint8)
LEFT, RIGHT = [0.0, 0.0, 20.0, 40.0], [40.0, 0.0, 60.0, 40.0]
POLYGON = [[0, 0, 20, 0, 20, 40, 0, 40]]  # the left third


class Finder:
    """Finds the same in every picture."""

    def __init__(self, *found: tuple[list[float], float, int], masks: bool = False) -> None:
        self.labels = ["person", "kite", "car"]
        self.path = Path("fake.onnx")
        self._found = found
        self._masks = masks

    def facts(self) -> dict[str, str]:
        return {"file": "fake.onnx"}

    def detect(self, image: Image, least: float) -> Detections:
        kept = [each for each in self._found if each[1] >= least]
        boxes = np.array([box for box, _, _ in kept], np.float32).reshape(-1, 4)
        masks = tuple(
            Mask(int(x1), int(y1), np.ones((int(y2 - y1), int(x2 - x1)), bool)) for x1, y1, x2, y2 in boxes
        )
        scores = np.array([score for _, score, _ in kept], np.float32)
        classes = np.array([number for _, _, number in kept], np.int32)
        return Detections(boxes, scores, classes, masks if self._masks else None)


def _filled(box: list[int]) -> Mask:
    x1, y1, x2, y2 = box
    return Mask(x1, y1, np.ones((y2 - y1, x2 - x1), bool))


class Mapper:
    def __init__(self) -> None:
        self.labels = ["road", "lawn"]
        self.path = Path("map.onnx")

    def facts(self) -> dict[str, str]:
        return {}

    def segment(self, image: Image) -> Segmentation:
        numbers = np.zeros(image.shape[:2], np.uint8)
        numbers[:, 30:] = 1
        return Segmentation(numbers)


def people(*boxes: list[float], outlines: list[list[list[int]]] | None = None) -> Dataset:
    """One picture; `person` is not where the networks above have it."""
    truth = objects(boxes, [1] * len(boxes), [False] * len(boxes), outlines)
    return Dataset("a test", ["car", "person"], [Example(Path("a.jpg"), truth)])


def looked(task: str, network: Finder | Mapper, dataset: Dataset) -> Candidate:
    candidate = Candidate(task, network, dataset, {}, 0.35)
    for each in dataset.examples:
        candidate.look(IMAGE, each)
    return candidate


def test_classes_go_by_name_and_what_the_data_does_not_have_costs_nothing() -> None:
    network = Finder((RIGHT, 0.9, 1), (LEFT, 0.8, 0))  # a kite, surer than the person
    boxes = looked("detect", network, people(LEFT)).measure.scores().boxes
    assert boxes is not None
    assert (boxes.ap, boxes.at.precision) == pytest.approx((1.0, 1.0))


def test_masks_are_scored_as_objects_and_as_pixels() -> None:
    """The true mask is the left third. Found are it and a third as much again beside it: IoU 20 / 40."""
    network = Finder(([0, 0, 40, 40], 0.9, 0), masks=True)
    scores = looked("segment", network, people(LEFT, outlines=[POLYGON])).measure.scores()
    assert scores.maps is not None
    assert scores.masks is not None
    assert scores.maps.classes == pytest.approx({"person": 0.5})
    assert (scores.masks.ap50, scores.masks.ap) == pytest.approx((1.0, 0.1))


def test_a_map_is_compared_with_polygons_and_the_rest_is_other() -> None:
    """The road is the left third and was found in the left half: 20 / 30 of the width."""
    truth = objects([LEFT], [0], [False], [POLYGON])
    dataset = Dataset("a test", ["road", "tree"], [Example(Path("a.jpg"), truth)])
    scores = looked("segment", Mapper(), dataset).measure.scores().maps
    assert scores is not None
    assert scores.classes == pytest.approx({"road": 20 / 30})
    assert scores.accuracy == pytest.approx((20 + 30) / 60)  # its lawn is no class of the data


@pytest.mark.parametrize(
    ("task", "outlines", "masks", "message"),
    [
        ("segment", None, True, r"a\.jpg: its objects have boxes but no masks"),
        ("segment", [POLYGON], False, "finds boxes without masks: measure it with `eval detect`"),
        ("classify", None, False, "classify needs a network that classifies whole pictures"),
    ],
)
def test_what_does_not_go_together_is_told(
    task: str, outlines: list[list[list[int]]] | None, masks: bool, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        looked(task, Finder((LEFT, 0.9, 0), masks=masks), people(LEFT, outlines=outlines))


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / f"{n}.png" for n in range(10)]
    for path in paths:
        cv2.imwrite(str(path), IMAGE)
    return paths


def test_by_its_own_boxes_only_what_was_sure_is_demanded(pictures: list[Path]) -> None:
    full = Finder((LEFT, 0.9, 0), (RIGHT, 0.4, 2))
    dataset = own_truth(full, pictures)
    doubting = Finder((LEFT, 0.7, 0), (RIGHT, 0.3, 2))  # less sure, but it sees the same
    blind = Finder((RIGHT, 0.9, 2))
    seeing_more = Finder(([20, 0, 40, 40], 0.9, 0), (LEFT, 0.8, 0))
    verdicts = [
        judge(looked("detect", full, dataset), looked("detect", each, dataset), 0.35, labelled=False)
        for each in (full, doubting, blind, seeing_more)
    ]
    assert [each.loss for each in verdicts] == pytest.approx([0, 0, 1, 1 / 2])
    assert verdicts[1].confidence == pytest.approx(0.3)  # 2 boxes in each picture, as the float one at 0.35
    assert verdicts[0].objects == 10


def test_a_network_that_sees_nothing_cannot_be_its_own_truth(pictures: list[Path]) -> None:
    with pytest.raises(DataError, match="is sure of 0 objects in the 10 pictures"):
        own_truth(Finder((LEFT, 0.4, 0)), pictures)


def test_with_labels_the_new_confidence_keeps_the_precision() -> None:
    """At 0.35 the float network is right 10 of 10 times. The other is until its false alarms, at 0.6."""
    truth = objects([LEFT], [1], [False])
    dataset = Dataset("a test", ["car", "person"], [Example(Path("a.jpg"), truth)] * 10)
    full = looked("detect", Finder((LEFT, 0.5, 0)), dataset)
    other = looked("detect", Finder((LEFT, 0.8, 0), (RIGHT, 0.6, 0)), dataset)
    verdict = judge(full, other, 0.35, labelled=True)
    assert verdict.confidence == pytest.approx(0.8)
    assert verdict.loss == pytest.approx(0.0)  # AP asks for what is found, and false alarms come after


def test_speed_is_beside_the_first_network() -> None:
    one, two = (looked("detect", Finder((LEFT, 0.9, 0)), people(LEFT)) for _ in range(2))
    one.seconds, two.seconds = [0.2, 0.2, 9.0], [0.1, 0.1, 0.1]
    assert [each.speed for each in results([one, two])] == pytest.approx([1.0, 2.0])


@pytest.mark.parametrize(("model", "ap"), [("yolox_nano_416.onnx", 0.340)])
def test_a_real_network_reaches_the_figure_that_was_measured_elsewhere(
    model: str, ap: float, data: Path
) -> None:
    """notes/models.md beside the material: 0.340 by another decoder and scorer."""
    from edgevision.evaluate.dataset import open_dataset, read_picture

    dataset = open_dataset("detect", data / "labels" / "coco_val128" / "boxes_val2017_128.json", None)
    candidate = Candidate("detect", load(str(data / "models" / model), "coco", "cpu"), dataset, {}, 0.35)
    for each in dataset.examples:
        candidate.look(read_picture(each.image), each)
    boxes = candidate.measure.scores().boxes
    assert boxes is not None
    assert boxes.ap == pytest.approx(ap, abs=0.005)
