from pathlib import Path

import pytest

from edgevision.errors import DataError
from edgevision.evaluate.read_counts import Key, Mark, Total, read_truth

GATE = {"gate": 0.0}
IN = Mark("gate", "line", "crossed_in", "", 1.9)
CAR = Mark("gate", "line", "crossed_out", "car", 62.5)

YAML = """
until: 90s
truth:
  - {at: 1.9, name: line, kind: crossed_in}
  - {at: "1:02.5", name: line, kind: crossed_out, label: car}
  - {name: lot, kind: entered, count: 3}
"""
CSV = "name, kind, at, label, count\nline,crossed_in,1.9,,\nline,crossed_out,1:02.5,car,\nlot,entered,,,3\n"
LINES = """
{"camera": "gate", "name": "line", "kind": "crossed_in", "at": 1.9}

{"id": "gate:line:1", "time": "2026-11-21T10:01:02.500Z", "camera": "gate", "analytic": "line", "name": "line", "kind": "crossed_out", "label": "car", "track_id": 3, "value": 1, "confidence": 0.8}
"""  # noqa: E501


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(("name", "text"), [("truth.yaml", YAML), ("truth.csv", CSV)])
def test_moments_and_totals(tmp_path: Path, name: str, text: str) -> None:
    truth = read_truth(write(tmp_path, name, text), GATE)
    assert truth.marks == [IN, CAR]
    assert truth.totals == [Total(Key("gate", "lot", "entered"), "", 3)]
    assert truth.until == ({"gate": 90.0} if name == "truth.yaml" else {})


def test_our_own_events_are_a_truth_once_somebody_has_put_them_right(tmp_path: Path) -> None:
    ten = 1795255200.0  # date -d 2026-11-21T10:00Z +%s
    path = write(tmp_path, "events.jsonl", LINES)
    assert read_truth(path, {"gate": ten}).marks == [IN, CAR]


def test_several_cameras_are_told_apart(tmp_path: Path) -> None:
    text = "camera,name,kind,at\ngate,line,crossed_in,1.9\nyard,line,crossed_in,2\n"
    truth = read_truth(write(tmp_path, "truth.csv", text), {"gate": 0.0, "yard": 0.0})
    assert truth.keys == {Key("gate", "line", "crossed_in"), Key("yard", "line", "crossed_in")}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("t.yaml", "truth:\n  - {at: 1, name: a, kind: b}\n  - {nam: a, kind: b}\n", r"t\.yaml:3: .*'name'"),
        ("t.yaml", "truth:\n  - {name: a, kind: b}\n", r"t\.yaml:2: .*say when it happened, `at:`"),
        ("t.yaml", "truth:\n  - {name: a, kind: b, at: -3}\n", r"t\.yaml:2: truth\[0\]\.at: .*greater than"),
        ("t.yaml", "truth:\n  - {name: a, kind: b, at: 1}\nuntil: {b: 3}\n", r"t\.yaml:3: .*no camera 'b'"),
        ("t.yaml", "truth: []\n", r"t\.yaml:1: .*there is nothing in it"),
        ("t.yaml", "truth: [\n", r"t\.yaml:\d: not valid YAML"),
        ("t.csv", "name,kind,when\n", r"t\.csv:1: .*it has a column 'when'"),
        ("t.csv", "name,kind,lable\n", r"t\.csv:1: .*did you mean 'label'"),
        ("t.csv", "name,kind,at\na,b,1\na,b,soon\n", r"t\.csv:3: truth\[1\]\.at: expected a duration"),
        ("t.csv", "name,kind,at\na,b\n", r"t\.csv:2: expected 3 values"),
        ("t.csv", "camera,name,kind,at\ngat,a,b,1\n", r"t\.csv:2: .*no camera 'gat'; did you mean 'gate'"),
        ("t.csv", "name,kind,at,count\na,b,1,\na,b,,4\n", r"t\.csv:3: .*moments and a `count:`"),
        ("t.jsonl", '{"name": "a", "kind": "b", "at": 1}\nnonsense\n', r"t\.jsonl:2: expected a JSON object"),
        ("t.jsonl", "\n[1]\n", r"t\.jsonl:2: .*expected keys with values"),
        ("t.txt", "", r"ends in \.yaml"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_truth(write(tmp_path, name, text), GATE)


def test_of_several_cameras_one_must_be_named(tmp_path: Path) -> None:
    path = write(tmp_path, "t.csv", "name,kind,at\na,b,1\n")
    with pytest.raises(DataError, match=r"t\.csv:2: .*say which `camera:` of gate, yard"):
        read_truth(path, {"gate": 0.0, "yard": 0.0})


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*No such file"):
        read_truth(tmp_path / "none.csv", GATE)
