"""The program itself, as a process, on real input: what a user sees of it."""

import json
import re
import signal
import socket
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import numpy as np
import pytest

from edgevision.metrics import STAGES
from edgevision.opencv import cv2
from tests.commands.process import Service, check_failure, edgevision
from tests.rtsp_server import RtspServer, rtsp_server

CARPARK = "cameras: {a: {source: 'synthetic:carpark'}}\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.yaml"
    path.write_text(text)
    return path


SCENE = """
cameras:
  carpark:
    source: synthetic:carpark?seed=1&seconds=6&fps=10
    zones:
      all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0}
outputs:
  - {type: jsonl, path: events.jsonl}
http: null
"""


def test_a_file_is_counted_to_its_end_and_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    events = []
    for workers in (1, 2, 4):
        config = write(tmp_path, f"models: {{v: {{workers: {workers}}}}}\n" + SCENE)
        done = edgevision("run", str(config), "--json", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        camera = json.loads(done.stdout)["cameras"]["carpark"]
        assert (camera["captured"], camera["processed"]) == (60, 60)
        events.append((tmp_path / "events.jsonl").read_bytes())
        (tmp_path / "events.jsonl").unlink()
    assert events[0].count(b'"kind": "entered"') > 3
    assert events[0] == events[1] == events[2]


def test_trips_and_speeds_follow_from_what_lines_and_zones_find(tmp_path: Path) -> None:
    """The drawn gate and another line behind it; trips and speeds are computed anew from the events."""
    config = write(
        tmp_path,
        """
models: {drawn: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=1&seconds=20&fps=8
    lines:
      gate: {from: [0.164, 0.630], to: [0.319, 0.392]}
      yard: {from: [0.21, 0.65], to: [0.37, 0.40]}
    speeds: {drive: {lines: [gate, yard], metres: 5}}
    trips: {flow: {places: [gate, yard]}}
outputs:
  - {type: jsonl, path: events.jsonl}
http: null
""",
    )
    done = edgevision("run", str(config), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    seconds = {event["id"]: datetime.fromisoformat(event["time"]).timestamp() for event in events}
    crossings = sorted(
        (event for event in events if event["analytic"] == "line"), key=lambda event: seconds[event["id"]]
    )
    pairs, speeds = [], []
    for number, event in enumerate(crossings):
        before = [each for each in crossings[:number] if each["track_id"] == event["track_id"]]
        if not before:
            continue
        pairs.append(f"{before[-1]['name']}>{event['name']}")
        if before[-1]["name"] != event["name"]:
            speeds.append(5 / (seconds[event["id"]] - seconds[before[-1]["id"]]) * 3.6)
    assert len(speeds) >= 2
    assert sorted(event["kind"] for event in events if event["analytic"] == "trips") == sorted(pairs)
    told = [event["value"] for event in events if event["analytic"] == "speed"]
    assert sorted(told) == pytest.approx(sorted(speeds), rel=0.02)  # times are told to the millisecond


def test_a_line_that_can_never_count_is_in_the_log(tmp_path: Path) -> None:
    line = "lines: {top: {from: [0, 0], to: [1, 0]}}"
    config = write(tmp_path, SCENE.replace("seconds=6", "seconds=1").replace("zones:", f"{line}\n    zones:"))
    done = edgevision("run", str(config), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "config.yaml:5: cameras.carpark.lines.top: it can never count" in done.stderr


def test_an_annotated_video_lasts_as_long_as_the_file(tmp_path: Path) -> None:
    config = """
cameras:
  carpark: {source: "synthetic:carpark?seconds=4&fps=5&width=320&height=180"}
outputs:
  - {type: video, camera: carpark, path: seen.mp4}
http: null
"""
    done = edgevision("run", str(write(tmp_path, config)), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    video = cv2.VideoCapture(str(tmp_path / "seen.mp4"))
    assert (video.get(cv2.CAP_PROP_FRAME_COUNT), video.get(cv2.CAP_PROP_FPS)) == (20, 5)


def test_events_on_the_standard_output_are_nothing_but_events(tmp_path: Path) -> None:
    config = write(tmp_path, SCENE.replace("events.jsonl", '"-"'))
    done = edgevision("run", str(config))
    assert done.returncode == 0
    assert {json.loads(line)["camera"] for line in done.stdout.splitlines()} == {"carpark"}


PASSWORD = "pass-word-1"
GATE = """
cameras:
  gate:
    source: rtsp://viewer:${GATE_PASSWORD}@127.0.0.1:PORT/cam
    stall_timeout: 1s
    zones:
      all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]}
http: {listen: 127.0.0.1:0}
outputs:
  - {type: jsonl, path: events.jsonl}
"""


@pytest.fixture
def camera() -> Iterator[RtspServer]:
    with rtsp_server(password=PASSWORD) as camera:
        yield camera


@pytest.fixture
def live(tmp_path: Path, camera: RtspServer) -> Iterator[Service]:
    config = GATE.replace("PORT", str(camera.port))
    with Service(tmp_path, config, GATE_PASSWORD=PASSWORD) as service:
        yield service


def test_a_camera_is_watched_until_sigterm(live: Service) -> None:
    metrics = live.wait_for('frames_processed_total{camera="gate"}', 20)
    assert metrics['source_up{camera="gate"}'] == 1
    assert httpx.get(live.url + "/readyz").json() == {"ready": True, "troubles": []}
    for _ in range(10):
        now = live.metrics()
        dropped = sum(value for name, value in now.items() if name.startswith("frames_dropped_total"))
        gone = now['frames_processed_total{camera="gate"}'] + dropped
        assert now['frames_total{camera="gate"}'] == gone + now['frames_in_flight{camera="gate"}']
    stages = [now[f'stage_seconds_sum{{camera="gate",stage="{stage}"}}'] for stage in STAGES]
    assert sum(stages) == pytest.approx(now['latency_seconds_sum{camera="gate"}'], rel=1e-6)
    assert live.stop() == 0
    assert 'msg="camera done"' in live.log
    assert PASSWORD not in live.log


def test_a_camera_that_hangs_is_named_and_comes_back(live: Service, camera: RtspServer) -> None:
    live.wait_for('frames_processed_total{camera="gate"}', 5)
    camera.frozen.set()
    live.wait_for('source_reconnects_total{camera="gate",reason="stall"}', 1)
    live.wait_for_log("no picture for")
    answer = httpx.get(live.url + "/readyz")
    assert answer.status_code == 503
    assert answer.json()["troubles"][0].startswith("camera gate: ")
    camera.frozen.clear()
    live.wait_for('source_up{camera="gate"}', 1)
    before = live.metrics()['frames_processed_total{camera="gate"}']
    live.wait_for('frames_processed_total{camera="gate"}', before + 5)
    assert live.stop(signal.SIGINT) == 0


def test_a_camera_that_hangs_does_not_hold_up_the_end(live: Service, camera: RtspServer) -> None:
    live.wait_for('frames_processed_total{camera="gate"}', 5)
    camera.frozen.set()
    assert live.stop() == 0


def test_systemd_is_told(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        systemd.settimeout(30)
        text = CARPARK.replace("carpark", "carpark?live=1") + "http: {listen: 127.0.0.1:0}"
        service = Service(tmp_path, text, NOTIFY_SOCKET=path, WATCHDOG_USEC="600000")
        told = [systemd.recv(1000).decode() for _ in range(4)]
        assert service.stop() == 0
        while not told[-1].startswith("STOPPING=1"):
            told.append(systemd.recv(1000).decode())
    assert told[0].startswith("READY=1\nSTATUS=1 cameras, ")
    assert told[1:4].count("WATCHDOG=1") >= 2


def clip(path: Path, frames: int = 30) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (160, 120))
    for number in range(frames):
        writer.write(np.full((120, 160, 3), number, np.uint8))
    writer.release()
    return path


def bad_source(folder: Path, content: bytes) -> str:
    (folder / "bad.avi").write_bytes(content)
    return "cameras: {gate: {source: bad.avi}}\nhttp: null"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"config\.yaml:1: cameras\.gate\.source: .*bad\.avi is empty"),
        (b"no video" * 100, r"config\.yaml:1: cameras\.gate\.source: .*bad\.avi is not a video"),
    ],
)
def test_what_is_no_video_is_one_line_and_exit_1(tmp_path: Path, content: bytes, message: str) -> None:
    done = edgevision("run", str(write(tmp_path, bad_source(tmp_path, content))))
    check_failure(done, 1, message)


def test_a_truncated_video_is_counted_as_far_as_it_goes_and_told(tmp_path: Path) -> None:
    whole = clip(tmp_path / "whole.avi").read_bytes()
    done = edgevision("run", str(write(tmp_path, bad_source(tmp_path, whole[: len(whole) // 2]))))
    check_failure(done, 1, r"config\.yaml:1: cameras\.gate\.source: .*ended after \d+ of 30 frames")
    assert re.search(r"camera=gate captured=\d+ processed=\d+", done.stderr)


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        ("cameras: {a: {source: gone.mp4}}", 2, r":1: cameras\.a\.source: .*gone\.mp4 does not exist"),
        (CARPARK + "htpp: {}", 2, r":2: htpp: unknown key; did you mean 'http'"),
        (
            CARPARK + "models: {v: {path: page.onnx}}",
            1,
            r":2: models\.v: .*page\.onnx is a web page, not a net",
        ),
        (
            CARPARK.replace("}}", ", lines: {l: {from: [0, 0], to: [1, 1], classes: [cra]}}}}"),
            2,
            r":1: cameras\.a\.lines\.l: classes: the network has no class 'cra'; did you mean 'car'",
        ),
        (
            CARPARK + "models: {v: {classes: [dog]}}",
            2,
            r":2: models\.v: classes: the network has no class 'dog'",
        ),
        (
            CARPARK + "outputs: [{type: jsonl, path: no/where.jsonl}]",
            1,
            r":2: outputs\[0\]: cannot write events to no/where\.jsonl: No such file or directory",
        ),
        ("cameras: {a: {source: 'synthetic:boat'}}", 2, r":1: cameras\.a\.source: a drawn scene takes whole"),
        (CARPARK + "models: {v: {device: cuda}}", 1, r":2: models\.v: device cuda was asked for, but"),
    ],
)
def test_a_mistake_is_one_line_with_its_place_and_no_traceback(
    tmp_path: Path, text: str, status: int, message: str
) -> None:
    (tmp_path / "page.onnx").write_text("<!DOCTYPE html>")
    done = edgevision("run", str(write(tmp_path, text + "\nhttp: null")), cwd=tmp_path)
    check_failure(done, status, rf"config\.yaml{message}")


def test_an_occupied_port_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = edgevision("run", str(write(tmp_path, CARPARK + f"http: {{listen: '{listen}'}}")))
    check_failure(done, 1, rf"config\.yaml:2: http\.listen: cannot listen on {re.escape(listen)}: Address")


def test_a_missing_configuration_is_told(tmp_path: Path) -> None:
    check_failure(edgevision("run", str(tmp_path / "no.yaml")), 2, r"cannot read .*no\.yaml")
