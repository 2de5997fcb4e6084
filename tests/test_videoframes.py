import random
import threading
from pathlib import Path

import numpy as np
import pytest

from edgevision.core.types import Image
from edgevision.errors import SourceError
from edgevision.opencv import as_image, cv2
from edgevision.videofile import VideoFile
from edgevision.videoframes import VideoFrames


def in_order(path: Path) -> list[tuple[float, Image]]:
    """Time and picture of each frame, read one after the other."""
    capture = cv2.VideoCapture(str(path))
    frames: list[tuple[float, Image]] = []
    while True:
        there, image = capture.read()
        if not there:
            return frames
        frames.append((capture.get(cv2.CAP_PROP_POS_MSEC) / 1000, as_image(image)))


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "drawn.mp4"
    file, rng = VideoFile(path), np.random.default_rng(1)
    for number in range(120):
        image = np.full((96, 128, 3), 90, np.uint8)
        image[number % 80 : number % 80 + 16, number : number + 8] = rng.integers(0, 255, 3)
        file.write(image, 12.5)
    file.close()
    return path


def scanned(path: Path) -> VideoFrames:
    frames = VideoFrames(path)
    frames.scan()
    return frames


def check_all(path: Path, count: int) -> None:
    true, frames = in_order(path), scanned(path)
    assert frames.times() == [at for at, _ in true]
    for index in random.Random(3).sample(range(len(true)), count):
        for near in (index, max(0, index - 1)):
            assert np.array_equal(frames.image(near), true[near][1]), near


def test_any_frame_is_the_one_that_reading_in_order_gives(drawn: Path) -> None:
    check_all(drawn, 40)


@pytest.mark.parametrize("name", ["highway-traffic_11s.mp4", "one-by-one-person_62-77s.mp4"])
def test_so_it_is_of_real_videos(data: Path, name: str) -> None:
    check_all(data / "videos" / name, 6)


def test_a_file_that_seeks_to_another_frame_than_asked(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As OpenCV does where the frame rate varies: here always 20 frames too late."""
    true, frames = in_order(drawn), scanned(drawn)

    class Late:
        def __init__(self, capture: cv2.VideoCapture) -> None:
            self._capture = capture

        def set(self, what: int, value: float) -> bool:
            return self._capture.set(what, value + 20)

        def __getattr__(self, name: str) -> object:
            return getattr(self._capture, name)

    monkeypatch.setattr(frames, "_capture", Late(frames._capture))
    for index in (100, 30, 90, 5, 119):
        assert np.array_equal(frames.image(index), true[index][1])


def test_the_nearest_frame(drawn: Path) -> None:
    frames = scanned(drawn)
    times = np.array(frames.times())
    for at in (-1.0, 0.0, 0.119, 0.121, 4.0, 99.0):
        assert abs(times[frames.nearest(at)] - at) == np.abs(times - at).min()


def test_what_is_not_there_is_told(drawn: Path, tmp_path: Path) -> None:
    frames = scanned(drawn)
    for index in (-1, 120):
        with pytest.raises(IndexError):
            frames.image(index)
    (tmp_path / "no.mp4").write_text("nothing")
    for name in ("no.mp4", "none.mp4"):
        with pytest.raises(SourceError, match="is not a video file that can be read"):
            VideoFrames(tmp_path / name)


def test_scanning_ends_when_it_is_told(drawn: Path) -> None:
    frames, stop = VideoFrames(drawn), threading.Event()
    stop.set()
    frames.scan(stop)
    assert (frames.known, frames.scanned) == (0, True)
