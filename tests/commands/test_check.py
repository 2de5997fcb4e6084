import json
import re
from pathlib import Path

import pytest

from tests.commands.process import check_failure, edgevision
from tests.rtsp_server import rtsp_server

GOOD = """
cameras:
  gate:
    source: ADDRESS
    fps: 10
    lines:
      entrance: {from: [0.1, 0.5], to: [0.9, 0.5], classes: [car, truck]}
outputs:
  - {type: jsonl, path: events.jsonl}
"""


def write(folder: Path, address: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(GOOD.replace("ADDRESS", address))
    return path


def test_a_good_configuration_is_explained_and_nothing_is_written(tmp_path: Path) -> None:
    config = write(tmp_path, "rtsp://viewer:pass-word-1@192.0.2.1/1")
    done = edgevision("check", str(config), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"{config} is good."
    assert "camera gate: rtsp://***@192.0.2.1/1 (live), 10 frames/s, model default" in done.stdout
    assert "  line entrance: car, truck" in done.stdout
    assert "pass-word-1" not in done.stdout + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_analytics_that_go_by_others_are_explained(tmp_path: Path) -> None:
    config = write(tmp_path, "synthetic:carpark")
    text = """
      exit: {from: [0.1, 0.8], to: [0.9, 0.8]}
    speeds: {approach: {lines: [entrance, exit], metres: 12.5}}
    trips: {flow: {places: [entrance, exit]}}
outputs:"""
    config.write_text(config.read_text().replace("\noutputs:", text))
    done = edgevision("check", str(config))
    assert done.returncode == 0, done.stderr
    assert "  speed approach: entrance to exit, 12.5 m" in done.stdout
    assert "  trips flow: between entrance, exit" in done.stdout


def test_a_line_that_can_never_count_is_told_with_its_place(tmp_path: Path) -> None:
    config = write(tmp_path, "synthetic:carpark")
    config.write_text(config.read_text().replace("[0.1, 0.5], to: [0.9, 0.5]", "[0, 0], to: [1, 0]"))
    done = edgevision("check", str(config))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1].startswith(
        "warning: config.yaml:7: cameras.gate.lines.entrance: it can never count"
    )
    answer = json.loads(edgevision("check", str(config), "--json").stdout)
    assert len(answer["warnings"]) == 1


def test_probing_takes_a_picture_of_each_camera(tmp_path: Path) -> None:
    with rtsp_server() as camera:
        done = edgevision("check", str(write(tmp_path, camera.url)), "--probe", "--watch", "0", "--json")
    assert done.returncode == 0, done.stderr
    gate = json.loads(done.stdout)["cameras"]["gate"]
    assert (gate["width"], gate["height"]) == (320, 240)


def test_probing_watches_what_moves(tmp_path: Path) -> None:
    """The video ends long before the time is over."""
    config = tmp_path / "config.yaml"
    config.write_text("""
models: {vehicles: {path: builtin:drawn}}
cameras:
  lot:
    source: synthetic:carpark?seed=1&seconds=24&fps=5&width=480&height=270&live=0
    lines:
      corner: {from: [0.02, 0.10], to: [0.08, 0.10]}
outputs: [{type: jsonl, path: never.jsonl}]
""")
    done = edgevision("check", str(config), "--probe", "--watch", "100", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    (doubt,) = json.loads(done.stdout)["warnings"]
    assert doubt.startswith("config.yaml:7: cameras.lot.lines.corner: none of the ")
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]


def test_a_camera_that_does_not_answer_is_told(tmp_path: Path) -> None:
    with rtsp_server() as camera:
        url = camera.url
    done = edgevision("check", str(write(tmp_path, url)), "--probe")
    assert done.returncode == 1
    assert "camera gate answers: {'error': 'rtsp://127.0.0.1" in done.stdout


def test_nothing_is_left_in_the_users_home(tmp_path: Path) -> None:
    """ONNX Runtime keeps a queue of reports to its maker there, unless it is told not to."""
    home = tmp_path / "home"
    home.mkdir()
    config = write(tmp_path, "synthetic:carpark")
    done = edgevision("check", str(config), HOME=str(home), CI="", PYTHONDONTWRITEBYTECODE="1")
    assert done.returncode == 0, done.stderr
    assert list(home.rglob("*")) == []


@pytest.mark.parametrize("arguments", [[], ["no.yaml"]])
def test_no_configuration_is_told(arguments: list[str]) -> None:
    check_failure(edgevision("check", *arguments), 2, "check needs a configuration|cannot read")


def test_the_schema_is_json() -> None:
    assert "cameras" in json.loads(edgevision("check", "--schema").stdout)["properties"]


def test_what_tiles_cost_and_what_is_hidden_is_told(tmp_path: Path) -> None:
    config = write(tmp_path, "synthetic:carpark?width=1920&height=1080\n    tiles: auto")
    config.write_text(
        config.read_text() + "  - {type: video, camera: gate, path: x.mp4, redact: {classes: [person]}}\n"
    )
    assert "  tiles auto: a run for each, as many as" in edgevision("check", str(config)).stdout
    done = edgevision("check", str(config), "--probe", "--watch", "0")
    # 1920 x 1080 at 416 x 256: 3 columns of 739 px, 3 rows of 416
    assert re.search(r"  tiles 3x3 and the whole: 10 runs a frame, \d+ ms for a run .*frames/s", done.stdout)
    assert "output 1: video to x.mp4; hides person (fill)" in done.stdout
