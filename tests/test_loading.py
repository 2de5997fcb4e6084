"""While a network loads for minutes, the log, systemd and /readyz say so."""

import logging
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from edgevision import networks
from edgevision.app import App
from edgevision.assembly import Assembly
from edgevision.config import check
from edgevision.document import parse
from edgevision.errors import ModelError
from edgevision.inference.network import load_network
from edgevision.loading import watched
from edgevision.metrics import Metrics
from tests.inference.test_batching import HONEST, MIXED, network
from tests.networks import echo_network

CONFIG = """
models: {vehicles: {path: x.onnx, device: cpu}}
cameras: {gate: {source: synthetic:carpark, lines: {in: {from: [0, 0.5], to: [1, 0.5]}}}}
http: {listen: "127.0.0.1:0"}
"""


def test_what_takes_long_is_told_at_once_and_again_until_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    told: list[str] = []
    thrice = threading.Event()

    def tell(what: str) -> None:
        told.append(what)
        if len(told) == 3:
            thrice.set()

    with watched("building the engine of a", tell, long=True, every=0.01):
        assert told == ["building the engine of a"]
        assert thrice.wait(30)
    count = len(told)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("watch: ")]
    assert len(told) == count
    assert caplog.text.count("building the engine of a") >= 2


def test_what_is_loaded_in_a_moment_is_not_told() -> None:
    told: list[str] = []
    with watched("loading the network a", told.append):
        pass
    assert told == []


def test_an_error_ends_the_watch() -> None:
    with pytest.raises(ModelError), watched("loading the network a", lambda _: None):
        raise ModelError("broken")
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("watch: ")]


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], str]]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield lambda: listener.recv(1000).decode()


@pytest.mark.parametrize("token", [None, "geheim-geheim-geheim"])
def test_readyz_names_the_engine_that_is_made_while_healthz_is_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, systemd: Callable[[], str], token: str | None
) -> None:
    """The making itself is played: it lasts until somebody has asked."""
    echo_network(tmp_path / "x.onnx")
    answers: dict[str, httpx.Response] = {}
    apps: list[App] = []
    headers = {"authorization": f"Bearer {token}"} if token else {}

    def slow(*arguments: Any) -> Any:
        url = apps[0]._server.url  # type: ignore[union-attr]
        for path in ("/readyz", "/healthz", "/metrics"):
            answers[path] = httpx.get(url + path, headers=headers, timeout=10)
        answers["stranger"] = httpx.get(url + "/readyz", timeout=10)
        return load_network(*arguments)

    class Known(App):
        def __init__(self, *arguments: Any) -> None:
            apps.append(self)
            super().__init__(*arguments)

    monkeypatch.setattr(networks, "makes_engine", lambda path, device: True)
    monkeypatch.setattr(networks, "load_network", slow)
    text = CONFIG.replace('0"}', f'0", token: {token}}}') if token else CONFIG
    app = Known(check(parse(text, "x.yaml", {}), tmp_path))
    try:
        trouble = "building the engine of vehicles"
        assert (answers["/readyz"].status_code, answers["/readyz"].json()["troubles"]) == (503, [trouble])
        assert answers["/readyz"].headers["x-frame-options"] == "DENY"
        assert (answers["/healthz"].status_code, answers["/healthz"].json()["status"]) == (200, "alive")
        assert answers["/metrics"].status_code == 503
        assert answers["stranger"].status_code == (401 if token else 503)
        assert systemd() == f"EXTEND_TIMEOUT_USEC=120000000\nSTATUS={trouble}"
        app._serve()  # as `run` does, at the same address
        assert app._server is not None
        after = httpx.get(app._server.url + "/metrics", headers=headers, timeout=10)
        assert (after.status_code, "edgevision_model_info" in after.text) == (200, True)
    finally:
        assert app._server is not None
        app._server.stop()


def test_a_start_that_fails_leaves_no_server_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    echo_network(tmp_path / "x.onnx")
    monkeypatch.setattr(networks, "makes_engine", lambda path, device: True)

    def broken(*_: Any) -> Any:
        raise ModelError("no TensorRT")

    monkeypatch.setattr(networks, "load_network", broken)
    with pytest.raises(ModelError, match="no TensorRT"):
        App(check(parse(CONFIG, "x.yaml", {}), tmp_path))
    assert [thread.name for thread in threading.enumerate() if thread.name == "http"] == []


BUSY = """
import hashlib, sys
from edgevision import networks
from edgevision.cli import main

def make_an_engine(*_):
    print("making", flush=True)
    hashlib.pbkdf2_hmac("sha256", b"x", b"y", 1_000_000_000)  # minutes in C, where Python sees no signal

networks.load_network = make_an_engine
main(["run", sys.argv[1]])
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_making_an_engine_can_be_ended(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "x.yaml").write_text(CONFIG)
    echo_network(tmp_path / "x.onnx")
    command = [sys.executable, "-c", BUSY, str(tmp_path / "x.yaml")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            assert process.stdout.readline() == "making\n"
            process.send_signal(number)
            assert process.wait(30) == -number
        finally:
            process.kill()


def plan(folder: Path, keys: str) -> Any:
    text = CONFIG.replace("device: cpu", f"device: cpu, format: yolov8, labels: [thing], {keys}")
    return Assembly(check(parse(text, "x.yaml", {}), folder), Metrics()).models["vehicles"]


def test_a_batch_that_is_asked_for_is_planned(tmp_path: Path) -> None:
    network(tmp_path / "x.onnx", HONEST)
    found = plan(tmp_path, "batch: 4")
    assert found.batch == 4
    assert found.why.endswith("; up to 4 frames of different cameras at once")
    assert plan(tmp_path, "batch: auto").batch == 1  # on a CPU


def test_a_batch_that_cannot_be_is_one_and_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    network(tmp_path / "x.onnx", MIXED)
    assert plan(tmp_path, "batch: 4").batch == 1
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert record.getMessage() == "one picture at a time"
    assert "something else beside others" in record.fields["why"]  # type: ignore[attr-defined]
