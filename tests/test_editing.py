"""The configuration file is changed as a whole, by who knows what is in it, and its versions are kept."""

import itertools
import threading
from pathlib import Path
from typing import Any

import pytest

from edgevision.configfile import KEPT, ConfigFile, version_of
from edgevision.editing import Editing
from edgevision.errors import EdgevisionError
from edgevision.web.answers import ApiError
from edgevision.web.shapes import ShapesWish

TEXT = """\
# ours
cameras:
  gate:
    source: rtsp://viewer:${GATE_PASSWORD}@127.0.0.1/1
    lines:
      way: {from: [0.1, 0.5], to: [0.9, 0.5], hold: 1s} # in and out
    queues:
      till: {polygon: [[0, 0], [1, 0], [1, 1]]}
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GATE_PASSWORD", "not-in-any-answer")
    path = tmp_path / "config.yaml"
    path.write_text(TEXT)
    path.chmod(0o640)
    return path


def wish(**sections: Any) -> ShapesWish:
    return ShapesWish.model_validate(sections)


def test_shapes_are_read_and_put_back(path: Path) -> None:
    asked: list[None] = []
    editing = Editing(path, lambda: asked.append(None))
    shapes = editing.shapes("gate")
    assert shapes.model_dump(mode="json")["lines"] == {"way": {"from": [0.1, 0.5], "to": [0.9, 0.5]}}
    assert list(shapes.queues) == ["till"]

    moved = {"door": {"from": [0.1, 0.5], "to": [0.9, 0.6]}}
    verdict = editing.draw_shapes(
        "gate", wish(lines=moved, renamed={"lines": {"way": "door"}}), shapes.version
    )
    assert verdict.valid
    assert asked == [None]
    assert verdict.version == version_of(path.read_text()) == editing.shapes("gate").version
    assert path.read_text() == TEXT.replace("way:", "door:").replace("to: [0.9, 0.5]", "to: [0.9, 0.6]")
    assert path.stat().st_mode & 0o777 == 0o640
    assert "not-in-any-answer" not in path.read_text()


def test_the_region_is_told_and_stays(path: Path) -> None:
    path.write_text(TEXT.replace("    lines:", "    region: [0.1, 0.25, 0.9, 1.0]\n    lines:"))
    editing = Editing(path, lambda: None)
    shapes = editing.shapes("gate")
    assert shapes.region == (0.1, 0.25, 0.9, 1.0)
    assert editing.draw_shapes("gate", wish(lines={}), shapes.version).valid
    assert editing.shapes("gate").region == shapes.region


def test_a_file_that_only_names_its_secrets_can_be_read_and_one_that_holds_some_cannot(path: Path) -> None:
    editing = Editing(path, lambda: None)
    assert editing.configuration().text == TEXT
    path.write_text(TEXT.replace("${GATE_PASSWORD}", "hunter2"))
    with pytest.raises(ApiError, match="holds a password"):
        editing.configuration()


def test_what_would_not_be_valid_is_not_written(path: Path) -> None:
    editing = Editing(path, pytest.fail)
    version = editing.shapes("gate").version
    for lines in ({"way": {"from": [0.1, 0.5], "to": [0.1, 0.5]}}, {"till": {"from": [0, 0], "to": [1, 1]}}):
        checked = editing.check_shapes("gate", wish(lines=lines), version)
        assert editing.draw_shapes("gate", wish(lines=lines), version) == checked
        assert len(checked.problems) == 1
        assert checked.problems[0].startswith("config.yaml:")
    assert path.read_text() == TEXT
    assert [each.name for each in path.parent.iterdir()] == ["config.yaml"]


def test_doubts_are_told(path: Path) -> None:
    editing = Editing(path, pytest.fail)
    edge = {"way": {"from": [0.1, 1.0], "to": [0.9, 1.0]}}
    verdict = editing.check_shapes("gate", wish(lines=edge), editing.shapes("gate").version)
    assert verdict.valid
    assert "cameras.gate.lines.way: it can never count" in verdict.warnings[0]


def test_who_read_an_older_file_changes_nothing(path: Path) -> None:
    editing = Editing(path, pytest.fail)
    version = editing.shapes("gate").version
    path.write_text(TEXT + "# theirs\n")
    with pytest.raises(ApiError, match="changed meanwhile") as caught:
        editing.draw_shapes("gate", wish(lines={}), version)
    assert caught.value.status == 412
    path.write_text(TEXT.replace("lines:", "lines: ["))
    with pytest.raises(ApiError, match=r"changed by hand, and is wrong now: config.yaml:\d+: not valid YAML"):
        editing.shapes("gate")
    path.write_text(TEXT.replace("gate:", "door:"))
    with pytest.raises(ApiError, match="no camera 'gate' in the file; there are door"):
        editing.shapes("gate")


def test_of_two_at_once_one_is_told(path: Path) -> None:
    file, outcomes = ConfigFile(path), list[str]()
    barrier = threading.Barrier(8)

    def write(number: int) -> None:
        barrier.wait()
        try:
            file.write(f"{TEXT}# {number}\n", version_of(TEXT))
            outcomes.append("written")
        except EdgevisionError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("written") == 1
    assert len(file.earlier()) == 1


def test_the_last_versions_are_kept_and_can_be_had_again(path: Path) -> None:
    editing = Editing(path, lambda: None)
    texts = [TEXT, *(f"{TEXT}# {number}\n" for number in range(KEPT + 3))]
    for before, after in itertools.pairwise(texts):
        assert editing.configure(after, version_of(before)).valid
    versions = editing.history().versions
    assert len(versions) == KEPT
    assert [ConfigFile(path).text_of(each.number) for each in versions] == texts[-2 : -2 - KEPT : -1]
    assert {each.stat().st_mode & 0o777 for each in (path.parent / "config.yaml.old").iterdir()} == {0o640}

    assert editing.restore(versions[2].number, version_of(texts[-1])).valid
    assert path.read_text() == texts[-4]
    assert ConfigFile(path).text_of(editing.history().versions[0].number) == texts[-1]
    with pytest.raises(ApiError, match="no earlier version 1"):
        editing.restore(1, version_of(texts[-4]))


def test_a_file_that_cannot_be_written_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(ApiError, match=r"cannot write .*: No space left on device; nothing was changed"):
        Editing(path, pytest.fail).configure(TEXT + "# more\n", version_of(TEXT))
    assert path.read_text() == TEXT
    assert [each.name for each in path.parent.rglob(".*")] == []


def test_through_a_link_its_goal_is_changed(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    assert Editing(link, lambda: None).configure(TEXT + "# more\n", version_of(TEXT)).valid
    assert link.is_symlink()
    assert path.read_text() == TEXT + "# more\n"


MORE = """\
models: {m: {path: builtin:drawn}}
cameras:
  shop:
    source: rtsp://127.0.0.1/1
    queues:
      till: {polygon: [[0, 0], [1, 0], [1, 1]], front: [[0, 0], [1, 0]], long_wait: 5m} # the only one
    shelves:
      drinks: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], rows: 4, low: 3}
      snacks:
        rows:
          - name: top # at eye level
            polygon: [[0, 0], [1, 0], [1, 0.4], [0, 0.4]]
            expect: [car, truck]
          - {name: bottom, polygon: [[0, 0.5], [1, 0.5], [1, 1]], low: 2}
      sweets: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], rows: [{name: upper}, {name: lower}]}
    areas:
      lane: {polygon: [[0, 0], [1, 0], [1, 1]], classes: [car]}
    ignore:
      road: {polygon: [[0, 0], [1, 0], [1, 0.1]]} # cars that pass behind the fence
