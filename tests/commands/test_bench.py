import json
import os
from pathlib import Path

import pytest

from edgevision.bench.playing import Playing
from edgevision.bench.task import plain_task
from edgevision.bench.turns import Turn
from edgevision.cli import _parser, main
from edgevision.commands import bench
from edgevision.commands.bench_tables import summary, tables
from edgevision.metrics import STAGES
from tests.commands.process import check_failure, edgevision
from tests.conftest import ROOT

SCENE = "synthetic:carpark?seed=1&seconds=3&fps=5&width=320&height=180"
CONFIG = """
models: {vehicles: {path: builtin:drawn, workers: 1}}
cameras:
  gate: {source: "%s", lines: {street: {from: [0.5, 0.0], to: [0.5, 1.0]}}}
outputs:
  - {type: sqlite, path: events.db}
"""


def test_figures_that_other_programs_rely_on(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(CONFIG % SCENE)
    page = tmp_path / "page.html"
    (tmp_path / "faster_coco_eval.py").write_text("raise ImportError")  # the page needs no extra
    done = edgevision(
        "bench", str(config), "--seconds", "5", "--streams", "2", "--json", "--html", str(page), "--against",
        "cv2dnn", PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "note: cv2dnn is compared with --model FILE and --source FILE" in done.stderr
    found = json.loads(done.stdout)
    assert found["fps"] > 0
    assert found["ceiling_fps"] > 0
    assert found["ratio"] > 0
    assert 0 < found["bare_fps"] < 2 * found["ceiling_fps"]  # it does more than the network alone
    assert found["bare_cpu_ms"] > found["ceiling_cpu_ms"] > 0
    assert set(found["stages"]) == set(STAGES)
    assert found["frames"] > 0
    assert all(set(row) == {"p50", "p90", "p99"} for row in found["stages"].values())
    assert found["streams"] == 2
    assert found["models"]["vehicles"]["workers"] == 1
    assert found["models"]["vehicles"]["why"] == "as configured: `workers`"
    assert list(tmp_path.glob("events.db*")) == []  # what is measured leaves nothing behind
    text = page.read_text()
    assert text.count("<svg") == 2
    assert "http" not in text
    assert any("drawn.onnx" in line for line in summary(found))
    assert [table.row_count for table in tables(found)] == [len(STAGES) + 1]


def test_memory_is_that_of_cameras_that_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """16 recordings of 1280 x 720 take 440 MB, and 129 before their first picture was decoded."""
    played: list[int] = []

    class Watched(Playing):
        def turn(self, seconds: float) -> Turn:
            turn = super().turn(seconds)
            played.append(min(each.processed for each in self.pipeline.frame_counts().values()))
            return turn

    class AskedError(Exception):
        pass

    def resident() -> int:
        raise AskedError

    monkeypatch.setattr(bench, "Playing", Watched)
    monkeypatch.setattr(bench, "resident", resident)
    options = _parser().parse_args(["bench", "--seconds", "1", "--streams", "2"])
    with pytest.raises(AskedError):
        bench._measure(options, plain_task({"path": "builtin:drawn"}, SCENE, tmp_path), None, None)
    assert len(played) == 1
    assert played[0] > 0


def test_cameras_that_no_machine_carries_and_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    """What took minutes to measure is printed all the same."""
    done = edgevision(
        "bench", "--model", "builtin:drawn", "--source", SCENE, "--seconds", "1", "--cameras", "--fps", "200",
        "--latency", "1ms", "--trial", "1", "--json", "--html", str(tmp_path),
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, f"edgevision: cannot write {tmp_path}: Is a directory\n")
    cameras = json.loads(done.stdout)["cameras"]
    assert (cameras["count"], cameras["fps"], cameras["latency_ms"]) == (0, 200, 1)  # no machine can do that
    assert [trial["cameras"] for trial in cameras["trials"]] == [1, 1, 1]
    assert cameras["trials"][0]["dropped"] >= 0


def test_what_was_measured_is_told_when_the_search_for_cameras_is_interrupted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("edgevision.log.setup", lambda _: None)
    monkeypatch.setattr(bench, "_measure", lambda *_: {"fps": 12.5})
    monkeypatch.setattr(bench, "_carry", interrupted)
    assert main(["bench", "--source", SCENE, "--cameras", "--json"]) == 130
    assert json.loads(capsys.readouterr().out) == {"fps": 12.5}


def test_what_cannot_be_measured_is_said_in_one_line(tmp_path: Path) -> None:
    check_failure(edgevision("bench", "--model", "none.onnx"), 1, "--model: none.onnx does not exist")
    live = tmp_path / "live.yaml"
    live.write_text(CONFIG % f"{SCENE}&live=1")
    check_failure(
        edgevision("bench", str(live)),
        2,
        r"live\.yaml:4: cameras\.gate\.source: camera gate is live.*--source CLIP",
    )


@pytest.mark.parametrize(
    ("option", "wrong", "expected"),
    [
        ("--seconds", "x", "1 to 3600 seconds"),
        ("--streams", "1.5", "1 to 256 cameras"),
        ("--fps", "nan", "frames per second, above 0 and up to 1000"),
    ],
)
def test_a_number_that_is_none_is_told(
    option: str, wrong: str, expected: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["bench", option, wrong])
    assert f"argument {option}: expected {expected}, got {wrong}" in capsys.readouterr().err
