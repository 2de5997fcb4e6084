import struct
import zlib
from pathlib import Path
from threading import Event

import numpy as np
import pytest

from edgevision.errors import ConfigError, SourceError
from edgevision.opencv import cv2
from edgevision.sources import LiveSettings
from edgevision.sources.images import open_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (2, 10, 1):
        cv2.imwrite(str(tmp_path / f"{number:03d}.png"), np.full((8, 8, 3), number, np.uint8))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


def test_pictures_come_in_order_of_names_at_the_given_rate(folder: Path) -> None:
    pictures = list(open_source(f"{folder}?fps=2", LiveSettings()).pictures(Event()))
    assert [(int(p.image[0, 0, 0]), p.ts) for p in pictures] == [(1, 0.0), (2, 0.5), (10, 1.0)]


def test_a_damaged_picture_is_an_error_that_names_it(folder: Path) -> None:
    (folder / "005.png").write_bytes(b"\x89PNG broken")
    with pytest.raises(SourceError, match=r"005\.png is not a picture, or is damaged"):
        list(open_source(str(folder), LiveSettings()).pictures(Event()))


def test_a_folder_without_pictures_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="holds no picture"):
        list(open_source(str(tmp_path), LiveSettings()).pictures(Event()))


@pytest.mark.parametrize("query", ["fps=0", "fps=fast", "rate=2"])
def test_a_wrong_setting_is_told_with_the_right_one(tmp_path: Path, query: str) -> None:
    with pytest.raises(ConfigError, match=r"images:/path\?fps=2"):
        open_source(f"{tmp_path}?{query}", LiveSettings())


def test_a_picture_of_billions_of_pixels_is_refused_by_its_header(tmp_path: Path) -> None:
    """700 KB of a PNG unpack to 1.5 GB; these 100 bytes say that they are as large."""
    size = struct.pack(">IIBBBBB", 16000, 16000, 8, 2, 0, 0, 0)
    packed = [
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", size), (b"IDAT", zlib.compress(b"\0")), (b"IEND", b""))
    ]
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))
    with pytest.raises(SourceError, match=r"bomb\.png is too large: up to 67 megapixels are read"):
        list(open_source(str(tmp_path), LiveSettings()).pictures(Event()))
