from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.core import Frame, Shape
from edgevision.errors import OutputError
from edgevision.opencv import cv2
from edgevision.outputs import Result
from edgevision.outputs.video import Config, build
from tests.builders import track


def frame(width: int = 320, height: int = 240) -> Frame:
    return Frame("gate", 1, 0, np.full((height, width, 3), 60, np.uint8), 0.0, 0.0, 0.0)


def read(path: Path) -> tuple[list[np.ndarray], float]:
    capture = cv2.VideoCapture(str(path))
    images: list[np.ndarray] = []
    while True:
        decoded, image = capture.read()
        if not decoded:
            return images, capture.get(cv2.CAP_PROP_FPS)
        images.append(image)


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_the_annotated_picture_is_in_the_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"out{suffix}"
    output = build(Config(type="video", camera="gate", path=str(path)), "video-0")
    line = Shape(np.array([[0, 120], [320, 120]], np.float32), closed=False, text="in 1  out 0")
    for _ in range(5):
        output.write(Result("gate", [], frame(), [track(200, 100)], [line], frame_rate=12.5))
    output.close()
    images, rate = read(path)
    assert (len(images), rate) == (5, 12.5)
    assert images[0][200, 300].mean() == pytest.approx(60, abs=6)  # where nothing was drawn
    assert images[0][120, 250].mean() > 200  # the white line
    assert images[0][60:101, 180:221].std() > 20  # the box round (180, 60) to (220, 100)


def test_another_resolution_is_fitted_into_the_file(tmp_path: Path) -> None:
    output = build(Config(type="video", camera="gate", path=str(tmp_path / "out.mp4")), "video-0")
    output.write(Result("gate", [], frame(320, 240)))
    output.write(Result("gate", [], frame(640, 480)))
    output.close()
    images, _ = read(tmp_path / "out.mp4")
    assert [image.shape for image in images] == [(240, 320, 3)] * 2


def test_a_format_it_does_not_know_is_refused_before_anything_runs() -> None:
    with pytest.raises(ValidationError, match=r"expected a file ending in \.mp4 or \.avi, got 'out\.mkv'"):
        Config(type="video", camera="gate", path="out.mkv")


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write a video to .*: No such file or directory"):
        build(Config(type="video", camera="gate", path=str(tmp_path / "no" / "out.mp4")), "video-0")
