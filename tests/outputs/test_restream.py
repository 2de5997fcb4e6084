"""The live stream as others read it, and what becomes of it when ffmpeg or a server goes."""

import os
import re
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edgevision.conceal import GREY
from edgevision.core import Frame
from edgevision.core.types import Region
from edgevision.errors import OutputError
from edgevision.outputs import Result
from edgevision.outputs import restream as module
from edgevision.outputs.ffmpeg import program
from edgevision.outputs.restream import Config, Restream, build

PATIENCE = 30.0  # s
SIZE = (120, 161)  # an odd width, which H.264 has not
RED = np.full((*SIZE, 3), (0, 0, 255), np.uint8)


@pytest.fixture(autouse=True)
def _needs_ffmpeg() -> None:
    try:
        program()
    except OutputError as error:
        pytest.skip(str(error))


def result(image: np.ndarray = RED) -> Result:
    box = np.array([20, 40, 80, 100], np.float32)
    return Result("gate", [], Frame("gate", 1, 0, image, 0.0, 0.0, 0.0), regions=[Region("person", box)])


def output(**settings: object) -> Restream:
    return build(Config.model_validate({"type": "restream", "camera": "gate", **settings}), "restream-0")


@contextmanager
def showing(**settings: object) -> Iterator[tuple[Restream, Callable[[Callable[[], object]], list[str]]]]:
    """An output, and a function that gives it pictures until something is so; it returns the complaints."""
    opened = output(**settings)

    def until(so: Callable[[], object]) -> list[str]:
        said: list[str] = []
        deadline = time.monotonic() + PATIENCE
        while not so():
            assert time.monotonic() < deadline, said
            try:
                opened.write(result())
            except OutputError as error:
                said.append(str(error))
            time.sleep(0.05)
        return said

    try:
        yield opened, until
    finally:
        opened.close()
        assert opened._thread is None or not opened._thread.is_alive()


def processes(text: str) -> list[int]:
    """Children of this one with a text in their arguments."""
    found = []
    for each in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            mine = f"PPid:\t{os.getpid()}\n" in (each / "status").read_text()
            if mine and text in (each / "cmdline").read_bytes().decode(errors="replace"):
                found.append(int(each.name))
    return found


