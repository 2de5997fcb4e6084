"""Paths of evidence: known from an event, and leading nowhere else."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edgevision.evidence import found, is_ours, look_up, stem

STEM = "2026-11-21/gate/gate.2~in-1~00000042~010203456"
EVENT = {"id": "gate.2:in-1:00000042", "camera": "gate", "time": "2026-11-21T01:02:03.456Z"}


def test_what_is_there_of_an_event_is_found_in_any_of_the_folders(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    for folder, ending in ((first, ".jpg"), (second, ".mp4")):
        (folder / STEM).parent.mkdir(parents=True)
        (folder / (STEM + ending)).write_bytes(b"x")
    assert found([first, second], EVENT) == {"picture": STEM + ".jpg", "clip": STEM + ".mp4"}
    assert found([first], EVENT) == {"picture": STEM + ".jpg"}
    assert found([], EVENT) == {}
    assert found([first, second], {**EVENT, "time": "2026-11-21T01:02:03.457Z"}) == {}  # the id, given again


@pytest.mark.parametrize(
    "id",
    [
        "../../etc/passwd",
        "gate",
        "gate:in:1/../../x",
        "gate:in\0:1",
        "gate:..:1\n",
        ":::",
        "a" * 300 + ":b:1",
    ],
)
def test_an_id_that_is_none_has_no_path(id: str) -> None:
    assert stem(id, "gate", EVENT["time"]) is None


@pytest.mark.parametrize(
    "path",
    ["../secret", "2026-11-21/../secret", "2026-11-21/gate/secret", "./2026-11-21/gate/secret", "secret"],
)
def test_no_other_file_is_found(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "evidence"
    (folder / "2026-11-21/gate").mkdir(parents=True)
    for place in (tmp_path, folder, folder / "2026-11-21/gate"):
        (place / "secret").write_bytes(b"x")
    assert (folder / path).is_file()
    assert look_up([folder], path) is None


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=60))
@example("..", "..", "secret")
@example("2026-11-21", "..", "secret.jpg")
@example("2026-11-21", "gate", "../../../secret.jpg")
@example("2026-11-21", "gate", "..~~010203456.jpg")
@example("2026-11-21", "gate", "gate~in~00000042~010203456.jpg/../../../../secret")
@example("2026-11-21", "gate\n", "gate~in~00000042~010203456.jpg")
@example("2026-11-21", "gate", "gate~in~00000042~010203456.jpg\n")
@example("2026-11-21", "gate", "gate~in~00000042~010203456.jpg.part")
@example("2026-11-21", "gate", "gate~in~00000042~010203456.db")
@example("2026-11-21", "gate", "GATE~in~00000042~010203456.jpg\0.db")
@example("٢٠٢٦-11-21", "gate", "gate~in~00000042~010203456.jpg")
def test_no_text_leads_out_of_the_folder(day: str, camera: str, name: str) -> None:
    path = f"{day}/{camera}/{name}"
    if is_ours(path):
        assert len(Path(path).parts) == 3
        assert not {".", "..", ""} & set(path.split("/"))
        assert path.isascii()
        assert path.isprintable()
        assert path.endswith((".jpg", ".mp4"))
    assert look_up([Path("/nowhere")], path) is None
