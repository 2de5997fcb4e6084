"""`edgevision eval track`, on videos so simple that the figures follow from their definitions."""

import json
import os
import re
from pathlib import Path

import pytest

from tests.commands.process import check_failure, edgevision
from tests.conftest import ROOT

pytest.importorskip("trackeval", reason="TrackEval is not installed: pip install 'edgevision[eval-track]'")

RATE = 10  # frames/s; the tracker reports an object 0.2 s after its first sight, so from its third frame
PART = 20  # frames for which the object is there
GONE = 300  # frames: 30 s, longer than any object is remembered


def write(folder: Path, frames: list[int], length: int, judged: int = 1) -> Path:
    """A video of one object that stands still, in these frames; the detector sees it exactly."""
    (folder / "det").mkdir(parents=True)
    (folder / "gt").mkdir()
    (folder / "seqinfo.ini").write_text(
        f"[Sequence]\nname={folder.name}\nframeRate={RATE}\nseqLength={length}\n"
    )
    box = "100,50,40,80"
    (folder / "det/det.txt").write_text("".join(f"{frame},-1,{box},0.9,-1,-1,-1\n" for frame in frames))
    (folder / "gt/gt.txt").write_text("".join(f"{frame},7,{box},{judged},-1,-1,-1\n" for frame in frames))
    return folder


def measure(*arguments: str) -> dict[str, float]:
    done = edgevision("eval", "track", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """There, gone for longer than it is remembered, there again."""
    again = range(PART + GONE + 1, PART + GONE + PART + 1)
    return write(tmp_path / "broken", [*range(1, PART + 1), *again], PART + GONE + PART)


def test_the_figures_are_those_of_the_definitions(broken: Path) -> None:
    late = 2  # frames of each part, before it is reported
    true, part = 2 * PART, PART - late
    found = 2 * part
    answer = measure(str(broken))
    assert answer["DetA"] == pytest.approx(found / true, abs=1e-4)
    assert answer["AssA"] == pytest.approx(part / true, abs=1e-4)  # the identity holds for a part of the life
    assert answer["HOTA"] == pytest.approx((found / true * part / true) ** 0.5, abs=1e-4)
    assert answer["IDSW"] == 1
    assert answer["MOTA"] == pytest.approx(1 - (2 * late + 1) / true, abs=1e-4)
    assert answer["IDF1"] == pytest.approx(2 * part / (true + found), abs=1e-4)


def test_every_nth_frame_is_a_slower_camera(tmp_path: Path) -> None:
    folder = write(tmp_path / "still", list(range(1, 101)), 100)
    late = 1  # frame: the second comes 0.5 s after the first, which is enough
    assert measure(str(folder), "--every", "5")["MOTA"] == pytest.approx(1 - late / 20, abs=1e-4)
    assert measure(str(folder))["MOTA"] == pytest.approx(1 - 2 / 100, abs=1e-4)


def test_sequences_count_by_their_objects(tmp_path: Path) -> None:
    write(tmp_path / "short", list(range(1, 11)), 10)
    write(tmp_path / "long", list(range(1, 91)), 90)
    done = edgevision("eval", "track", str(tmp_path))
    assert done.returncode == 0, done.stderr
    table = dict(
        re.findall(r"^ +(long|short|all) .*?(-?\d+\.\d) +\d+\.\d +\d+ *$", done.stdout, re.MULTILINE)
    )
    assert table == {"long": "97.8", "short": "80.0", "all": "96.0"}  # MOTA: 1 - 2/90, 1 - 2/10, 1 - 4/100


def test_what_is_not_to_be_judged_is_not_demanded(tmp_path: Path) -> None:
    write(tmp_path / "judged", list(range(1, 21)), 20)
    write(tmp_path / "ignored", [], 20)
    with (tmp_path / "ignored/gt/gt.txt").open("a") as file:
        file.write("3,1,10,10,40,80,0,-1,-1,-1\n")
    assert measure(str(tmp_path))["MOTA"] == pytest.approx(1 - 2 / 20, abs=1e-4)


def test_a_mistake_is_one_line(broken: Path) -> None:
    (broken / "gt/gt.txt").unlink()
    check_failure(
        edgevision("eval", "track", str(broken)), 1, r"gt\.txt does not exist; a sequence is seqinfo"
    )


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, broken: Path) -> None:
    (tmp_path / "trackeval.py").write_text("raise ImportError")
    path = f"{tmp_path}{os.pathsep}{ROOT}"
    done = edgevision("eval", "track", str(broken), PYTHONPATH=path)
    check_failure(done, 1, r"pip install 'edgevision\[eval-track\]'")