def pixels(path: Path) -> list[np.ndarray]:
    """All pictures of a stream, as ffmpeg itself reads it, of 160 x 120."""
    command = ["ffmpeg", "-loglevel", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "bgr24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True, stdin=subprocess.DEVNULL).stdout
    return list(np.frombuffer(raw, np.uint8).reshape(-1, 120, 160, 3))


def test_a_folder_holds_the_newest_of_what_is_shown_and_ffmpeg_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SEGMENT", 0.5)  # s; so that files age within the test
    monkeypatch.setattr(module, "SEGMENTS", 2)
    (tmp_path / "gate-7.ts").touch()  # of a process before
    (tmp_path / "gate-door-7.ts").touch()  # of another camera
    playlist = tmp_path / "gate.m3u8"
    with showing(folder=str(tmp_path), fps=10.0, redact={"classes": ["person"]}) as (_, until):
        until(playlist.exists)
        first = processes("gate.m3u8")
        assert len(first) == 1
        os.kill(first[0], signal.SIGKILL)
        said = until(lambda: (now := processes("gate.m3u8")) and now != first and playlist.exists())
        assert said
        assert all("ffmpeg has ended (status -9)" in each for each in said)
        began = {path.name for path in tmp_path.glob("*.ts")}
        until(lambda: not began & {path.name for path in tmp_path.glob("gate-1*.ts")})
        assert len(list(tmp_path.glob("gate-1*.ts"))) <= 2 + 3  # listed, just left, being written
    assert not processes("gate.m3u8")
    assert not (tmp_path / "gate-7.ts").exists()
    assert (tmp_path / "gate-door-7.ts").exists()
    lengths = [float(each) for each in re.findall(r"#EXTINF:([\d.]+)", playlist.read_text())]
    pictures = pixels(playlist)
    assert len(pictures) == pytest.approx(10 * sum(lengths), abs=1)
    for picture in pictures:  # nobody is shown, not even in the first picture; H.264 blurs a little
        assert np.abs(picture[60:80, 40:60].astype(int) - GREY).max() < 12
        assert picture[110, 150, 2] > 200


def test_a_server_is_pushed_to_and_one_that_is_away_is_tried_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    got = tmp_path / "got.ts"
    url = f"rtsp://edge:geheim99@127.0.0.1:{port}/gate"
    with showing(url=url, fps=10.0) as (opened, until):
        said = until(lambda: opened._trouble)
        said.append(opened._trouble or "")
        command = [
            "ffmpeg",
            "-loglevel",
            "error",
            "-rtsp_flags",
            "listen",
            "-i",
            f"rtsp://127.0.0.1:{port}/gate",
        ]
        server = subprocess.Popen([*command, "-t", "2", "-c", "copy", str(got)], stdin=subprocess.DEVNULL)
        try:
            said += until(lambda: server.poll() is not None)
        finally:
            server.kill()
            server.wait()
    assert "Connection refused" in " ".join(said)
    assert "geheim99" not in " ".join([*said, opened.address])
    assert pixels(got)[0][110, 150, 2] > 200


def test_ffmpeg_that_takes_nothing_holds_nobody_up_and_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ffmpeg").write_text("#!/bin/sh\n[ $# = 2 ] && echo libx264 && exit\nexec /bin/sleep 1000\n")
    (tmp_path / "ffmpeg").chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("edgevision.outputs.ffmpeg.STUCK", 0.3)
    large = np.zeros((480, 640, 3), np.uint8)  # more than a pipe holds
    with showing(folder=str(tmp_path)) as (opened, until):
        opened.write(result(large))
        until(lambda: processes("1000"))
        until(lambda: opened._trouble)
        with pytest.raises(OutputError, match=r"ffmpeg takes nothing for 0\.3 s"):
            opened.write(result(large))
    assert not processes("1000")


def test_pictures_of_another_size_begin_a_new_process(tmp_path: Path) -> None:
    with showing(folder=str(tmp_path), fps=20.0) as (opened, until):
        until(lambda: processes("160x120"))
        opened.write(result(np.zeros((90, 120, 3), np.uint8)))
        deadline = time.monotonic() + PATIENCE
        while not processes("120x90"):
            assert time.monotonic() < deadline
            opened.write(result(np.zeros((90, 120, 3), np.uint8)))
            time.sleep(0.05)
        assert not processes("160x120")


@given(st.text(max_size=12))
def test_no_address_is_taken_for_an_option(text: str) -> None:
    for url in (text, f"rtsp://h/{text}", f"-{text}"):
        try:
            config = Config.model_validate({"type": "restream", "camera": "gate", "url": url})
        except ValidationError:
            continue
        assert config.url is not None
        assert config.url.startswith(("rtsp://", "rtsps://"))
        assert not any(each.isspace() or each == "\0" for each in config.url)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "say either `url:`"),
        ({"url": "rtsp://h/x", "folder": "x"}, "say either `url:`"),
        ({"url": "http://h/x"}, "expected rtsp://"),
        ({"url": "rtsp://u:geheim99@h:99999/x"}, "expected rtsp://"),
        ({"folder": "x", "fps": 0}, "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_said_without_a_password(settings: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Config.model_validate({"type": "restream", "camera": "gate", **settings})
    assert said in str(raised.value)
    assert "geheim99" not in str(raised.value)


def test_without_a_folder_or_ffmpeg_it_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OutputError, match="choose a folder that exists"):
        output(folder=str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(OutputError, match="apt install ffmpeg"):
        output(folder=str(tmp_path))
