"""edgevision models pull, with networks that a server on this machine has."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import yaml

from edgevision import cli, download
from edgevision.catalogue import Entry, load_catalogue
from edgevision.commands import models_pull
from edgevision.inference.detector import load_detector
from edgevision.inference.settings import ModelSettings
from tests.commands.process import ENVIRONMENT
from tests.file_server import FileServer, Handler, whole
from tests.networks import constant_network
from tests.waiting import wait_until

LICENCE = ["--licence", "MIT"]


@pytest.fixture
def content(tmp_path: Path) -> bytes:
    """A YOLOX for 64x64 with two classes, which says nothing of itself, in 200 kB."""
    output = np.zeros((1, 84, 7), np.float32)
    return constant_network(tmp_path / "x.onnx", output, metadata={"note": "x" * 200_000}).read_bytes()


@pytest.fixture
def server(content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FileServer]:
    monkeypatch.setattr(download, "WAITS", (0.0,))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    with FileServer(content).running() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "edgevision" / "models"


@pytest.fixture
def entry(server: FileServer, content: bytes, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A catalogue of one network, `tiny`."""
    known = load_catalogue()["yolox_nano"]
    card = known.card.model_copy(update={"labels": ["left", "right"]})
    tiny = known.model_copy(
        update={
            "url": server.url,
            "bytes": len(content),
            "sha256": sha256(content).hexdigest(),
            "card": card,
        }
    )
    monkeypatch.setattr(models_pull, "load_catalogue", lambda: {"tiny": tiny})
    return tiny


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def complaint(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command that fails says, in one line."""
    assert cli.main(["models", *arguments]) > 0
    (line,) = (line for line in capsys.readouterr().err.splitlines() if line.startswith("edgevision: "))
    return line


def test_a_network_of_the_catalogue_can_be_used_at_once(
    server: FileServer, entry: Entry, folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", "pull", "tiny"]) == 0
    assert "with --model pulled:tiny" in capsys.readouterr().out
    assert names(folder) == ["tiny.onnx", "tiny.yaml"]
    assert (folder / "tiny.onnx").read_bytes() == content
    card = yaml.safe_load((folder / "tiny.yaml").read_text())
    assert (card["licence"], card["sha256"]) == ("Apache-2.0", entry.sha256)
    detector = load_detector(ModelSettings(path="pulled:tiny"), Path("/nowhere"), threads=1)
    assert (detector.format, detector.labels) == ("yolox", ["left", "right"])
    assert (detector.input.color, detector.input.resize) == ("bgr", "letterbox_top_left")


def test_a_network_that_is_here_is_looked_at_and_not_fetched(
    server: FileServer, entry: Entry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", "pull", "tiny"]) == 0
    assert cli.main(["models", "pull", "tiny"]) == 0
    assert "is here already" in capsys.readouterr().out
    assert len(server.requests) == 1
    with (folder / "tiny.onnx").open("ab") as file:
        file.write(b"x")
    assert "is not the file it should be" in complaint(capsys, "pull", "tiny")


def test_a_network_that_came_another_way_gets_its_card(
    server: FileServer, entry: Entry, folder: Path, content: bytes
) -> None:
    folder.mkdir(parents=True)
    (folder / "tiny.onnx").write_bytes(content)
    assert cli.main(["models", "pull", "tiny"]) == 0
    assert yaml.safe_load((folder / "tiny.yaml").read_text())["labels"] == ["left", "right"]
    assert server.requests == []


def test_another_file_than_the_pinned_one_is_refused(
    server: FileServer, entry: Entry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.content = server.content[:-1] + b"y"
    said = complaint(capsys, "pull", "tiny")
    assert f"its sha256 is {sha256(server.content).hexdigest()}, expected {entry.sha256}" in said
    assert names(folder) == []


def test_far_more_than_the_catalogue_says_is_not_fetched(
    server: FileServer, entry: Entry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.content = bytes(2 * entry.bytes + 1)
    assert f"is larger than the {2 * entry.bytes} bytes" in complaint(capsys, "pull", "tiny")
    assert names(folder) == []


def test_the_first_file_of_an_address_is_recorded(
    server: FileServer, folder: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["models", "pull", server.url, *LICENCE]) == 0
    card = yaml.safe_load((folder / "file.yaml").read_text())
    assert card == {"name": "file", "licence": "MIT", "sha256": sha256(content).hexdigest()}
    (folder / "file.onnx").unlink()
    edited = (folder / "file.yaml").read_text() + "labels: [left, right]\n"
    (folder / "file.yaml").write_text(edited)
    # The same comes again, and what its user wrote into the card stays.
    assert cli.main(["models", "pull", server.url, *LICENCE]) == 0
    assert (folder / "file.yaml").read_text() == edited
    (folder / "file.onnx").unlink()
    server.content += b"x"
    assert "is another file than at the first pull" in complaint(capsys, "pull", server.url, *LICENCE)
    assert names(folder) == ["file.yaml"]


def test_an_address_with_a_sum_a_name_and_a_folder(
    server: FileServer, tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    more = ["--name", "mine", "--to", str(tmp_path / "to"), "--sha256"]
    assert "expected " + "0" * 64 in complaint(capsys, "pull", server.url, *LICENCE, *more, "0" * 64)
    assert cli.main(["models", "pull", server.url, *LICENCE, *more, sha256(content).hexdigest().upper()]) == 0
    assert names(tmp_path / "to") == ["mine.onnx", "mine.yaml"]
    assert f"--model {tmp_path}/to/mine.onnx" in capsys.readouterr().out


@pytest.mark.parametrize("text", [b'{"error": "quota exceeded"}', b"\x08\x08" + bytes(1000)])
def test_what_cannot_be_loaded_is_not_kept(
    server: FileServer, folder: Path, capsys: pytest.CaptureFixture[str], text: bytes
) -> None:
    server.content = text
    said = complaint(capsys, "pull", server.url, *LICENCE)
    assert f"{server.url} was not kept: " in said
    assert names(folder) == []


def test_what_is_there_but_was_not_pulled_is_left_alone(
    server: FileServer, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder.mkdir(parents=True)
    (folder / "file.onnx").write_bytes(b"mine")
    assert "nothing says what it should be" in complaint(capsys, "pull", server.url, *LICENCE)
    (folder / "file.yaml").write_text("labels: [mine]\n")
    assert "not from an earlier pull" in complaint(capsys, "pull", server.url, *LICENCE)
    assert (folder / "file.onnx").read_bytes() == b"mine"
    assert server.requests == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["yolox_nanno"], "there is no network 'yolox_nanno' in the catalogue; did you mean 'yolox_nano'?"),
        (["yolox_nano", *LICENCE], "--licence, --name and --sha256 go with an address"),
        (["https://host/x.onnx"], "say under which licence the network is"),
        (["https://host/", *LICENCE], "'' cannot be the name of a file; say another with --name"),
        (["https://host/x", *LICENCE, "--name", "../x"], "'../x' cannot be the name of a file"),
        (["ftp://host/x.onnx", *LICENCE], "expected an address https://..., got ftp://host/x.onnx"),
        (["http://host:port/x.onnx", *LICENCE], "not an address: "),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in complaint(capsys, "pull", *arguments)


def test_ctrl_c_leaves_only_the_part_and_the_next_pull_goes_on(
    server: FileServer, folder: Path, content: bytes
) -> None:
    part, done = folder / "file.onnx.part", threading.Event()

    def stall(handler: Handler) -> None:
        whole(handler, most=100_000)
        done.wait(30)

    server.troubles.append(stall)
    command = [sys.executable, "-m", "edgevision", "models", "pull", server.url, *LICENCE]
    environment = ENVIRONMENT | {"XDG_DATA_HOME": os.environ["XDG_DATA_HOME"], "NO_PROXY": "*"}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        wait_until(lambda: part.exists() and part.stat().st_size)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    finally:
        process.kill()
        process.wait()
        done.set()
    assert process.returncode == 130
    assert "Traceback" not in said
    assert names(folder) == ["file.onnx.part", "file.onnx.part.from"]
    kept = part.stat().st_size
    assert cli.main(["models", "pull", server.url, *LICENCE]) == 0
    assert server.ranges == [None, f"bytes={kept}-"]
    assert names(folder) == ["file.onnx", "file.yaml"]
    assert (folder / "file.onnx").read_bytes() == content


def test_without_httpx_it_says_what_to_install() -> None:
    script = (
        "import sys; sys.modules['httpx'] = None\n"
        "from edgevision.cli import main; sys.exit(main(['models', 'pull', 'yolox_nano']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "edgevision: pulling networks needs httpx: pip install 'edgevision[pull]'\n"
