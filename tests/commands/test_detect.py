import json
from pathlib import Path

import numpy as np
import pytest

from edgevision.core.boxes import iou_matrix
from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from tests.commands.process import check_failure, edgevision

MOMENT = 12.0  # s into scene 1


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "carpark.png"
    cv2.imwrite(str(path), Renderer(Scene(seed=1)).frame(MOMENT))
    return path


def test_a_picture_as_json_agrees_with_the_truth(picture: Path) -> None:
    done = edgevision("detect", str(picture), "--model", "builtin:drawn", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    (found,) = answer["pictures"]
    assert (found["name"], found["width"], found["height"]) == ("carpark.png", 960, 540)
    assert answer["model"]["format"] == "boxes_scores"
    truth = Scene(seed=1).truth(MOMENT)
    clear = [n for n in range(len(truth.ids)) if truth.visible[n] > 0.7]
    boxes = [each["box"] for each in found["objects"]]
    assert (iou_matrix(truth.boxes[clear], boxes_array(boxes)).max(axis=1) > 0.6).all()


def test_a_picture_in_words_and_as_a_picture(picture: Path, tmp_path: Path) -> None:
    done = edgevision("detect", str(picture), "--save", str(tmp_path / "found"), "--classes", "car")
    first, *rest = done.stdout.splitlines()
    assert first.startswith("carpark.png (960x540): ")
    assert first.endswith(" car")
    assert len(rest) == int(first.split()[2]) + 1
    drawn = cv2.imread(str(tmp_path / "found" / "carpark.png"))
    assert drawn is not None
    assert (drawn != cv2.imread(str(picture))).any()


def test_a_video_is_summed_up_and_saved(tmp_path: Path) -> None:
    address = "synthetic:carpark?seed=1&seconds=2&fps=5"
    done = edgevision("detect", address, "--frames", "4", "--save", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("4 frames\n")
    assert "  car: in 4 frames, at most " in done.stdout
    capture = cv2.VideoCapture(str(tmp_path / "detected.mp4"))
    assert int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) == 4


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["gone.jpg"], 1, r"gone\.jpg is not a picture"),
        (["gone.mp4"], 1, r"gone\.mp4 does not exist"),
        (["ftp://host/x"], 1, "unknown scheme 'ftp'"),
        (["PICTURE", "--model", "gone.onnx"], 1, r"--model gone\.onnx does not exist"),
        (["PICTURE", "--model", "builtin:x"], 1, "--model: there is no built-in network 'x'; there are def"),
        (["PICTURE", "--classes", "cra"], 2, "no class 'cra'; did you mean 'car'"),
        (["PICTURE", "--save", "PICTURE"], 1, "cannot write to .*File exists"),
    ],
)
def test_a_mistake_is_one_line(picture: Path, arguments: list[str], status: int, message: str) -> None:
    given = [str(picture) if argument == "PICTURE" else argument for argument in arguments]
    check_failure(edgevision("detect", *given), status, message)


def boxes_array(boxes: list[list[float]]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)
