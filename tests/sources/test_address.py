from pathlib import Path

import pytest

from edgevision.sources import parse_address


@pytest.mark.parametrize(
    ("text", "scheme", "location"),
    [
        ("rtsp://user:p%40ss@camera:554/live", "rtsp", "rtsp://user:p%40ss@camera:554/live"),
        ("RTSP://camera/live", "rtsp", "RTSP://camera/live"),
        ("rtsps://camera/live", "rtsps", "rtsps://camera/live"),
        ("/dev/video2", "v4l2", "/dev/video2"),
        ("v4l2:/dev/video0?width=640", "v4l2", "/dev/video0?width=640"),
        ("synthetic:carpark?seed=3", "synthetic", "carpark?seed=3"),
    ],
)
def test_addresses_are_understood(text: str, scheme: str, location: str) -> None:
    assert parse_address(text, Path("/base")) == (scheme, location)


def test_paths_start_at_the_base(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").touch()
    (tmp_path / "shots").mkdir()
    assert parse_address("clip.mp4", tmp_path) == ("file", str(tmp_path / "clip.mp4"))
    assert parse_address("file:clip.mp4", tmp_path) == ("file", str(tmp_path / "clip.mp4"))
    assert parse_address(f"file://{tmp_path}/clip.mp4", Path()) == ("file", str(tmp_path / "clip.mp4"))
    assert parse_address("shots", tmp_path) == ("images", str(tmp_path / "shots"))
    assert parse_address("images:shots?fps=3", tmp_path) == ("images", str(tmp_path / "shots?fps=3"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("http://camera/mjpeg", "unknown scheme 'http'; expected rtsp://host/path"),
        ("concat:a|b", "unknown scheme 'concat'"),
        ("subfile,,start,0,end,9,,:f", "does not exist"),
        ("pipe:0", "unknown scheme 'pipe'"),
        ("rtsp://", "expected rtsp://user:password@host:port/path"),
        ("rtsp:///path", "expected rtsp://user:password@host:port/path"),
        ("rtsp://host:99999/", "expected rtsp://user:password@host:port/path"),
        ("missing.mp4", "missing.mp4 does not exist"),
    ],
)
def test_what_is_wrong_is_told_with_what_is_allowed(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("|", r"\|")):
        parse_address(text, Path("/nowhere"))
