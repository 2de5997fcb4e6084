"""A real process is told what to do: counts begin at 0 again, a camera pauses; who wanted it is known."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from edgevision.tokens import hash_of
from tests.commands.process import Service, edgevision
from tests.waiting import wait_until
from tests.web.pages import faults, watching

CONFIG = """
models: {{vehicles: {{path: builtin:drawn}}}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=30&fps=5&width=320&height=180&live=1
    sight: off
    zones: {{all: {{polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}}}
  clip: {{source: "synthetic:carpark?seed=5&seconds=1&fps=5&width=320&height=180"}}
outputs:
  - {{type: sqlite, path: events.db}}
  - {{type: jsonl, path: events.jsonl}}
http:
  listen: 127.0.0.1:0
  tokens:
    - {{name: boss, role: admin, hash: "{admin}"}}
    - {{name: guest, hash: "{read}", expires: 2999-12-31}}
"""
BOSS, GUEST = "ev_the-boss's-own-token", "ev_the-guest's-own-token"


class Told:
    """A service, and who asks it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.start()

    def start(self) -> None:
        self.service = Service(self.folder, CONFIG.format(admin=hash_of(BOSS), read=hash_of(GUEST)))

    def ask(self, method: str, path: str, token: str = BOSS, **how: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.request(
            method, f"{self.service.url}/api/v1/{path}", headers=headers, timeout=30, verify=False, **how
        )

    def camera(self, name: str = "carpark") -> dict[str, Any]:
        cameras = self.ask("GET", "state").json()["cameras"]
        return next(each for each in cameras if each["name"] == name)

    def counted(self) -> int:
        (zone,) = self.camera()["analytics"]
        return sum(sum(labels.values()) for labels in zone["counts"].values())

    def since_reset(self) -> int:
        """Events that are kept since the last reset."""
        page = self.ask("GET", "events", params={"limit": 1000, "camera": "carpark"}).json()["events"]
        return [each["kind"] for each in page].index("reset")

    def changes(self) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = self.ask("GET", "audit").json()["changes"]
        return changes


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    told = Told(tmp_path_factory.mktemp("control"))
    yield told
    told.service.kill()


def test_counts_begin_again_and_a_kill_does_not_bring_them_back(told: Told) -> None:
    wait_until(lambda: told.counted() >= 3)
    answer = told.ask("POST", "reset", json={"camera": "carpark", "name": "all", "why": "new year"})
    told.service.stop(signal.SIGKILL)
    assert answer.status_code == 200
    (event,) = answer.json()["events"]
    assert (event["camera"], event["name"], event["kind"]) == ("carpark", "all", "reset")
    assert event["label"] == "new year"
    assert event["value"] >= 3
    told.start()
    page = told.ask("GET", "events", params={"limit": 1000, "camera": "carpark"}).json()["events"]
    resets = [index for index, each in enumerate(page) if each["kind"] == "reset"]
    assert [page[index]["id"] for index in resets] == [event["id"]]
    # What is told of before and after it adds up: nothing is lost, and nothing counted twice.
    assert len(page) - resets[0] - 1 == event["value"]
    numbers = [int(each["id"].rpartition(":")[2]) for each in page]
    assert numbers == list(range(len(page), 0, -1))
    counted = told.counted()
    assert counted >= resets[0]
    wait_until(lambda: told.since_reset() >= counted)  # what is counted just now is written a moment later


def test_outputs_are_told_of_it_like_of_any_event(told: Told) -> None:
    told.ask("POST", "reset", json={"camera": "carpark"})
    path = told.folder / "events.jsonl"
    ids = [each["id"] for each in told.ask("GET", "events", params={"kind": "reset"}).json()["events"]]
    assert ids

    def written() -> list[str]:
        return [json.loads(line)["id"] for line in path.read_text().splitlines()]

    wait_until(lambda: set(ids) <= set(written()))


def test_what_cannot_be_reset_is_said(told: Told) -> None:
    for wish, status, why in [
        ({"camera": "nowhere"}, 404, "no camera 'nowhere'; there are carpark, clip"),
        ({"camera": "carpark", "name": "door"}, 404, "nothing called 'door'; there are all"),
        ({"camera": "clip"}, 409, "camera clip plays a file"),
        ({"camera": "carpark", "why": "x" * 201}, 422, "at most 200"),
        ({"camera": "carpark", "nmae": "all"}, 422, "Extra inputs"),
    ]:
        answer = told.ask("POST", "reset", json=wish)
        assert answer.status_code == status, answer.text
        assert why in answer.text
    stopped = edgevision("counts", "events.db", "--reset", "carpark", cwd=told.folder)
    assert stopped.returncode == 1
    assert "used by another edgevision process" in stopped.stderr


def test_who_may_only_look_changes_nothing(told: Told) -> None:
    before = told.changes()
    for path in ("state", "events", "counts", "log", "cameras/carpark/shapes", "login"):
        assert told.ask("GET", path, GUEST).status_code == 200
    version = told.ask("GET", "cameras/carpark/shapes", GUEST).json()["version"]
    asked: list[tuple[str, str, Any]] = [
        ("POST", "reset", {"camera": "carpark"}),
        ("POST", "reload", None),
        ("PATCH", "cameras/carpark/shapes", {"lines": {}}),
        ("PUT", "config", {"text": "cameras: {}"}),
        ("GET", "config", None),
        ("GET", "config/history", None),
        ("GET", "audit", None),
    ]
    for method, path, body in asked:
        answer = told.ask(method, path, GUEST, **({"json": body} if body else {}))
        assert answer.status_code == 403, path
        assert answer.json()["detail"] == ("this needs a token of the role admin; 'guest' has the role read")
    assert told.ask("GET", "cameras/carpark/shapes").json()["version"] == version
    assert told.changes() == before


def test_who_changed_what_is_kept(told: Told) -> None:
    text = told.ask("GET", "config").json()
    headers = {"Authorization": f"Bearer {BOSS}", "If-Match": text["version"]}
    put = httpx.put(
        f"{told.service.url}/api/v1/config", json={"text": text["text"] + "# more\n"}, headers=headers
    ).json()
    told.ask("POST", "reset", json={"camera": "carpark", "name": "all", "why": "?token=geheim77"})
    reset, configured, *earlier = told.changes()
    assert (reset["who"], reset["what"], reset["camera"]) == ("boss", "reset", "carpark")
    assert reset["more"] == "all: ?token=***"
    assert (configured["who"], configured["what"], configured["camera"]) == ("boss", "configure", None)
    assert put["version"] in configured["more"]
    assert [each["more"] for each in earlier][-1] == "all: new year"  # from before it was killed
    told.service.wait_for_log(r"who=boss what=reset more=\"all: \?token=\*\*\*\"")


def test_the_page_lets_who_may_only_look_look(browser: Any, told: Told, tmp_path: Path) -> None:
    def enter(token: str) -> None:
        tab.get_by_label("Token").fill(token)
        tab.get_by_role("button", name="Log in").click()

    with watching(browser, told.service.url) as tab:
        card = tab.locator("[data-camera=carpark]")
        enter(GUEST)
        card.get_by_role("link", name="Look at lines and zones").click()
        tab.wait_for_selector("[role=note]:has-text('You can only look')")
        tab.wait_for_selector(".shapes b:has-text('all')")
        tab.wait_for_selector(".layer .shape.zone")
        assert tab.locator(".shapes .entry").all_inner_texts() == ["all\nzone"]
        tab.screenshot(path=tmp_path / "look.png")
        assert faults(tab) == []
        assert tab.locator(".side button").count() == 0
        tab.locator(".layer .shape").first.click(force=True)
        tab.keyboard.press("ControlOrMeta+s")
        assert tab.locator(".handle").count() == 0
        tab.get_by_role("button", name="Log out").click()
        enter(BOSS)
        card.get_by_role("link", name="Draw lines and zones").click()
        tab.get_by_role("button", name="Save", exact=True).wait_for()


def test_a_camera_pauses_and_nobody_is_alarmed(told: Told) -> None:
    def processed() -> int:
        return int(told.camera()["processed"])

    wait_until(lambda: told.camera()["state"] == "streaming")
    before = told.camera()["captured"]
    answer = told.ask("POST", "cameras/carpark/pause")
    assert answer.json() == {"camera": "carpark", "state": "paused"}
    assert told.camera()["trouble"] is None
    assert "carpark" not in str(told.ask("GET", "state").json()["troubles"])
    headers = {"Authorization": f"Bearer {GUEST}"}
    metrics = httpx.get(f"{told.service.url}/metrics", headers=headers, verify=False).text
    assert 'edgevision_source_state{camera="carpark",state="paused"} 1.0' in metrics
    assert 'edgevision_source_up{camera="carpark"} 0.0' in metrics
    captured = told.camera()["captured"]
    # It stays so when it is opened anew, because its settings changed; and its counts can be reset meanwhile.
    config = told.service.config
    config.write_text(config.read_text().replace("sight: off", "sight: off\n    fps: 4"))
    told.ask("POST", "reload")
    told.service.wait_for_log(r"carpark: started anew")
    assert told.camera()["state"] == "paused"
    assert told.ask("POST", "reset", json={"camera": "carpark"}).status_code == 200
    assert (captured >= before, told.camera()["captured"]) == (True, 0)
    assert told.ask("POST", "cameras/carpark/resume").json()["state"] != "paused"
    wait_until(lambda: processed() > 0)
    assert [(each["what"], each["who"]) for each in told.changes()[:4]] == [
        ("resume", "boss"),
        ("reset", "boss"),
        ("reload", "boss"),
        ("pause", "boss"),
    ]
    assert told.ask("POST", "cameras/carpark/pause", GUEST).status_code == 403
    assert told.ask("POST", "cameras/clip/pause").status_code == 409
    assert told.ask("POST", "cameras/nowhere/resume").status_code == 404


def test_it_pauses_by_the_page(browser: Any, told: Told, tmp_path: Path) -> None:
    with watching(browser, told.service.url) as tab:
        tab.get_by_label("Token").fill(BOSS)
        tab.get_by_role("button", name="Log in").click()
        card = tab.locator("[data-camera=carpark]")
        card.get_by_role("button", name="Pause").click()
        tab.wait_for_selector("[data-camera=carpark] .chip:has-text('Paused')")
        tab.screenshot(path=tmp_path / "paused.png")
        assert faults(tab) == []
        assert tab.locator("[data-camera=clip]").get_by_role("button", name="Pause").count() == 0
        card.get_by_role("button", name="Go on").click()
        tab.wait_for_selector("[data-camera=carpark] .chip:has-text('Streaming')")
