"""Downloads that break, wander and go on, against a real HTTP server on this machine."""

from functools import partial as bound
from pathlib import Path

import httpx
import numpy as np
import pytest

from edgevision.download import Wanted, download
from edgevision.partial import UnfinishedError, partial
from tests.download.fetching import CONTENT, HALF, Told, fetch, names
from tests.file_server import FileServer, cut, redirect, status

OTHER = np.random.default_rng(1).bytes(250_000)


def test_a_file_comes_as_it_is(server: FileServer, tmp_path: Path) -> None:
    told = Told()
    assert fetch(server.url, tmp_path, told=told) == CONTENT
    ((_, headers),) = server.requests
    assert headers["Accept-Encoding"] == "identity"
    assert told.moves[-1] == (len(CONTENT), len(CONTENT))


def test_a_broken_connection_is_taken_up_where_it_broke(server: FileServer, tmp_path: Path) -> None:
    server.troubles.append(cut(HALF))
    told = Told()
    assert fetch(server.url, tmp_path, told=told) == CONTENT
    first, second = server.ranges
    # Whole chunks were kept of what came: at least half of it, at most all.
    assert first is None
    assert second
    kept = int(second.removeprefix("bytes=").removesuffix("-"))
    assert HALF // 2 < kept <= HALF
    assert server.requests[1][1]["If-Range"] == server.etag
    assert len(told.reasons) == 1


def test_what_came_is_kept_for_the_next_call(server: FileServer, tmp_path: Path) -> None:
    server.troubles.extend([cut(HALF), status(503), status(503)])
    with pytest.raises(
        UnfinishedError, match=r"503.*\(tried 3 times\); the same command goes on after the \d+ b"
    ):
        fetch(server.url, tmp_path)
    assert names(tmp_path) == ["x.part", "x.part.from"]
    kept = (tmp_path / "x.part").stat().st_size
    assert CONTENT.startswith((tmp_path / "x.part").read_bytes())
    assert fetch(server.url, tmp_path) == CONTENT
    assert server.ranges[-1] == f"bytes={kept}-"


@pytest.mark.parametrize("heeds_if_range", [True, False])
@pytest.mark.parametrize("other", [OTHER, OTHER[:1000]], ids=["other", "shorter"])
def test_a_file_that_changed_in_between_comes_anew(
    server: FileServer, tmp_path: Path, heeds_if_range: bool, other: bytes
) -> None:
    server.troubles.extend([cut(HALF), status(500), status(500)])
    with pytest.raises(UnfinishedError):
        fetch(server.url, tmp_path)
    server.content, server.etag, server.heeds_if_range = other, '"2"', heeds_if_range
    assert fetch(server.url, tmp_path) == other


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_without_a_sure_sign_of_sameness_it_comes_anew(
    server: FileServer, tmp_path: Path, etag: str | None
) -> None:
    server.etag = etag
    server.troubles.append(cut(HALF))
    assert fetch(server.url, tmp_path) == CONTENT
    assert server.ranges == [None, None]


def test_the_beginning_of_another_address_is_not_gone_on_with(server: FileServer, tmp_path: Path) -> None:
    server.troubles.extend([cut(HALF), status(500), status(500)])
    with pytest.raises(UnfinishedError):
        fetch(server.url, tmp_path)
    assert fetch(server.url + "?v=2", tmp_path) == CONTENT
    assert server.ranges[-1] is None


def test_a_part_that_is_whole_is_not_fetched_again(server: FileServer, tmp_path: Path) -> None:
    with partial(tmp_path / "x.part") as part:
        download(
            Wanted(server.url, 10**6, lambda _: None), part, Told()
        )  # and not kept, as if it crashed here
    told = Told()
    assert fetch(server.url, tmp_path, told=told) == CONTENT
    assert told.moves == []


def test_redirects_are_followed(server: FileServer, tmp_path: Path) -> None:
    server.troubles.extend([redirect("/elsewhere"), redirect(f"http://{server.address}/at/last")])
    assert fetch(server.url, tmp_path) == CONTENT
    assert [path for path, _ in server.requests] == ["/file.onnx", "/elsewhere", "/at/last"]


def test_a_loop_of_redirects_ends(server: FileServer, tmp_path: Path) -> None:
    server.troubles.extend([redirect("/file.onnx")] * 100)
    with pytest.raises(UnfinishedError, match="leads on more than 5 times"):
        fetch(server.url, tmp_path)
    assert len(server.requests) == 6
    assert names(tmp_path) == []


def test_from_https_nothing_leads_to_http(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        to = {"http://a/": "https://b/", "https://b/": "https://c/", "https://c/": "http://d/"}
        return httpx.Response(302, headers={"Location": to[str(request.url)]})

    transport = httpx.MockTransport(handle)
    monkeypatch.setattr(httpx, "Client", bound(httpx.Client, transport=transport))
    with pytest.raises(UnfinishedError, match="its https address leads on to http://d"):
        fetch("http://a/", tmp_path)
    assert seen == ["http://a/", "https://b/", "https://c/"]
