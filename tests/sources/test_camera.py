"""No machine that runs tests has a camera, so the device is played by a class that answers as V4L2 does."""

import time
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from edgevision.errors import ConfigError, SourceError
from edgevision.opencv import cv2
from edgevision.sources import LiveSettings
from edgevision.sources.camera import open_source


class Device:
    """Gives `pictures` pictures, then nothing any more."""

    def __init__(self, pictures: int, delay: float = 0.0) -> None:
        self.pictures = pictures
        self.delay = delay
        self.asked: dict[int, float] = {}
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802 - cv2's own name
        return True

    def set(self, key: int, value: float) -> bool:
        self.asked[key] = value
        return True

    def get(self, key: int) -> float:
        return self.asked.get(key, 0.0)

    def grab(self) -> bool:
        time.sleep(self.delay)
        self.pictures -= 1
        return self.pictures >= 0

    def retrieve(self) -> tuple[bool, Any]:
        return True, np.zeros((480, 640, 3), np.uint8)

    def release(self) -> None:
        self.released = True


def plug_in(monkeypatch: pytest.MonkeyPatch, path: Path, device: Device) -> str:
    path.touch()
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: device)
    return str(path)


def test_wishes_reach_the_device(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    device = Device(pictures=2)
    path = plug_in(monkeypatch, tmp_path / "video0", device)
    source = open_source(f"{path}?width=1280&height=720&fps=30", LiveSettings())
    assert next(source.pictures(Event())).image.shape == (480, 640, 3)
    assert device.asked[cv2.CAP_PROP_FRAME_WIDTH] == 1280
    assert source.frame_rate == 30


def test_a_camera_that_falls_silent_is_released_and_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    device = Device(pictures=1)
    path = plug_in(monkeypatch, tmp_path / "video0", device)
    with pytest.raises(SourceError) as caught:
        list(open_source(path, LiveSettings()).pictures(Event()))
    assert caught.value.reason == "stall"
    assert device.released


def test_an_unplugged_camera_is_told(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="is the camera plugged in"):
        next(open_source(str(tmp_path / "video7"), LiveSettings()).pictures(Event()))


def test_a_device_that_is_no_camera_is_told(tmp_path: Path) -> None:
    (tmp_path / "video0").touch()
    with pytest.raises(SourceError, match="group video"):
        next(open_source(str(tmp_path / "video0"), LiveSettings()).pictures(Event()))


@pytest.mark.parametrize("query", ["width=wide", "zoom=2"])
def test_a_wrong_wish_is_told_with_a_right_one(query: str) -> None:
    with pytest.raises(ConfigError, match=r"expected e\.g\. v4l2:/dev/video0"):
        open_source(f"/dev/video0?{query}", LiveSettings())