"""


def test_whatever_has_a_place_is_read_and_changed_and_keeps_the_rest(path: Path) -> None:
    path.write_text(MORE)
    editing = Editing(path, lambda: None)
    shapes = editing.shapes("shop")
    read = shapes.model_dump(mode="json")
    assert read["queues"]["till"]["front"] == [[0, 0], [1, 0]]
    assert (read["shelves"]["drinks"]["count"], read["shelves"]["sweets"]["count"]) == (4, None)
    assert list(read["shelves"]["snacks"]["rows"]) == ["top", "bottom"]

    same = {key: read[key] for key in ("queues", "shelves", "areas", "looks", "ignore")}
    assert editing.draw_shapes("shop", wish(**same), shapes.version).valid
    assert path.read_text() == MORE  # what was only looked at is not touched

    moved = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.25]]
    same["queues"]["till"]["front"] = None
    same["shelves"]["drinks"]["count"] = 5
    same["shelves"]["snacks"]["rows"]["top"] = moved
    same["areas"] = {}
    same["ignore"]["road"]["polygon"] = moved
    same["ignore"]["sky"] = {"polygon": moved}
    verdict = editing.draw_shapes("shop", wish(**same), shapes.version)
    assert verdict.valid, verdict.problems
    wanted = (
        MORE.replace("front: [[0, 0], [1, 0]], ", "")
        .replace("rows: 4", "rows: 5")
        .replace("[[0, 0], [1, 0], [1, 0.4], [0, 0.4]]", "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.25]]")
        .replace("    areas:\n      lane: {polygon: [[0, 0], [1, 0], [1, 1]], classes: [car]}\n", "")
        .replace("[[0, 0], [1, 0], [1, 0.1]]", "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.25]]")
        + "      sky:\n        polygon: [[0.1, 0.1], [0.9, 0.1], [0.9, 0.25]]\n"
    )
    assert path.read_text() == wanted


def test_a_shelf_is_drawn(path: Path) -> None:
    editing = Editing(path, lambda: None)
    corners = [[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]
    shelves = {"shelf1": {"polygon": corners, "count": 3}}
    verdict = editing.draw_shapes("gate", wish(shelves=shelves), editing.shapes("gate").version)
    assert verdict.valid, verdict.problems
    polygon = "[[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9]]"
    added = f"    shelves:\n      shelf1:\n        polygon: {polygon}\n        rows: 3\n"
    assert path.read_text() == TEXT + added
    assert editing.shapes("gate").shelves["shelf1"].count == 3
