"""Tokens: what is drawn, what is kept of it, and who may do what with it until when."""

import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from edgevision.config import check
from edgevision.document import parse
from edgevision.errors import ConfigError
from edgevision.tokens import Token, find, hash_of, key_of
from tests.commands.process import check_failure, edgevision
from tests.web.test_server import Served

ADMIN, READ, OLD = "ev_of-the-admin", "ev_of-the-reader", "ev_of-last-year"
SINGLE = "a-long-enough-token"
NOW = 1_800_000_000.0  # 2027-01-15
HERE = {"Sec-Fetch-Site": "same-origin"}


def token(name: str, role: str, text: str, expires: str | None = None) -> Token:
    return Token.model_validate({"name": name, "role": role, "hash": hash_of(text), "expires": expires})


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    monkeypatch.setattr(time, "time", lambda: NOW)
    tokens = [
        token("guest", "read", READ, "2027-01-16"),
        token("boss", "admin", ADMIN),
        token("former", "admin", OLD, "2027-01-15"),
    ]
    with Served(SINGLE, tokens) as served:
        yield served


@pytest.fixture
def browser(served: Served) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served.server.url) as client:
        yield client


def ask(served: Served, method: str, path: str, text: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {text}"}
    return httpx.request(method, served.server.url + path, headers=headers, verify=False)


def test_a_hash_is_that_of_the_digest_of_the_token() -> None:
    key = hashlib.sha256(b"edgevision page\0ev_abc").hexdigest()
    assert key_of(b"ev_abc") == key
    assert hash_of("ev_abc") == "sha256:" + hashlib.sha256(key.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "look", "change"), [(ADMIN, 200, 409), (SINGLE, 200, 409), (READ, 200, 403), (OLD, 401, 401)]
)
def test_a_token_opens_what_its_role_says(served: Served, text: str, look: int, change: int) -> None:
    """409: this process has no configuration file to read again."""
    for path in ("/api/v1/state", "/metrics", "/readyz", "/openapi.json", "/api/v1/log"):
        assert ask(served, "GET", path, text).status_code == look
    assert ask(served, "POST", "/api/v1/reload", text).status_code == change
    assert ask(served, "GET", "/api/v1/config/history", text).status_code == change


