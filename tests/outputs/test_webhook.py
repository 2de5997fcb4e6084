"""Events to a real HTTP server on this machine that answers well, badly, or not at all."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edgevision.outputs.webhook import Config, build
from tests.outputs.kept import Process, event, ids
from tests.serving import serving
from tests.waiting import wait_until


class Hook:
    """Somebody's server. `answers` are the statuses it gives, the last one for ever; None: it hangs."""

    def __init__(self) -> None:
        self.answers: list[int | None] = [200]
        self.taken: list[tuple[str, dict[str, str]]] = []
        self.asked = 0
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                hook.asked += 1
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                status = hook.answers.pop(0) if len(hook.answers) > 1 else hook.answers[0]
                if status is None:
                    time.sleep(1)
                    return
                if status == 200:
                    hook.taken.append((body, dict(self.headers)))
                self.send_response(status)
                self.send_header("Location", "http://127.0.0.1:1/")
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def ids(self) -> list[str]:
        return [json.loads(body)["id"] for body, _ in self.taken]


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    monkeypatch.setattr("edgevision.pipeline.following.RETRY_FIRST", 0.01)
    monkeypatch.setattr("edgevision.pipeline.following.RETRY_MOST", 0.05)
    hook = Hook()
    with serving(hook.server):
        yield hook


def output(hook: Hook, **settings: Any) -> Any:
    return build(Config(type="webhook", url=hook.url, **settings), "webhook-0")


def test_a_server_that_fails_and_comes_back_gets_everything_in_order(hook: Hook, tmp_path: Path) -> None:
    hook.answers = [200, 500, None, 429, 302, 503, 200]
    process = Process(tmp_path, output(hook, timeout=0.3))
    process.happens(*range(1, 8))
    wait_until(lambda: len(hook.taken) == 7)
    process.end()
    assert hook.ids() == ids(*range(1, 8))
    assert process.metrics.value("output_errors_total", output="webhook-0") == 5


def test_an_event_that_is_refused_does_not_hold_up_the_next(hook: Hook, tmp_path: Path) -> None:
    hook.answers = [200, 400, 200]
    process = Process(tmp_path, output(hook))
    process.happens(1, 2, 3)
    process.end()
    assert hook.ids() == ids(1, 3)
    assert process.metrics.value("events_dropped_total", output="webhook-0") == 1


def test_what_is_sent_can_be_checked_and_shaped(hook: Hook, tmp_path: Path) -> None:
    secret = "a secret that is long"
    shaped = output(hook, secret=secret, headers={"X-Room": "7"}, body='{"text": "$label $kind, $value $$"}')
    process = Process(tmp_path, shaped)
    process.happens(1)
    process.end()
    ((body, headers),) = hook.taken
    assert json.loads(body) == {"text": 'a "car" crossed_in, 1 $'}
    assert headers["X-Room"] == "7"
    assert headers["Idempotency-Key"] == ids(1)[0]
    moment, signature = (part.partition("=")[2] for part in headers["X-Edgevision-Signature"].split(","))
    expected = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    assert signature == expected


def test_only_what_is_wanted_is_sent(hook: Hook, tmp_path: Path) -> None:
    process = Process(tmp_path, output(hook, kinds=["crossed_out"], names=["gate"]))
    process.happens(1, 2)
    process.end()
    assert hook.asked == 0


def test_its_address_does_not_hold_its_secret(hook: Hook) -> None:
    assert "/hook" not in output(hook).address
    assert event(1).id


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"url": "ftp://x/y"}, "expected https"),
        ({"url": "https://x/y", "body": "$what"}, "wrong at 'what'"),
        ({"url": "https://x/y", "secret": "short"}, "at least 16"),
    ],
)
def test_mistakes_are_told(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Config(type="webhook", **settings)
