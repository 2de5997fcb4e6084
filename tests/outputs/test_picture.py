"""The picture that leaves the process: hidden first, then drawn on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edgevision.conceal import Redaction
from edgevision.core import Frame, Track
from edgevision.core.types import Mask, Region, Segmentation
from edgevision.draw import TINT, color_of
from edgevision.drawmap import class_colors
from edgevision.outputs import Result
from edgevision.outputs.picture import picture
from edgevision.outputs.video import Config, build
from tests.builders import track
from tests.outputs.test_video import read

PLAIN = np.full((480, 640, 3), 60, np.uint8)


def result(image: np.ndarray, *tracks: Track, **more: object) -> Result:
    frame = Frame("gate", 1, 0, image, 0.0, 0.0, 0.0)
    return Result("gate", [], frame, tracks, **more)  # type: ignore[arg-type]


def test_the_mask_of_a_track_is_tinted() -> None:
    pixels = np.zeros((40, 40), bool)
    pixels[:, :20] = True
    masked = replace(track(300, 300), mask=Mask(280, 260, pixels))
    shown = picture(result(PLAIN, masked, track(100, 300, id=2)), None)
    assert shown[290, 290] == pytest.approx((1 - TINT) * 60 + TINT * np.array(color_of(0)), abs=1)
    assert shown[290, 310].tolist() == [60, 60, 60]
    assert shown[290, 100].tolist() == [60, 60, 60]


def test_a_map_is_tinted_but_for_its_background() -> None:
    ids = np.zeros((480, 640), np.uint8)
    ids[:, 320:] = 1
    shown = picture(result(PLAIN, segmentation=Segmentation(ids), labels=["background", "car"]), None)
    assert shown[200, 500] == pytest.approx((1 - TINT) * 60 + TINT * class_colors()[1], abs=1)
    assert shown[200, 100].tolist() == [60, 60, 60]
    assert (PLAIN == 60).all()


def test_a_result_without_a_frame_is_not_written(tmp_path: Path) -> None:
    output = build(Config(type="video", camera="gate", path=str(tmp_path / "out.avi")), "video-0")
    output.write(Result("gate", []))
    output.close()
    assert read(tmp_path / "out.avi")[0] == []


@pytest.mark.parametrize("how", ["fill", "pixelate", "blur"])
def test_what_is_hidden_is_not_in_the_file(tmp_path: Path, how: str) -> None:
    """A chequered person, seen or only remembered: no pixel of the pattern is left to be decoded."""
    image = PLAIN.copy()
    image[100:300, 200:280] = np.indices((200, 80)).sum(axis=0)[..., None] // 8 % 2 * 255
    redact = Redaction.model_validate({"classes": ["person"], "how": how})
    path = tmp_path / "out.avi"
    output = build(Config(type="video", camera="gate", path=str(path), redact=redact), "video-0")
    region = Region("person", np.array([200, 100, 280, 300], np.float32))
    output.write(result(image, regions=[region]))
    output.write(result(image))
    output.close()
    (hidden, open_), _ = read(path)
    assert open_[100:300, 200:280].std() > 100
    assert hidden[105:295, 205:275].std() < 12
    assert hidden[200, 450].mean() == pytest.approx(60, abs=6)
