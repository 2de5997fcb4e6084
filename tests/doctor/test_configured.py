"""What a configuration needs, and this box has not."""

import os
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edgevision.doctor import Finding, configured
from edgevision.doctor.configured import check_configured, port
from tests.serving import serving

CAMERA = "cameras: {a: {source: 'synthetic:carpark'}}\nhttp: {listen: 127.0.0.1:0}\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def look(text: str) -> dict[str, Finding]:
    Path("config.yaml").write_text(text)
    return {each.subject: each for each in check_configured(Path("config.yaml"))}


def test_a_good_one_is_fine() -> None:
    found = look(CAMERA + "outputs: [{type: jsonl, path: events.jsonl}, {type: jsonl, path: '-'}]")
    assert {each.level for each in found.values()} == {"ok"}
    assert found.keys() == {"configuration", "outputs[0]", "http"}
    assert not Path("events.jsonl").exists()  # a look changes nothing


def test_every_mistake_is_a_failure_with_its_line() -> None:
    Path("config.yaml").write_text("cameras: {a: {source: gone.mp4}}\nhtpp: {}\n")
    found = list(check_configured(Path("config.yaml")))
    assert [each.level for each in found] == ["fail", "fail"]
    assert found[1].found.startswith("config.yaml:2: htpp: unknown key")


def test_a_secret_that_is_not_set_is_told_with_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATE_PASSWORD", raising=False)
    found = look("cameras: {a: {source: 'rtsp://u:${GATE_PASSWORD}@127.0.0.1/x'}}")["configuration"]
    assert (found.level, "GATE_PASSWORD" in found.found) == ("fail", True)
    assert "secrets.env" in found.todo


def test_outputs_without_a_folder_or_that_are_one() -> None:
    found = look(CAMERA + "outputs: [{type: jsonl, path: no/x.jsonl}, {type: sqlite, path: .}]")
    assert found["outputs[0]"].found.endswith("/no does not exist")
    assert [found[f"outputs[{index}]"].level for index in (0, 1)] == ["fail", "fail"]


def test_a_folder_that_is_made_needs_one_to_be_made_in() -> None:
    evidence = CAMERA + "outputs: [{type: evidence, folder: %s}]"
    Path("kept").mkdir()
    Path("file").touch()
    for folder in ("kept", "new/deep"):
        Path("config.yaml").write_text(evidence % folder)
        assert [each.level for each in check_configured(Path("config.yaml"))] == ["ok"] * 3
    assert look(evidence % "file/new")["outputs[0]"].level == "fail"
    assert not Path("new").exists()


def test_a_folder_that_this_user_may_not_write_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    found = look(CAMERA + "outputs: [{type: jsonl, path: x.jsonl}]")["outputs[0]"]
    assert (found.level, "may not write" in found.found) == ("fail", True)


def test_an_extra_that_an_output_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configured, "lacking", lambda extra: extra == "mqtt")
    found = look(CAMERA + "outputs: [{type: mqtt, url: 'mqtt://127.0.0.1'}]")["extras"]
    assert (found.level, found.todo) == ("fail", "pip install 'edgevision[mqtt]'")


def test_a_clip_needs_an_extra_and_a_picture_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configured, "lacking", lambda extra: extra == "pyav")
    assert "extras" not in look(CAMERA + "outputs: [{type: evidence, folder: kept}]")
    found = look(CAMERA + "outputs: [{type: evidence, folder: kept, clip: on}]")["extras"]
    assert (found.level, found.todo) == ("fail", "pip install 'edgevision[pyav]'")


def test_a_live_picture_needs_ffmpeg_that_encodes_and_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    there, missing = Path("there"), Path("missing")
    ffmpeg = there / "ffmpeg"
    there.mkdir()
    ffmpeg.write_text("#!/bin/sh\necho ' V..... libx264'\n")
    ffmpeg.chmod(0o755)
    hls = CAMERA + "outputs: [{type: restream, camera: a, folder: %s}]"
    monkeypatch.setenv("PATH", f"{there.absolute()}:/bin")

    def levels(folder: Path) -> list[str]:
        Path("config.yaml").write_text(hls % folder)
        return [each.level for each in check_configured(Path("config.yaml")) if each.subject == "outputs[0]"]

    assert levels(there) == ["ok", "ok"]
    assert levels(missing) == ["ok", "fail"]  # ffmpeg does not make it
    monkeypatch.setenv("PATH", "")
    assert levels(there) == ["fail", "ok"]


def test_a_device_that_was_asked_for_must_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configured, "try_device", lambda device: {"error": f"no {device}"})
    found = look(CAMERA + "models: {v: {device: cuda}}")["models.v"]
    assert (found.level, found.found) == ("fail", "device cuda: no cuda")


class Healthy(BaseHTTPRequestHandler):
    said = b'{"status": "alive"}'

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.said)


class Foreign(Healthy):
    said = b"<html>another program</html>"


@pytest.fixture(params=[Healthy, Foreign])
def server(request: pytest.FixtureRequest) -> Iterator[tuple[int, bool]]:
    """Something that listens: its port, and whether it is us."""
    with serving(HTTPServer(("127.0.0.1", 0), request.param)) as server:
        yield server.server_port, request.param is Healthy


def test_a_port_that_is_taken_by_us_or_by_another(server: tuple[int, bool]) -> None:
    number, ours = server
    found = port("127.0.0.1", number)
    assert found.level == ("ok" if ours else "fail")
    assert ("edgevision is running" in found.found) == ours


def test_a_port_whose_owner_says_nothing_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(configured, "ASK", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert port("127.0.0.1", silent.getsockname()[1]).level == "fail"
