from pathlib import Path

import numpy as np
import pytest

from edgevision.errors import ModelError
from edgevision.inference.classifier import Classifier
from edgevision.inference.detector import Detector
from edgevision.inference.network import Network, find_task, load_network
from edgevision.inference.opened import open_network
from edgevision.inference.segmenter import Segmenter
from edgevision.inference.settings import ModelSettings
from tests.networks import constant_network

CELLS = 8 * 8 + 4 * 4 + 2 * 2
NAMES = {"names": "{0: 'a', 1: 'b', 2: 'c'}"}


def load(path: Path, **settings: object) -> Network:
    return load_network(ModelSettings(path=str(path), **settings), Path(), threads=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shapes", "kind"),
    [
        ([(1, 4 + 3, CELLS)], Detector),
        ([(1, 300, 6)], Detector),
        ([(1, CELLS, 4), (1, CELLS, 3)], Detector),
        ([(1, 3)], Classifier),
        ([(1, 3, 1, 1)], Classifier),
        ([(1, 3, 16, 16)], Segmenter),
        ([(1, 64, 64, 3)], Segmenter),
        ([(1, 16, 16)], Segmenter),
    ],
)
def test_shapes_tell_the_task(tmp_path: Path, shapes: list[tuple[int, ...]], kind: type) -> None:
    outputs = [np.zeros(shape, np.float32) for shape in shapes]
    path = constant_network(tmp_path / "x.onnx", *outputs, metadata=NAMES)
    assert type(load(path)) is kind


@pytest.mark.parametrize(("noted", "kind"), [("classify", Classifier), ("detect", Detector)])
def test_metadata_tells_the_task(tmp_path: Path, noted: str, kind: type) -> None:
    output = np.zeros((1, 3) if noted == "classify" else (1, 300, 6), np.float32)
    path = constant_network(tmp_path / "x.onnx", output, metadata={**NAMES, "task": noted})
    assert type(load(path)) is kind


def test_poses_are_refused(tmp_path: Path) -> None:
    output = np.zeros((1, 56, CELLS), np.float32)
    path = constant_network(tmp_path / "x.onnx", output, metadata={**NAMES, "task": "pose"})
    with pytest.raises(ModelError, match="pose"):
        load(path)


def test_what_fits_two_tasks_must_be_said(tmp_path: Path) -> None:
    """300 rows of 6 are boxes; over an input of 300 x 6 they are a map, too."""
    output = np.zeros((1, 300, 6), np.float32)
    path = constant_network(tmp_path / "x.onnx", output, input_shape=(1, 3, 300, 6), metadata=NAMES)
    expected = (
        r"\(1, 300, 6\) can be read in several ways: add `task: detect` or `task: segment` to .*x\.yaml"
    )
    with pytest.raises(ModelError, match=expected):
        load(path)
    assert isinstance(load(path, task="detect"), Detector)
    assert isinstance(load(path, task="segment"), Segmenter)
    assert isinstance(load(path, format="end2end"), Detector)
    (tmp_path / "x.yaml").write_text("task: segment\n")
    assert isinstance(load(path), Segmenter)


def test_what_fits_nothing_is_told_with_all_that_is_known(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 7, 9, 11, 2), np.float32))
    with pytest.raises(ModelError, match=r"(?s)\(1, 7, 9, 11, 2\).*yolov8: .*a classifier: .*a segmenter: "):
        load(path)


def test_a_task_that_the_outputs_cannot_be_is_told(tmp_path: Path) -> None:
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 3), np.float32), metadata=NAMES)
    with pytest.raises(
        ModelError, match=r"none of its outputs can be read for this task: `output0` \(1, 3\)"
    ):
        load(path, task="segment")


def test_objects_with_masks_are_detected(tmp_path: Path) -> None:
    """Who says `segment` of such a network means its masks."""
    path = constant_network(tmp_path / "x.onnx", np.zeros((1, 7, CELLS), np.float32), metadata=NAMES)
    opened = open_network(ModelSettings(path=str(path), task="segment"), Path(), threads=1)
    assert find_task(opened)[0] == "detect"


def test_pyramids_of_maps_are_no_segmenter(tmp_path: Path) -> None:
    """A YOLO without its decoder: three grids, which no format reads."""
    grids = [np.zeros((1, 255, side, side), np.float32) for side in (8, 4, 2)]
    with pytest.raises(ModelError, match="no known format"):
        load(constant_network(tmp_path / "x.onnx", *grids))
