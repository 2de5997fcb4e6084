"""What a download does not take, where it puts nothing, and what it says."""

import errno
import shutil
from collections.abc import Callable
from functools import partial as bound
from pathlib import Path

import httpx
import pytest

from edgevision.errors import EdgevisionError, ModelError, OutputError
from edgevision.partial import Partial, UnfinishedError, partial
from tests.download.fetching import CONTENT, Told, fetch, names
from tests.file_server import FileServer, chunked, redirect, status


@pytest.mark.parametrize(
    ("code", "message"), [(404, "404 Not Found: no such file is there"), (401, "login"), (410, "410 Gone")]
)
def test_a_final_answer_is_not_asked_for_again(
    server: FileServer, tmp_path: Path, code: int, message: str
) -> None:
    server.troubles.extend([status(code)] * 5)
    with pytest.raises(UnfinishedError, match=message):
        fetch(server.url, tmp_path)
    assert len(server.requests) == 1
    assert names(tmp_path) == []


def test_a_passing_error_is_asked_again(server: FileServer, tmp_path: Path) -> None:
    server.troubles.extend([status(500), status(429)])
    told = Told()
    assert fetch(server.url, tmp_path, told=told) == CONTENT
    assert told.reasons == [
        "the server answers 500 Internal Server Error",
        "the server answers 429 Too Many Requests",
    ]


def test_nobody_there(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(
        UnfinishedError, match=r"cannot fetch http://127\.0\.0\.1:1/x: .*refused \(tried 3 times\)"
    ):
        fetch("http://127.0.0.1:1/x", tmp_path)
    assert names(tmp_path) == []


def test_a_certificate_that_is_not_believed_will_not_be_later(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        raise httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed")

    monkeypatch.setattr(httpx, "Client", bound(httpx.Client, transport=httpx.MockTransport(handle)))
    with pytest.raises(UnfinishedError, match="certificate verify failed: self-signed"):
        fetch("https://host/x", tmp_path)
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\n<!DOCTYPE html><html>Sign in</html>" * 5000, "the file is a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
            "the file is a Git LFS pointer",
        ),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_network_is_refused_by_its_beginning(
    server: FileServer, tmp_path: Path, content: bytes, message: str
) -> None:
    server.content = content
    with pytest.raises(ModelError, match=message):
        fetch(server.url, tmp_path)
    assert names(tmp_path) == []


@pytest.mark.parametrize("trouble", [None, chunked])
def test_what_is_too_large_is_refused(
    server: FileServer, tmp_path: Path, trouble: Callable[..., None] | None
) -> None:
    server.troubles.extend([trouble] if trouble else [])
    told = Told()
    with pytest.raises(ModelError, match="larger than the 100000 bytes"):
        fetch(server.url, tmp_path, most=100_000, told=told)
    assert names(tmp_path) == []
    most = max([done for done, _ in told.moves], default=0)
    assert most <= 100_000 if trouble else most == 0  # a length that is told needs no look at the content


def test_a_full_disk_keeps_nothing(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Partial.write

    def full(self: Partial, chunk: bytes) -> None:
        if self.size:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(self, chunk)

    monkeypatch.setattr(Partial, "write", full)
    with pytest.raises(OutputError, match=r"cannot write .*x\.part: No space left.*nothing of it is kept"):
        fetch(server.url, tmp_path)
    assert names(tmp_path) == []


def test_a_disk_that_would_become_full_is_not_filled(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=len(CONTENT) - 1))
    told = Told()
    with pytest.raises(OutputError, match="No space left"):
        fetch(server.url, tmp_path, told=told)
    assert told.moves == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=len(CONTENT)))
    assert fetch(server.url, tmp_path) == CONTENT


def test_a_folder_that_cannot_be_written(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match=r"cannot write .*: (File exists|Not a directory)"):
        fetch(server.url, tmp_path / "file")


def test_the_second_of_two_at_once_leaves_the_first_alone(server: FileServer, tmp_path: Path) -> None:
    with partial(tmp_path / "x.part") as part:
        part.write(b"begun")
        with pytest.raises(ModelError, match="another download of it is under way"):
            fetch(server.url, tmp_path)
        part.keep(tmp_path / "x")
    assert (tmp_path / "x").read_bytes() == b"begun"


def test_the_proxy_of_the_environment_is_used(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://{server.address}")
    assert fetch("http://models.example/x.onnx", tmp_path) == CONTENT
    assert [path for path, _ in server.requests] == ["http://models.example/x.onnx"]


def test_certificates_that_are_not_there(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    with pytest.raises(UnfinishedError, match="the environment's proxy or certificates cannot be used"):
        fetch(server.url, tmp_path)


@pytest.mark.parametrize("trouble", ["404", "500", "page", "size", "refused", "loop", "scheme"])
def test_no_message_holds_a_secret_of_the_address(server: FileServer, tmp_path: Path, trouble: str) -> None:
    url = f"http://user:pa55word@{server.address}/x.onnx?token=t0ken123&X-Signature=s1gned456#fr4gment"
    if trouble == "page":
        server.content = b"<html>" * 1000
    elif trouble == "loop":
        server.troubles.extend([redirect(url)] * 10)
    elif trouble == "refused":
        url = url.replace(server.address, "127.0.0.1:1")
    elif trouble == "scheme":
        url = url.replace("http", "gopher")
    elif trouble.isdecimal():
        server.troubles.extend([status(int(trouble))] * 5)
    told = Told()
    with pytest.raises(EdgevisionError) as caught:
        fetch(url, tmp_path, most=100, told=told)
    for text in (str(caught.value), *told.reasons):
        assert not [secret for secret in ("pa55word", "t0ken123", "s1gned456") if secret in text], text


def test_a_password_of_the_address_is_sent(server: FileServer, tmp_path: Path) -> None:
    fetch(server.url.replace("http://", "http://user:pass@"), tmp_path)
    assert server.requests[0][1]["Authorization"] == "Basic dXNlcjpwYXNz"  # base64 of user:pass
