"""edgevision models list, and the folder that it looks into."""

import json
from pathlib import Path

import pytest

from edgevision import cli
from edgevision.builtin import NETWORKS, network_path, pulled_folder
from edgevision.catalogue import load_catalogue


def test_it_says_what_is_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    folder = tmp_path / "edgevision" / "models"
    folder.mkdir(parents=True)
    for name in ("yunet", "mine"):
        (folder / f"{name}.onnx").write_bytes(b"12345")
    (folder / "mine.yaml").write_text("{licence: '[/x]', task: segment, description: 'Counts sheep. Well.'}")
    assert cli.main(["models", "list", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["folder"] == str(folder)
    found = {network["path"]: network for network in answer["networks"]}
    catalogue = {f"pulled:{name}": entry for name, entry in load_catalogue().items()}
    builtin = {f"builtin:{name}" for name in NETWORKS}
    assert set(found) == {*catalogue, *builtin, "pulled:mine"}
    assert {path for path in found if found[path]["here"]} == {*builtin, "pulled:yunet", "pulled:mine"}
    yunet, mine = found["pulled:yunet"], found["pulled:mine"]
    assert (yunet["task"], yunet["licence"], yunet["bytes"]) == ("detect", "MIT", 232589)
    assert yunet["sha256"] == catalogue["pulled:yunet"].sha256
    assert (mine["task"], mine["licence"], mine["bytes"]) == ("segment", "[/x]", 5)
    # What others wrote into a card is shown as it stands.
    assert cli.main(["models", "list"]) == 0
    assert "[/x]" in capsys.readouterr().out


def test_the_list_as_a_table(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert cli.main(["models", "list"]) == 0
    out = capsys.readouterr().out
    (row,) = (line.split() for line in out.splitlines() if "picodet_s" in line)
    assert row == [
        "picodet_s",
        "detect",
        *["COCO's", "80", "objects,", "the", "quickest", "on", "a", "CPU"],
        "Apache-2.0",
        "4.8",
    ]
    (row,) = (line.split() for line in out.splitlines() if line.startswith("default_square "))
    assert (row[1], row[-4:]) == ("detect", ["Apache-2.0", "2.7", "built", "in"])


def test_the_service_has_its_own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert pulled_folder() == Path("/home/somebody/.local/share/edgevision/models")
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path}:/var/lib/second")
    assert pulled_folder() == tmp_path / "models"
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "x.onnx").write_bytes(b"x")
    assert network_path("pulled:x", Path("/base")) == tmp_path / "models" / "x.onnx"
    with pytest.raises(
        ValueError, match=r"there is no network 'y' .*`edgevision models pull y` .*; there are x$"
    ):
        network_path("pulled:y", Path("/base"))
    with pytest.raises(ValueError, match=r"there is no network '\.\./models/x'"):
        network_path("pulled:../models/x", Path("/base"))
