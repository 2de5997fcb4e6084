import json
from dataclasses import replace
from pathlib import Path

import pytest

from edgevision.core import Event
from edgevision.core.types import Verdict
from edgevision.errors import OutputError
from edgevision.events import to_json, utc
from edgevision.outputs import Result
from edgevision.outputs.jsonl import Config, build

EVENT = Event(
    id="gate:entrance:00000042",
    camera="gate",
    analytic="line",
    name="entrance",
    kind="crossed_in",
    label="car",
    track_id=17,
    value=42.0,
    confidence=0.8349,
    wall=1_763_686_923.4561,
    ts=12.5,
)


def test_an_event_as_it_leaves_the_process() -> None:
    assert to_json(EVENT) == (
        '{"id": "gate:entrance:00000042", "time": "2025-11-21T01:02:03.456Z", "camera": "gate", '
        '"analytic": "line", "name": "entrance", "kind": "crossed_in", "label": "car", "track_id": 17, '
        '"value": 42, "confidence": 0.83}'
    )


def test_what_second_looks_say_stands_at_its_end() -> None:
    event = replace(EVENT, looks={"kind": Verdict("taxi", 0.8349, 12), "state": Verdict("clean", 1.0, 2)})
    assert to_json(event).endswith(
        '"confidence": 0.83, "looks": {"kind": {"label": "taxi", "share": 0.83}, '
        '"state": {"label": "clean", "share": 1.0}}}'
    )


def test_a_change_says_from_and_to() -> None:
    event = replace(EVENT, track_id=None, label="empty", before="full")
    assert to_json(event).endswith('"confidence": 0.83, "from": "full", "to": "empty"}')


@pytest.mark.parametrize(
    ("wall", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1.0005, "1970-01-01T00:00:01.000Z"),
        (59.9999, "1970-01-01T00:01:00.000Z"),
    ],
)
def test_times_have_milliseconds(wall: float, text: str) -> None:
    assert utc(wall) == text


def test_lines_are_appended_and_readable_at_once(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("before\n")
    output = build(Config(type="jsonl", path=str(path)), "jsonl-0")
    output.write(Result("gate", [EVENT, EVENT]))
    before, *lines = path.read_text().splitlines()
    assert before == "before"
    assert [json.loads(line)["id"] for line in lines] == [EVENT.id] * 2
    output.close()


def test_a_dash_is_the_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    output = build(Config(type="jsonl", path="-"), "jsonl-0")
    output.write(Result("gate", [EVENT]))
    output.close()
    assert capsys.readouterr().out == to_json(EVENT) + "\n"
    print("still open")  # noqa: T201


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"cannot write events to .*: No such file or directory; choose"):
        build(Config(type="jsonl", path=str(tmp_path / "no" / "events.jsonl")), "jsonl-0")
