from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.conceal import GREY, Redaction
from edgevision.core import Frame
from edgevision.core.types import Region
from edgevision.drawheat import FAINT, draw_heat
from edgevision.errors import OutputError
from edgevision.opencv import cv2
from edgevision.outputs import Output, Result
from edgevision.outputs.heatmap import Config, build

SIZE = (480, 640)
PLAIN = np.full((*SIZE, 3), (10, 100, 200), np.uint8)
DIM = FAINT * (0.114 * 10 + 0.587 * 100 + 0.299 * 200)  # its grey, ITU-R BT.601, with less light


def grid(seconds: float = 60.0) -> np.ndarray:
    """Somebody stood at a place, 37.5 % from the left and 75 % from the top."""
    cells = np.zeros((12, 16), np.float32)
    cells[9, 6] = seconds
    return cells


def result(ts: float, cells: np.ndarray, image: np.ndarray = PLAIN, **more: object) -> Result:
    frame = Frame("gate", 1, 0, image, ts, ts, 0.0)
    return Result("gate", [], frame, grids={"floor": cells}, **more)  # type: ignore[arg-type]


def output(folder: Path, **settings: object) -> Output:
    values = {"type": "heatmap", "camera": "gate", "heatmap": "floor", "path": str(folder / "floor.png")}
    return build(Config.model_validate({**values, **settings}), "heatmap-0")


def read(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(cv2.imread(str(folder / "floor.png"))), np.load(folder / "floor.npy")


def test_where_nobody_was_the_picture_is_grey_and_where_somebody_stood_it_glows() -> None:
    drawn = draw_heat(PLAIN, grid())
    hot = drawn[380, 260].astype(int)
    assert hot[2] > hot[0] + 60  # red before blue: the bright half of the colours
    assert drawn[100, 500] == pytest.approx(DIM, abs=1)
    assert (PLAIN == (10, 100, 200)).all()
    nobody = draw_heat(PLAIN, grid(0))
    assert np.abs(nobody - DIM).max() <= 1


def test_who_passes_is_seen_beside_who_stands_all_day() -> None:
    cells = grid(86400.0)
    cells[2, 12] = 600.0  # some who walked by: less than a hundredth
    drawn = draw_heat(PLAIN, cells).astype(int)
    assert drawn[100, 500].max() - drawn[100, 500].min() > 40


def test_it_is_written_at_first_every_so_often_and_at_the_end(tmp_path: Path) -> None:
    written = []
    floor = output(tmp_path, every="10s")
    for number in range(26):
        floor.write(result(float(number), grid(number)))
        written.append(float(read(tmp_path)[1].max()))
    assert written == [0] * 10 + [10] * 10 + [20] * 6
    floor.close()
    picture, array = read(tmp_path)
    assert array.max() == 25
    assert array.dtype == np.float32
    assert (picture == draw_heat(PLAIN, grid(25))).all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["floor.npy", "floor.png"]


def test_without_a_frame_there_is_nothing_to_write(tmp_path: Path) -> None:
    floor = output(tmp_path)
    floor.write(Result("gate", []))
    floor.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_hidden_is_not_in_the_file(tmp_path: Path) -> None:
    image = PLAIN.copy()
    image[100:300, 200:280] = np.indices((200, 80)).sum(axis=0)[..., None] // 8 % 2 * 255
    person = Region("person", np.array([200, 100, 280, 300], np.float32))
    floor = output(tmp_path, redact=Redaction(classes=["person"]))
    floor.write(result(0.0, grid(0), image, regions=[person]))
    assert np.abs(read(tmp_path)[0][100:300, 200:280] - FAINT * GREY).max() <= 1


def test_a_disk_that_fails_at_the_end_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    floor = output(folder)
    floor.write(result(0.0, grid()))
    floor.write(result(1.0, grid()))
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with pytest.raises(OutputError, match=r"cannot write a heatmap to .*: No such file or directory"):
        floor.close()


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="choose a folder that exists"):
        output(tmp_path / "nowhere")
    with pytest.raises(ValidationError, match=r"expected a file ending in \.png, got 'a\.jpg'"):
        output(tmp_path, path="a.jpg")
