import socket
from collections.abc import Iterator, Sequence
from typing import Self

import httpx
import pytest

from edgevision.errors import EdgevisionError
from edgevision.metrics import Metrics
from edgevision.tokens import Token
from edgevision.web.server import Server, build_app
from tests.web.desks import EmptyDesk


class Served:
    """A real server on a free port of this machine."""

    def __init__(self, token: str | None = None, tokens: Sequence[Token] = ()) -> None:
        self.troubles: list[str] = []
        self.metrics = Metrics()
        self.server = Server("127.0.0.1", 0)
        self.server.start(build_app(EmptyDesk(self.troubles, self.metrics), token, (), tokens))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.stop()

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(self.server.url + path, headers=headers)


@pytest.fixture
def served() -> Iterator[Served]:
    with Served() as served:
        yield served


def test_metrics_are_prometheus_text(served: Served) -> None:
    served.metrics.events.inc(3)
    answer = served.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert "edgevision_events_total 3.0" in answer.text
    assert "_created" not in answer.text


def test_healthz_says_it_lives(served: Served) -> None:
    served.troubles.append("camera gate: backoff")
    assert served.get("/healthz").json()["status"] == "alive"


def test_readyz_names_what_keeps_frames_from_coming(served: Served) -> None:
    assert (served.get("/readyz").status_code, served.get("/readyz").json()) == (
        200,
        {"ready": True, "troubles": []},
    )
    served.troubles.append("camera gate: backoff, refused")
    answer = served.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "troubles": ["camera gate: backoff, refused"]}


def test_a_token_is_asked_for_on_every_path() -> None:
    with Served(token="a-long-enough-token") as served:
        for path in ("/metrics", "/healthz", "/readyz", "/nothing"):
            assert served.get(path).status_code == 401
            assert served.get(path, Authorization="Bearer wrong").status_code == 401
        assert served.get("/metrics", Authorization="Bearer a-long-enough-token").status_code == 200


def test_an_occupied_port_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            EdgevisionError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"
        ):
            Server("127.0.0.1", port)


def test_after_stop_the_port_is_free_again() -> None:
    with Served() as served:
        port = int(served.server.url.rsplit(":", 1)[1])
        assert served.get("/healthz").status_code == 200
    Server("127.0.0.1", port).stop()
