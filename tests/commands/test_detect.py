import json
from pathlib import Path

import numpy as np
import pytest

from edgevision.core.boxes import iou_matrix
from edgevision.core.types import Detections, Mask, Size
from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from edgevision.views import objects_of
from tests.commands.process import check_failure, edgevision
from tests.networks import pooling_network

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


def painted(path: Path) -> Path:
    """The left three quarters red, the rest blue."""
    image = np.full((80, 80, 3), (0, 0, 255), np.uint8)
    image[:, 60:] = (255, 0, 0)
    cv2.imwrite(str(path), image)
    return path


def test_a_classifier_names_the_picture(tmp_path: Path) -> None:
    path = pooling_network(tmp_path / "x.onnx", metadata={"names": "{0: 'red', 1: 'green', 2: 'blue'}"})
    image = painted(tmp_path / "a.png")
    done = edgevision("detect", str(image), "--model", str(path), "--save", str(tmp_path / "out"))
    assert done.stdout.startswith("a.png (80x80): red ")
    assert [line.split()[0] for line in done.stdout.splitlines()[1:4]] == ["red", "blue", "green"]
    drawn = cv2.imread(str(tmp_path / "out" / "a.png"))
    assert drawn is not None
    assert drawn.shape[:2] == (240, 240)  # enlarged, for the text to be read
    answer = json.loads(edgevision("detect", str(image), "--model", str(path), "--json").stdout)
    (picture,) = answer["pictures"]
    assert answer["model"]["task"] == "classify"
    assert sum(each["score"] for each in picture["labels"]) == pytest.approx(1, abs=1e-3)


def test_a_segmenter_tells_shares(tmp_path: Path) -> None:
    metadata = {"names": "{0: 'red', 1: 'green', 2: 'blue'}"}
    path = pooling_network(tmp_path / "x.onnx", stride=1, side=80, metadata=metadata)
    image = painted(tmp_path / "a.png")
    done = edgevision("detect", str(image), "--model", str(path), "--json", "--save", str(tmp_path / "out"))
    (picture,) = json.loads(done.stdout)["pictures"]
    assert picture["shares"] == {"red": 0.75, "blue": 0.25}
    assert cv2.imread(str(tmp_path / "out" / "a.png")) is not None
    done = edgevision("detect", str(image), "--model", str(path), "--classes", "blue")
    assert done.stdout.splitlines() == ["a.png (80x80): blue 25.0%", "  blue           25.0%"]


def test_a_picture_in_tiles(picture: Path, tmp_path: Path) -> None:
    """A large picture with small vehicles in a corner, which tiles show larger than the whole does."""
    small = cv2.imread(str(picture))
    assert small is not None
    image = np.full((2160, 3840, 3), 114, np.uint8)
    image[1500:2040, 2700:3660] = small
    cv2.imwrite(str(tmp_path / "large.png"), image)
    truth = Scene(seed=1).truth(MOMENT)
    clear = [n for n in range(len(truth.ids)) if truth.visible[n] > 0.7]
    for tiles, found_most in ([], False), (["--tiles", "auto"], True):
        done = edgevision("detect", str(tmp_path / "large.png"), "--model", "builtin:drawn", "--json", *tiles)
        (answer,) = json.loads(done.stdout)["pictures"]
        boxes = boxes_array([each["box"] for each in answer["objects"]])
        seen = iou_matrix(truth.boxes[clear] + np.array([2700, 1500] * 2), boxes).max(axis=1, initial=0) > 0.5
        assert (seen.mean() > 0.7) == found_most, (tiles, seen)


def test_a_mask_is_told_as_polygons_and_run_lengths() -> None:
    pixels = np.zeros((10, 20), bool)
    pixels[2:8, 5:15] = True
    found = Detections(
        np.array([[100, 50, 120, 60]], np.float32), np.array([0.5], np.float32), np.array([0], np.int32),
        (Mask(100, 50, pixels),),
    )  # fmt: skip
    (told,) = objects_of(found, ["box"], Size(200, 100))
    assert (told["label"], told["score"], told["box"]) == ("box", 0.5, [100, 50, 120, 60])
    assert told["rle"]["size"] == [100, 200]
    assert sum(told["rle"]["counts"][1::2]) == 60
    assert np.array(told["polygons"][0]).min(axis=0).tolist() == [105.25, 52.25]
    json.dumps(told)


def test_a_picture_that_is_too_large_is_one_line(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "big.png"), np.zeros((16000, 16000), np.uint8))
    check_failure(edgevision("detect", str(tmp_path / "big.png")), 1, r"big\.png is too large: up to 67 mega")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["gone.jpg"], 1, r"gone\.jpg is not a picture"),
        (["gone.mp4"], 1, r"gone\.mp4 does not exist"),
        (["ftp://host/x"], 1, "unknown scheme 'ftp'"),
        (["PICTURE", "--model", "gone.onnx"], 1, r"--model: gone\.onnx does not exist"),
        (["PICTURE", "--model", "."], 1, r"--model: \. is not a file"),
        (["PICTURE", "--model", "x" * 300], 1, "--model: cannot look at x+: File name too long"),
        (["PICTURE", "--model", "builtin:x"], 1, "--model: there is no built-in network 'x'; there are def"),
        (
            ["PICTURE", "--tiles", "3"],
            2,
            "--tiles: expected auto, or columns x rows such as 3x2, each up to 16",
        ),
        (["PICTURE", "--classes", "cra"], 2, "no class 'cra'; did you mean 'car'"),
        (["PICTURE", "--save", "PICTURE"], 1, "cannot write to .*File exists"),
    ],
)
def test_a_mistake_is_one_line(picture: Path, arguments: list[str], status: int, message: str) -> None:
    given = [str(picture) if argument == "PICTURE" else argument for argument in arguments]
    check_failure(edgevision("detect", *given), status, message)


def boxes_array(boxes: list[list[float]]) -> np.ndarray:
    return np.array(boxes, np.float32).reshape(-1, 4)