def test_what_is_wrong_with_a_token_is_said(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    expired = ask(served, "GET", "/api/v1/state", OLD)
    assert "'former' expired on 2027-01-15; `edgevision token` makes another" in expired.json()["detail"]
    assert expired.headers["www-authenticate"] == "Bearer"
    refused = ask(served, "POST", "/api/v1/reload", READ).json()["detail"]
    assert refused == "this needs a token of the role admin; 'guest' has the role read"
    assert caplog.records == []  # neither is a wrong token
    for path in ("/api/v1/audit", "/api/v1/config", "/api/v1/nothing"):
        assert ask(served, "POST", path, READ).status_code == 403


@pytest.mark.parametrize("sent", [hash_of(ADMIN), hash_of(ADMIN)[7:], key_of(ADMIN.encode()), "ev_"])
def test_what_is_kept_of_a_token_opens_nothing_as_a_token(served: Served, sent: str) -> None:
    assert ask(served, "GET", "/api/v1/state", sent).status_code == 401
    name = f"edgevision-{hash_of(ADMIN)[7:15]}"
    for value in (hash_of(ADMIN), hash_of(ADMIN)[7:], ADMIN):
        cookie = {"Cookie": f"{name}={value}"}
        assert httpx.get(f"{served.server.url}/api/v1/state", headers=cookie).status_code == 401


def test_a_browser_has_the_role_of_its_token(browser: httpx.Client) -> None:
    def door() -> Any:
        return browser.get("/api/v1/login").json()

    assert door() == {"token": True, "open": False, "role": None}
    late = browser.post("/api/v1/login", json={"token": OLD}, headers=HERE)
    assert (late.status_code, "expired on 2027-01-15" in late.text) == (401, True)
    assert browser.post("/api/v1/login", json={"token": READ}, headers=HERE).status_code == 204
    assert door() == {"token": True, "open": True, "role": "read"}
    assert browser.post("/api/v1/reload", headers=HERE).status_code == 403
    # Who comes in with more has more, and gives all of it back.
    assert browser.post("/api/v1/login", json={"token": ADMIN}, headers=HERE).status_code == 204
    assert door() == {"token": True, "open": True, "role": "admin"}
    assert browser.post("/api/v1/reload", headers=HERE).status_code == 409
    assert browser.post("/api/v1/logout").status_code == 204
    assert door() == {"token": True, "open": False, "role": None}


def test_a_token_that_expires_shuts_the_browser_out(
    browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.post("/api/v1/login", json={"token": READ}, headers=HERE)
    assert browser.get("/api/v1/state").status_code == 200
    monkeypatch.setattr(time, "time", lambda: NOW + 86400)
    assert "'guest' expired" in browser.get("/api/v1/state").text
    assert browser.get("/api/v1/login").json() == {"token": True, "open": False, "role": None}


def test_another_page_changes_nothing_with_a_cookie_and_a_wrong_token(browser: httpx.Client) -> None:
    browser.post("/api/v1/login", json={"token": ADMIN}, headers=HERE)
    wrong = {"Authorization": "Bearer wrong", "Sec-Fetch-Site": "cross-site"}
    assert browser.post("/api/v1/reload", headers=wrong).status_code == 403


CONFIG = "cameras: {a: {source: 'synthetic:carpark'}}\nhttp: {listen: LISTEN, tokens: TOKENS}\n"


def config(tokens: object, listen: str = "127.0.0.1:0") -> Any:
    text = CONFIG.replace("LISTEN", json.dumps(listen)).replace("TOKENS", json.dumps(tokens))
    return check(parse(text, "x.yaml"), Path()).settings.http


def test_what_the_command_prints_goes_into_the_configuration() -> None:
    done = edgevision("token", "--name", "alice", "--role", "admin", "--days", "30")
    assert done.returncode == 0, done.stderr
    (drawn,) = (line.strip() for line in done.stdout.splitlines() if line.startswith("  ev_"))
    shown = yaml.safe_load(done.stdout[done.stdout.index("http:") :].replace("expires: ", "expires: !!str "))
    (alice,) = config(shown["http"]["tokens"], "0.0.0.0:1").tokens
    assert (alice.name, alice.role) == ("alice", "admin")
    assert find([alice], key_of(drawn.encode()).encode()) is alice
    assert len(drawn) >= len("ev_") + 256 / 6
    again = json.loads(edgevision("token", "--json").stdout)
    assert again["token"] != drawn
    assert again["entry"]["hash"] == hash_of(again["token"])
    assert again["entry"]["role"] == "read"
    check_failure(edgevision("token", "--name", "a b"), 2, "--name: expected 1 to 32 letters")
    check_failure(edgevision("token", "--days", "999999999"), 2, "--days: 999999999 is beyond the year 3000")


def test_a_line_as_it_is_printed_is_read_by_our_own_reader() -> None:
    entry = f'{{name: bob, role: read, expires: 2027-01-16, hash: "{hash_of(READ)}"}}'
    text = CONFIG.replace("LISTEN", "127.0.0.1:0").replace("TOKENS", f"[{entry}]")
    http = check(parse(text, "x.yaml"), Path()).settings.http
    assert http
    (bob,) = http.tokens
    assert (bob.name, bob.has_expired(NOW), bob.has_expired(NOW + 86400)) == ("bob", False, True)


GOOD = {"name": "a", "hash": hash_of("x")}


@pytest.mark.parametrize(
    ("tokens", "why"),
    [
        ([GOOD, GOOD], "two tokens are called a"),
        ([{**GOOD, "name": "token"}], "two tokens are called token"),
        ([{**GOOD, "hash": "password"}], "expected what `edgevision token` prints"),
        ([{**GOOD, "hash": hash_of("x").upper()}], "expected what `edgevision token` prints"),
        ([{**GOOD, "role": "root"}], "'read' or 'admin'"),
        ([{**GOOD, "expires": "soon"}], "expected a time such as"),
        ([{"name": "a"}], "hash"),
        ([{**GOOD, "name": f"a{n}"} for n in range(101)], "at most 100"),
    ],
)
def test_mistakes_are_told(tokens: object, why: str) -> None:
    with pytest.raises(ConfigError, match=r"x\.yaml:2: http.tokens") as caught:
        config(tokens)
    assert why in str(caught.value)


def test_to_listen_elsewhere_takes_a_token_of_either_kind() -> None:
    assert config([GOOD], "0.0.0.0:9108").tokens[0].role == "read"
    with pytest.raises(ConfigError, match=r"needs `token:`.*or `tokens:` \(see `edgevision token`\)"):
        config([], "0.0.0.0:9108")
