import json
from pathlib import Path

import pytest

from edgevision.commands.demo import _print
from edgevision.document import read
from edgevision.opencv import cv2
from edgevision.scene.world import Scene
from tests.commands.process import check_failure, edgevision


def test_the_demo_counts_what_is_true(tmp_path: Path) -> None:
    done = edgevision("demo", "--json", "--output", str(tmp_path / "demo"))
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["frames"] == 900
    assert sum(row["truth"] for row in result["gate"]) == len(Scene(seed=1).crossings) > 8
    assert result["exact"], result["gate"]
    events = [json.loads(line) for line in (tmp_path / "demo" / "events.jsonl").read_text().splitlines()]
    crossed = [event for event in events if event["kind"].startswith("crossed")]
    assert len(crossed) == sum(row["counted"] for row in result["gate"])
    video = cv2.VideoCapture(str(tmp_path / "demo" / "demo.mp4"))
    assert int(video.get(cv2.CAP_PROP_FRAME_COUNT)) == 900


def test_the_demo_configuration_has_the_gate_and_the_lot_of_its_scene() -> None:
    camera = read(Path(__file__).parents[2] / "configs" / "demo.yaml").data["cameras"]["carpark"]
    scene = Scene(seed=1)
    gate = camera["lines"]["gate"]
    assert [gate["from"], gate["to"]] == [pytest.approx(end, abs=1e-3) for end in scene.gate]
    assert camera["zones"]["lot"]["polygon"] == [pytest.approx(point, abs=1e-3) for point in scene.lot]


def test_a_wrong_count_is_shown_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    result = {
        "seed": 3,
        "gate": [
            {"kind": "crossed_in", "label": "car", "counted": 4, "truth": 4},
            {"kind": "crossed_out", "label": "bus", "counted": 3, "truth": 1},
        ],
        "exact": False,
        "frames": 900,
        "stages_ms": {"infer": 5.0},
    }
    _print(result, Path("demo"))
    shown = capsys.readouterr().out
    assert "+2" in shown
    assert "Some counts differ from the truth." in shown
    assert "Every count equals the truth." not in shown


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check_failure(edgevision("demo", "--output", str(tmp_path / "file")), 1, "cannot write to .*file")
