"""Who may come in, and who may change something."""

from collections.abc import Iterator

import httpx
import pytest

from edgevision.web.login import from_here
from tests.web.test_server import Served

TOKEN = "a-long-enough-token"
HERE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(token=TOKEN) as served:
        yield served


@pytest.fixture
def browser(served: Served) -> Iterator[httpx.Client]:
    """Keeps cookies."""
    with httpx.Client(base_url=served.server.url) as client:
        yield client


def test_the_page_is_open_and_what_it_shows_is_not(browser: httpx.Client) -> None:
    for path in ("/", "/page/main.js", "/page/style.css"):
        answer = browser.get(path)
        assert answer.status_code == 200
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        again = browser.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert browser.get("/page/nothing.js").status_code == 404
    assert browser.get("/page/../server.py").status_code == 401
    assert browser.get("/page/%2e%2e/server.py").status_code in (401, 404)
    assert browser.get("/page/..%2fserver.py").status_code == 404
    for path in ("/api/v1/state", "/api/v1/log", "/metrics", "/openapi.json"):
        assert browser.get(path).status_code == 401
    assert browser.get("/api/v1/login").json() == {"token": True, "open": False, "role": None}


def test_the_cookie_opens_until_it_is_given_back(browser: httpx.Client) -> None:
    entered = browser.post("/api/v1/login", json={"token": TOKEN}, headers=HERE)
    assert entered.status_code == 204
    cookie = entered.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert TOKEN not in cookie
    assert browser.get("/api/v1/state").status_code == 200
    assert browser.get("/api/v1/login").json() == {"token": True, "open": True, "role": "admin"}
    assert browser.post("/api/v1/logout").status_code == 204
    assert browser.get("/api/v1/state").status_code == 401


def test_a_wrong_token_does_not_open(browser: httpx.Client) -> None:
    answer = browser.post("/api/v1/login", json={"token": "a-long-enough-guess"}, headers=HERE)
    assert answer.status_code == 401
    assert "not the token" in answer.json()["detail"]
    assert "set-cookie" not in answer.headers
    name = "edgevision-00000000"
    assert browser.get("/api/v1/state", headers={"Cookie": f"{name}=x; ="}).status_code == 401


def test_another_page_changes_nothing_with_the_cookie(browser: httpx.Client) -> None:
    assert browser.post("/api/v1/login", json={"token": TOKEN}).status_code == 403
    browser.post("/api/v1/login", json={"token": TOKEN}, headers=HERE)
    path, host = "/api/v1/reload", browser.base_url.netloc.decode()
    for headers in ({}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "same-site"}):
        assert browser.post(path, headers=headers).status_code == 403
    for good in (HERE, {"Origin": f"http://{host}"}):
        assert browser.post(path, headers=good).status_code == 409  # this process has no file
    # Who sends the token itself is no browser that was led here.
    bearer = {"Authorization": f"Bearer {TOKEN}", "Cookie": ""}
    assert browser.post(path, headers=bearer).status_code == 409


def test_without_a_token_everybody_is_in() -> None:
    with Served() as served:
        assert served.get("/api/v1/login").json() == {"token": False, "open": True, "role": "admin"}
        assert served.get("/api/v1/state").status_code == 200


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        ({"origin": "http://box:9108", "host": "box:9108"}, True),
        ({"origin": "http://box:9109", "host": "box:9108"}, False),
        ({"origin": "null", "host": "box:9108"}, False),
        ({"origin": "http://box:9108", "host": "box:9108", "sec-fetch-site": "cross-site"}, False),
        ({"host": "box:9108"}, False),
    ],
)
def test_whose_page_it_was(headers: dict[str, str], ours: bool) -> None:
    assert from_here(headers) is ours
