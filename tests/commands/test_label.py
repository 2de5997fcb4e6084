import json
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.commands.process import ENVIRONMENT, check_failure, edgevision
from tests.label.pages import COUNT, video

CONFIG = """
cameras:
  gate:
    source: drawn.mp4
    lines: {road: {from: [0.1, 0.5], to: [0.9, 0.5]}}
    zones: {lot: {polygon: [[0, 0], [0.2, 0], [0.2, 0.2]], dwell: true}}
  yard:
    source: synthetic:carpark
    lines: {exit: {from: [0.1, 0.5], to: [0.9, 0.5]}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    video(tmp_path)
    (tmp_path / "config.yaml").write_text(CONFIG)
    return tmp_path


def test_the_page_of_the_camera_that_has_the_video(folder: Path) -> None:
    """Its events are gone through, those of the other camera are not; Ctrl-C ends it well."""
    events = [
        {"id": "1", "time": "1970-01-01T00:00:02.000Z", "camera": camera, "name": name, "kind": "crossed_in"}
        for camera, name in (("gate", "road"), ("yard", "exit"))
    ]
    (folder / "events.jsonl").write_text("\n".join(map(json.dumps, events)))
    command = ["label", "count", "drawn.mp4", "--config", "config.yaml", "--check", "events.jsonl"]
    with subprocess.Popen(
        [sys.executable, "-m", "edgevision", *command],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder, env=ENVIRONMENT,
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            url = process.stdout.readline().split()[1]
            answer = httpx.get(f"{url}/api/truth").json()
            assert [(place["name"], place["kinds"]) for place in answer["places"]] == [
                ("road", ["crossed_in", "crossed_out"]), ("lot", ["entered", "left"]),
            ]  # fmt: skip
            assert [(row["name"], row["at"]) for row in answer["ours"]] == [("road", 2.0)]
            assert httpx.get(f"{url}/frame/{COUNT}.jpg").status_code == 404
            sent = {"version": 0, "labelled": {"rows": [{"name": "road", "kind": "crossed_in", "at": 2.0}]}}
            assert httpx.put(f"{url}/api/truth", json=sent).status_code == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(60) == 0
            assert process.stderr
            assert "Traceback" not in process.stderr.read()
        finally:
            process.kill()
    assert (
        '{at: 2.0, camera: "gate", name: "road", kind: "crossed_in"}'
        in (folder / "drawn.truth.yaml").read_text()
    )


@pytest.mark.parametrize(
    ("more", "status", "said"),
    [
        (["--listen", "0.0.0.0:0"], 2, "--listen 0.0.0.0:0: the page is for this machine only.*`ssh -L"),
        (["--listen", "here"], 2, "--listen: expected an address and port"),
        (["--config", "config.yaml", "--camera", "gat"], 2, "no camera 'gat'; did you mean 'gate'"),
        (["--truth", "t.csv"], 1, r"t\.csv: the page writes YAML"),
        (["--check"], 2, "--check runs a configuration: name one with --config"),
        (["--config", "config.yaml", "--camera", "yard", "--check"], 1, "that of yard is not drawn.mp4"),
        (["--config", "config.yaml", "--check", "none.jsonl"], 1, "cannot read none.jsonl"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(folder: Path, more: list[str], status: int, said: str) -> None:
    check_failure(edgevision("label", "count", "drawn.mp4", *more, cwd=folder), status, said)


def test_a_video_that_is_none(tmp_path: Path) -> None:
    done = edgevision("label", "count", "none.mp4", cwd=tmp_path)
    check_failure(done, 1, r"none\.mp4 is not a video file that can be read")
