"""What /openapi.json says of the API is so: Schemathesis asks a real process whatever it allows, and what it
does not. Endless answers are left out."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from edgevision.tokens import hash_of
from tests.commands.process import Service
from tests.web.test_server import Served

TOKEN = "ev_of-the-tester"
CONFIG = f"""
models: {{vehicles: {{path: builtin:drawn}}}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=30&fps=5&width=320&height=180&live=1
    sight: off
    zones: {{all: {{polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}}}
outputs:
  - {{type: sqlite, path: events.db}}
http: {{listen: 127.0.0.1:0, tokens: [{{name: tester, role: admin, hash: "{hash_of(TOKEN)}"}}]}}
"""
# What no schema can say: that a version is the file's (412), and a time one (422, of these two only). 503 is
# no defect: it says what is away just then.
RULES = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 503]
[checks.positive_data_acceptance]
expected-statuses = ["2xx", 401, 403, 404, 409, 412, 503]
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 409, 413, 422]
[[operations]]
include-path = "/api/v1/counts"
checks.positive_data_acceptance.expected-statuses = ["2xx", 422]
[[operations]]
include-path = "/api/v1/events.csv"
checks.positive_data_acceptance.expected-statuses = ["2xx", 422]
"""
ENDLESS = "live.mjpg|/stream"


def test_it_is_as_it_is_described(tmp_path: Path) -> None:
    if not importlib.util.find_spec("schemathesis"):
        pytest.skip("schemathesis is not installed: pip install 'edgevision[apitest]'")
    (tmp_path / "schemathesis.toml").write_text(RULES)
    service = Service(tmp_path, CONFIG)
    try:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml"),
                *("run", f"{service.url}/openapi.json", "--exclude-path-regex", ENDLESS),
                *("-H", f"Authorization: Bearer {TOKEN}", "-H", "Sec-Fetch-Site: same-origin"),
                *("--phases", "fuzzing", "--max-examples", "3", "--seed", "1"),
                *("--generation-database", "none", "--no-color", "--warnings", "off"),
            ],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert service.process.poll() is None
    finally:
        service.stop()
    assert "Traceback" not in service.log


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(TOKEN) as served:
        yield served


def ask(served: Served, method: str, path: str, **how: object) -> httpx.Response:
    headers = {"Authorization": f"Bearer {TOKEN}", "If-Match": "x"}
    return httpx.request(method, served.server.url + path, headers=headers, verify=False, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/api/v1/config", "GET, PUT"), ("/api/v1/reset", "POST"), ("/api/v1/cameras/a/shapes", "GET, PATCH")],
)
def test_an_address_says_all_that_it_takes(served: Served, path: str, methods: str) -> None:
    answer = ask(served, "DELETE", path)
    assert (answer.status_code, answer.headers["allow"]) == (405, methods)
    assert answer.json() == {"detail": f"DELETE is not for this address; it takes {methods}"}


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "/api/v1/login", {"token": ["geheim77"]}, "body.token: Input should be a valid string"),
        ("POST", "/api/v1/reset", {"camera": "a", "geheim77": 1}, "body.geheim77: Extra inputs"),
        ("PATCH", "/api/v1/cameras/a/shapes", {"lines": {"a": {"from": [0, True], "to": [1, 1]}}}, "number"),
        ("PATCH", "/api/v1/cameras/a/shapes", {"lines": {"a": {"from": [0, "0"], "to": [1, 1]}}}, "number"),
        ("PATCH", "/api/v1/cameras/a/shapes", {"spots": {"a b": [[0, 0]]}}, "should match pattern"),
        ("POST", "/api/v1/config/history/0/restore", None, "greater than or equal to 1"),
        ("GET", "/api/v1/audit?limit=1001", None, "less than or equal to 1000"),
    ],
)
def test_what_is_not_understood_is_said_in_one_line(
    served: Served, method: str, path: str, body: object, words: str
) -> None:
    answer = ask(served, method, path, **({"json": body} if body else {}))
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert "['geheim77']" not in answer.text


def test_who_has_to_bring_a_token_is_told_so_by_the_description(served: Served) -> None:
    described = ask(served, "GET", "/openapi.json").json()
    asked = {
        path: "security" in methods["get"] for path, methods in described["paths"].items() if "get" in methods
    }
    assert asked["/api/v1/state"]
    assert not asked["/api/v1/login"]
    assert set(described["paths"]["/api/v1/reset"]["post"]["responses"]) >= {
        "401",
        "403",
        "404",
        "409",
        "413",
    }
