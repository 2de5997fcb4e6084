"""Keyframes are decoded and nothing else: the same pictures at the same times as if all were."""

import shutil
import subprocess
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from edgevision.errors import ConfigError, SourceError
from edgevision.metrics import Metrics
from edgevision.pipeline.capture import Capture
from edgevision.pipeline.scheduler import Scheduler
from edgevision.sources import Address, LiveSettings, Picture, Source, open_source
from edgevision.sources.file import FileSource
from tests.pipeline.test_capture import frames_of

av = pytest.importorskip("av")

LENGTH, EACH = 100, 25  # pictures, of which one in so many is a keyframe
KEYS = list(range(0, LENGTH, EACH))
KEYFRAMES = LiveSettings(backend="pyav", decode="keyframes")


@pytest.fixture(scope="module", params=[0, 2], ids=["in order", "reordered"])
def clip(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """4 s of H.264; a square moves over noise. With pictures that need later ones, and without."""
    path: Path = tmp_path_factory.mktemp("clips") / "clip.mp4"
    noise = np.random.default_rng(0).integers(0, 40, (96, 128, 3), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        order = {"bf": str(request.param), "sc_threshold": "0", "g": str(EACH), "keyint_min": str(EACH)}
        stream.options = order | {"preset": "fast"}
        for number in range(LENGTH):
            image = noise.copy()
            image[30:60, number : number + 28] = 220
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        container.mux(stream.encode())
    return path


def keyframes_of(path: Path) -> list[Picture]:
    return list(open_source(Address("file", str(path)), KEYFRAMES).pictures(Event()))


def test_of_a_file_they_are_the_pictures_that_opencv_gives(clip: Path) -> None:
    whole, some = list(FileSource(clip).pictures(Event())), keyframes_of(clip)
    assert len(whole) == len(some) == LENGTH  # all are accounted for
    made = [picture for picture in some if picture.made]
    assert [picture.ts for picture in made] == pytest.approx([whole[key].ts for key in KEYS])
    for picture, key in zip(made, KEYS, strict=True):
        assert np.abs(picture.image.astype(int) - whole[key].image).max() <= 3


def test_a_file_that_is_turned_comes_upright(clip: Path, tmp_path: Path) -> None:
    if not shutil.which("ffmpeg"):
        pytest.skip("needs ffmpeg")
    path = tmp_path / "turned.mp4"
    turn = ["-c", "copy", "-metadata:s:v", "rotate=90", str(path)]
    subprocess.run(["ffmpeg", "-v", "error", "-i", str(clip), *turn], check=True)
    first = next(FileSource(path).pictures(Event())).image
    if first.shape != (128, 96, 3):
        pytest.skip("this ffmpeg writes no such mark")
    assert np.abs(keyframes_of(path)[0].image.astype(int) - first).max() <= 3


def test_in_the_capture_they_are_the_frames_and_all_others_count_as_left_out(clip: Path) -> None:
    scheduler, metrics = Scheduler(workers=50), Metrics()
    source = open_source(Address("file", str(clip)), KEYFRAMES)
    capture = Capture("gate", source, scheduler, metrics.camera("gate"), fps=None, start=0.0)
    frames = frames_of(capture, scheduler, Event())
    counts = scheduler.counts()["gate"]
    assert (counts.captured, counts.processed, counts.dropped["rate"]) == (LENGTH, 4, LENGTH - 4)
    assert [frame.ts for frame in frames] == pytest.approx([0, 1, 2, 3])
    assert capture.error is None


def stream_of(clip: Path, monkeypatch: pytest.MonkeyPatch) -> Source:
    real = av.open
    monkeypatch.setattr(av, "open", lambda *_, **__: real(str(clip)))
    return open_source(Address("rtsp", "rtsp://127.0.0.1/x"), KEYFRAMES)


def test_of_a_stream_each_comes_at_once(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not when later ones have come: the packet of the keyframe is the one that gives it."""
    pictures = stream_of(clip, monkeypatch).pictures(Event())
    found = [next(pictures) for _ in range(LENGTH)]
    with pytest.raises(SourceError, match="ended the stream"):
        next(pictures)
    assert [number for number, picture in enumerate(found) if picture.made] == KEYS
    assert [picture.position for picture in found if picture.made] == pytest.approx([0, 1, 2, 3], abs=0.1)


def test_a_stream_without_keyframes_is_told(clip: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from edgevision.sources import rtsp_pyav

    monkeypatch.setattr(rtsp_pyav, "KEYFRAME_WAIT", 0.0)
    with pytest.raises(SourceError, match="no keyframe for 60 s") as caught:
        list(stream_of(clip, monkeypatch).pictures(Event()))
    assert caught.value.reason == "stall"


@pytest.mark.parametrize(
    ("address", "backend", "message"),
    [
        (Address("rtsp", "rtsp://127.0.0.1/x"), "opencv", "needs backend: pyav"),
        (Address("v4l2", "/dev/video0"), "auto", "for streams and video files"),
        (Address("images", "/tmp"), "auto", "for streams and video files"),
        (Address("synthetic", "carpark"), "pyav", "for streams and video files"),
    ],
)
def test_a_reader_that_cannot_do_it_says_so(address: Address, backend: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        open_source(address, LiveSettings(backend=backend, decode="keyframes"))


@pytest.mark.parametrize("address", [Address("rtsp", "rtsp://127.0.0.1/x"), Address("file", "x.mp4")])
def test_without_pyav_it_says_what_to_install(address: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("file", "rtsp"):
        monkeypatch.setattr(f"edgevision.sources.{module}.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="pip install"):
        open_source(address, LiveSettings(decode="keyframes"))


@pytest.mark.parametrize("content", [None, b"", b"just some text\n" * 99])
def test_what_is_no_video_is_told_as_by_opencv(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "x.mp4"
    if content is not None:
        path.write_bytes(content)
    errors = []
    for source in (FileSource(path), open_source(Address("file", str(path)), KEYFRAMES)):
        with pytest.raises(SourceError) as caught:
            next(source.pictures(Event()))
        errors.append((caught.value.reason, str(caught.value)))
    assert errors[0] == errors[1]
