"""The examples of docs/library.md are run as they stand there."""

from pathlib import Path
from typing import Any

import pytest

from edgevision.opencv import cv2
from edgevision.scene.render import Renderer
from edgevision.scene.world import Scene
from tests.docs.test_pages import blocks

PICTURE, LINE, ZONE, SUPERVISION = blocks("library.md", "python")


def run(example: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(example, names)
    return names


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_fits_ten_lines() -> None:
    for example in (PICTURE, LINE, ZONE, SUPERVISION):
        assert sum(bool(line) and "import " not in line for line in example.splitlines()) <= 10


def test_what_is_in_a_picture(tmp_path: Path) -> None:
    cv2.imwrite("street.jpg", Renderer(Scene(seed=1)).frame(0.0))
    names = run(PICTURE)
    assert (names["found"].scores >= 0.4).all()
    drawn = cv2.imread(str(tmp_path / "found.jpg"))
    assert drawn is not None
    assert drawn.shape == names["image"].shape


def test_objects_are_counted_on_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    true = {"crossed_in": 0, "crossed_out": 0}
    for crossing in Scene(seed=1, seconds=20).crossings:
        true[f"crossed_{crossing.direction}"] += crossing.label in ("car", "truck")
    assert sum(true.values()) >= 2
    assert run(LINE)["line"].counts == true
    assert f"{true['crossed_in']} so far" in capsys.readouterr().out


def test_who_is_in_an_area_is_known(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    feet = Scene(seed=1, seconds=5).truth(4.8).boxes[:, 3]
    run(ZONE)
    assert capsys.readouterr().out == f"{(feet > 540 / 2).sum()} inside\n"
    assert (tmp_path / "lot.png").is_file()


@pytest.mark.filterwarnings("ignore:OpenCV")  # it likes opencv-python better than none
def test_boxes_go_to_supervision_and_come_back() -> None:
    pytest.importorskip("supervision", reason="supervision is not installed")
    names = run(SUPERVISION)
    sides = names["large"].boxes[:, 2:] - names["large"].boxes[:, :2]
    assert len(names["large"]) >= 2
    assert (sides.prod(axis=1) > 5000).all()
    assert (names["picture"] != names["frame"].image).any()
