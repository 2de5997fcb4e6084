from pathlib import Path

import pytest

from edgevision.errors import DataError, OutputError
from edgevision.evaluate.read_counts import Mark, Row, read_truth
from edgevision.label.store import Labelled, TruthStore

CAMERAS = {"gate": 0.0, "yard": 0.0}
BOTH = """
until: {gate: 9, yard: 20}
truth:
  - {camera: yard, at: 3, name: line, kind: crossed_in, label: bus}
  - {camera: gate, at: 1.5, name: line, kind: crossed_in}
  - {camera: gate, name: lot, kind: entered, count: 0}
"""


def store(path: Path) -> TruthStore:
    return TruthStore(path, "gate.mp4", "gate", False, 0.0)


def test_other_cameras_of_the_file_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "truth.yaml"
    path.write_text(BOTH)
    kept = store(path)
    assert [(row.name, row.at, row.count) for row in kept.labelled.rows] == [
        ("line", 1.5, None),
        ("lot", None, 0),
    ]
    assert kept.labelled.until == 9
    kept.save(Labelled(rows=[Row(name="line", kind="crossed_out", at=4.0)], until=8.0), 0)
    truth = read_truth(path, CAMERAS)
    assert truth.marks == [
        Mark("yard", "line", "crossed_in", "bus", 3.0), Mark("gate", "line", "crossed_out", "", 4.0),
    ]  # fmt: skip
    assert truth.until == {"gate": 8.0, "yard": 20.0}


def test_what_was_saved_is_there_again(tmp_path: Path) -> None:
    path = tmp_path / "truth.yaml"
    first = store(path)
    rows = [
        Row(name="true", kind="crossed_in", at=1.234, label="a: b #"),
        Row(name="x", kind="left", count=0),
    ]
    labelled = Labelled.model_validate(
        {"rows": rows, "until": 3.5, "lines": {"line": {"from": (0.1, 0.2), "to": (0.3, 0.4)}}}
    )
    first.save(labelled, 0)
    again = store(path).labelled
    assert sorted(again.rows, key=str) == sorted(rows, key=str)
    assert (again.until, again.lines) == (labelled.until, labelled.lines)


def test_the_time_of_an_event_becomes_one_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "truth.yaml"
    path.write_text('truth: [{time: "2026-11-21T10:00:02.5Z", name: line, kind: crossed_in}]\n')
    ten = 1795255200.0  # date -d 2026-11-21T10:00Z +%s
    assert TruthStore(path, "x", "gate", True, ten).labelled.rows[0].at == 2.5


def test_a_save_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "truth.yaml"
    kept = store(path)
    kept.save(Labelled(rows=[Row(name="line", kind="crossed_in", at=1.0)]), 0)
    before = path.read_text()
    (tmp_path / ".truth.yaml.part").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        kept.save(Labelled(rows=[]), 1)
    assert path.read_text() == before
    assert kept.version == 1


def test_where_nothing_can_be_written_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ends in \.yaml"):
        store(tmp_path / "truth.csv")
    with pytest.raises(OutputError, match="there is no folder"):
        store(tmp_path / "none" / "truth.yaml")
    (tmp_path / "bad.yaml").write_text("truth:\n  - {at: 1}\n")
    with pytest.raises(DataError, match=r"bad\.yaml:2: truth\[0\]\.name: this key is required"):
        store(tmp_path / "bad.yaml")
