"""Evidence by the API and on the page: who may see it, what is found, and that a browser plays it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from edgevision.opencv import cv2
from edgevision.web.server import Server, build_app
from tests.web.desks import EmptyDesk
from tests.web.pages import Shown, faults, wait_for, watching

TOKEN = "a-long-enough-token"
STEM = "2026-11-21/gate/gate~in~00000001~010203456"
CLIP = bytes(range(256)) * 40


class FolderDesk(EmptyDesk):
    """One whose evidence is in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _folders(self) -> list[Path]:
        return [self._folder]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("kept") / "evidence"
    (folder / STEM).parent.mkdir(parents=True)
    (folder / f"{STEM}.jpg").write_bytes(b"a picture")
    (folder / f"{STEM}.mp4").write_bytes(CLIP)
    (folder / f"{STEM}.crop.jpg.part").write_bytes(b"half of one")
    (folder.parent / "secret.jpg").write_bytes(b"secret")
    (folder / "2026-11-21/gate/secret.jpg").write_bytes(b"secret")
    server = Server("127.0.0.1", 0)
    server.start(build_app(FolderDesk(folder), TOKEN))
    with httpx.Client(base_url=f"{server.url}/api/v1/evidence/", timeout=30) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client
    server.stop()


def test_a_picture_and_a_clip_are_given_as_what_they_are(client: httpx.Client) -> None:
    for ending, kind, content in ((".jpg", "image/jpeg", b"a picture"), (".mp4", "video/mp4", CLIP)):
        answer = client.get(STEM + ending)
        assert (answer.status_code, answer.content) == (200, content)
        assert answer.headers["content-type"] == kind
        assert answer.headers["cache-control"].split(", ")[0] == "private"
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("asked", "part"),
    [("bytes=100-199", CLIP[100:200]), ("bytes=10000-", CLIP[10000:]), ("bytes=-5", CLIP[-5:])],
)
def test_a_browser_can_ask_for_a_part_of_a_clip(client: httpx.Client, asked: str, part: bytes) -> None:
    answer = client.get(f"{STEM}.mp4", headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, part)
    first = CLIP.index(part, 10000 if len(part) != 100 else 100)
    assert answer.headers["content-range"] == f"bytes {first}-{first + len(part) - 1}/{len(CLIP)}"
    assert client.get(f"{STEM}.mp4", headers={"Range": "bytes=99999-"}).status_code == 416


def test_without_the_token_nothing_is_shown(client: httpx.Client) -> None:
    for ending in (".jpg", ".mp4", ".nothing"):
        assert httpx.get(f"{client.base_url}{STEM}{ending}").status_code == 401
        assert client.get(STEM + ending, headers={"Authorization": "Bearer no"}).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        "../secret.jpg",
        "..%2f..%2fsecret.jpg",
        "2026-11-21/gate/..%2f..%2f..%2fsecret.jpg",
        "2026-11-21/%2e%2e/%2e%2e/secret.jpg",
        "2026-11-21/gate/secret.jpg",  # in the folder, but no event's
        f"{STEM}.crop.jpg",  # half of it is there
        f"{STEM}.crop.jpg.part",
        f"{STEM}.jpg%00",
        f"{STEM}.jpg%0a",
        f"{STEM}.JPG",
        "2026-11-21/gate/" + "a" * 5000 + "~010203456.jpg",
        "%2fetc/passwd/x",
    ],
)
def test_no_id_leads_elsewhere(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert b"secret" not in answer.content
    assert b"half" not in answer.content


def test_events_come_with_what_was_kept_of_them(shown: Shown) -> None:
    def newest() -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = httpx.get(f"{shown.url}/api/v1/events?limit=1000").json()["events"]
        return [each["evidence"] for each in events if "clip" in each.get("evidence", {})]

    while not (kept := newest()):
        assert shown.service.process.poll() is None
    assert kept[-1].keys() <= {"picture", "crop", "clip"}
    answer = httpx.get(shown.url + kept[-1]["picture"])
    picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (180, 320, 3)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_the_page_shows_it_with_the_keyboard_alone(
    browser: Any, shown: Shown, width: int, scheme: str, record_property: Callable[[str, object], None]
) -> None:
    with watching(browser, shown.url, viewport={"width": width, "height": 844}, color_scheme=scheme) as tab:
        wait_for(tab, "document.querySelector('.thumb')")
        tab.evaluate("document.querySelector('#events').scrollIntoView()")
        wait_for(tab, "document.querySelector('.thumb img')?.naturalWidth > 0")
        # One whose clip is there; the list is made anew whenever something happens.
        while True:
            tab.locator(".thumb").last.press("Enter")
            wait_for(tab, "document.querySelector('#ask').open")
            if tab.evaluate("Boolean(document.querySelector('#ask video'))"):
                break
            tab.keyboard.press("Escape")
            tab.wait_for_timeout(300)
        assert faults(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        wait_for(tab, "document.querySelector('#ask video').readyState >= 2")
        length = tab.evaluate("document.querySelector('#ask video').duration")
        record_property("clip_seconds", length)
        assert 0.2 < length < 3.5
        assert tab.evaluate("document.querySelector('#ask video').videoWidth") == 320
        tab.evaluate("document.querySelector('#ask video').currentTime = 0.2")
        wait_for(tab, "!document.querySelector('#ask video').seeking")
        assert tab.evaluate("document.querySelector('#ask video').currentTime") == pytest.approx(0.2)
        tab.keyboard.press("Escape")
        wait_for(tab, "!document.querySelector('#ask').open")
        wait_for(tab, "document.activeElement.classList.contains('thumb')")
    assert tab.complaints == []


def test_who_is_in_the_list_stays_at_the_same_event_when_another_comes(browser: Any, shown: Shown) -> None:
    newest = "document.querySelector('#events li')?.textContent"
    with watching(browser, shown.url) as tab:
        wait_for(tab, "document.querySelector('.thumb')")
        tab.locator(".thumb").first.focus()
        held = tab.evaluate("document.activeElement.dataset.event")
        assert held
        tab.evaluate(f"window.first = {newest}; window.node = document.activeElement")
        wait_for(tab, f"{newest} !== window.first && !window.node.isConnected")
        assert tab.evaluate("document.activeElement.dataset.event") == held
