"""Of a picture that nobody wants no image is made; counted where OpenCV is called."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from edgevision.errors import SourceError
from edgevision.opencv import cv2
from edgevision.sources import LiveSettings, Picture, chosen
from edgevision.sources.camera import CameraSource
from edgevision.sources.file import FileSource
from edgevision.sources.rtsp import RtspSource

LENGTH = 24  # pictures


class Device:
    """A cv2.VideoCapture whose pictures, of brightness 0, 1, 2, ..., are counted."""

    def __init__(self, *_: Any) -> None:
        self.calls: Counter[str] = Counter()

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def grab(self) -> bool:
        self.calls["grab"] += 1
        return True

    def retrieve(self) -> tuple[bool, np.ndarray]:
        self.calls["retrieve"] += 1
        return True, np.full((4, 4, 3), self.calls["grab"] - 1, np.uint8)

    def get(self, key: int) -> float:
        return 40.0 * self.calls["grab"] if key == cv2.CAP_PROP_POS_MSEC else 0.0

    def set(self, *_: Any) -> None: ...

    def release(self) -> None: ...


@pytest.fixture
def device(monkeypatch: pytest.MonkeyPatch) -> Device:
    device = Device()
    monkeypatch.setattr(cv2, "VideoCapture", lambda *_: device)
    return device


def every(number: int) -> Any:
    """Wants the first picture and every so many after it."""
    asked = iter(range(10**6))
    return lambda _: next(asked) % number == 0


def first(pictures: Iterator[Picture]) -> list[Picture]:
    return [next(pictures) for _ in range(LENGTH)]


@pytest.mark.parametrize("kind", ["camera", "rtsp"])
def test_what_is_not_wanted_of_a_live_source_is_grabbed_and_not_retrieved(
    device: Device, kind: str, tmp_path: Path
) -> None:
    if kind == "camera":
        path = tmp_path / "video0"
        path.touch()
        source: Any = CameraSource(str(path), {}, LiveSettings())
    else:
        source = RtspSource("rtsp://127.0.0.1/x", LiveSettings())
    pictures = first(chosen(source, Event(), every(6)))
    assert device.calls == {"grab": LENGTH, "retrieve": LENGTH // 6}
    assert [number for number, picture in enumerate(pictures) if picture.made] == [0, 6, 12, 18]
    assert [picture.image.max() for picture in pictures if picture.made] == [0, 6, 12, 18]
    assert [picture.captured for picture in pictures] == sorted(picture.captured for picture in pictures)
    if kind == "rtsp":
        assert [picture.position for picture in pictures] == [0.04 * (n + 1) for n in range(LENGTH)]
    # Whoever does not say wants all.
    assert all(picture.made for picture in first(source.pictures(Event())))


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (64, 48))
    for number in range(LENGTH):
        writer.write(np.full((48, 64, 3), 10 * number, np.uint8))
    writer.release()
    return path


def test_a_file_gives_the_same_pictures_at_the_same_times(clip: Path) -> None:
    whole = list(FileSource(clip).pictures(Event()))
    some = list(chosen(FileSource(clip), Event(), every(5)))
    assert [picture.ts for picture in some] == [picture.ts for picture in whole]
    assert [number for number, picture in enumerate(some) if picture.made] == [0, 5, 10, 15, 20]
    for number in range(0, LENGTH, 5):
        assert np.array_equal(some[number].image, whole[number].image)


def note_retrieved(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Of what OpenCV makes an image from now on: its time in s."""
    retrieved: list[float] = []
    real = cv2.VideoCapture

    class Noting:
        def __init__(self, *given: Any) -> None:
            self.capture = real(*given)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.capture, name)

        def retrieve(self) -> Any:
            retrieved.append(self.capture.get(cv2.CAP_PROP_POS_MSEC) / 1000)
            return self.capture.retrieve()

    monkeypatch.setattr(cv2, "VideoCapture", Noting)
    return retrieved


def test_a_file_is_asked_by_its_own_time(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retrieved = note_retrieved(monkeypatch)
    assert len(list(chosen(FileSource(clip), Event(), lambda ts: 0.19 < ts < 0.3))) == LENGTH
    assert retrieved == pytest.approx([0.2, 0.24, 0.28])


def test_a_file_that_ends_too_early_is_told_also_where_nothing_is_wanted(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with pytest.raises(SourceError, match="cut short"):
        list(chosen(FileSource(clip), Event(), lambda _: False))
