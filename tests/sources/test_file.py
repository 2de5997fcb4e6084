from pathlib import Path
from threading import Event

import numpy as np
import pytest

from edgevision.errors import SourceError
from edgevision.opencv import cv2
from edgevision.sources import Picture
from edgevision.sources.file import FileSource


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """50 frames at 25/s; frame n has the brightness 5 n."""
    path = tmp_path / "clip.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 25, (160, 120))
    for number in range(50):
        writer.write(np.full((120, 160, 3), 5 * number, np.uint8))
    writer.release()
    return path


def test_every_frame_comes_once_in_order_with_its_media_time(clip: Path) -> None:
    pictures = list(FileSource(clip).pictures(Event()))
    assert [picture.ts for picture in pictures] == pytest.approx([n / 25 for n in range(50)])
    brightness = [picture.image.mean() for picture in pictures]
    assert brightness == pytest.approx([5 * n for n in range(50)], abs=6)


def test_what_the_file_says_of_itself_is_known_once_open(clip: Path) -> None:
    source = FileSource(clip)
    next(source.pictures(Event()))
    assert (source.frame_rate, source.length, source.live) == (25, 50, False)


def test_a_file_cut_short_is_an_error_that_tells_how_far_it_went(clip: Path, tmp_path: Path) -> None:
    short = tmp_path / "short.avi"
    writer = cv2.VideoWriter(str(short), cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 120))
    for number in range(50):
        writer.write(np.full((120, 160, 3), number, np.uint8))
    writer.release()
    short.write_bytes(short.read_bytes()[: short.stat().st_size // 2])
    given: list[Picture] = []
    with pytest.raises(SourceError, match=r"ended after \d+ of 50 frames") as caught:
        given.extend(FileSource(short).pictures(Event()))
    assert caught.value.reason == "truncated"
    assert 5 < len(given) < 50


def test_an_mp4_cut_short_cannot_be_opened_and_says_so(clip: Path) -> None:
    clip.write_bytes(clip.read_bytes()[:2000])
    with pytest.raises(SourceError, match="is not a video, or is cut short"):
        next(FileSource(clip).pictures(Event()))


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), (b"", "is empty"), (b"just some text\n" * 99, "is not a video")],
)
def test_what_is_no_video_is_told_apart(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "x.mp4"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SourceError, match=message):
        next(FileSource(path).pictures(Event()))
