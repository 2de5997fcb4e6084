"""The fuzzers for some rounds from known seeds. `tests/bench/fuzz.py` goes on for as long as is asked."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from edgevision.web.server import Server, build_app
from tests.fuzzing import files, texts
from tests.fuzzing.http import Raw, send_nonsense
from tests.web.desks import EmptyDesk


@pytest.mark.parametrize(
    ("target", "rounds"), [(texts.config_values, 30), (texts.config_bytes, 60), (texts.events, 500)]
)
def test_texts(target: Callable[[random.Random], None], rounds: int) -> None:
    for seed in range(rounds):
        target(random.Random(seed))


def test_requests(caplog: pytest.LogCaptureFixture) -> None:
    server = Server("127.0.0.1", 0)
    server.start(build_app(EmptyDesk(), None))
    try:
        for seed in range(200):
            send_nonsense(Raw(server.url), random.Random(seed))
    finally:
        server.stop()
    assert caplog.records == []  # who sends nonsense does not write the log


def test_files(tmp_path: Path) -> None:
    samples = files.make_samples(tmp_path)
    for seed in range(40):
        files.read_damaged(samples[seed % len(samples)], random.Random(seed))


def test_networks(tmp_path: Path) -> None:
    for seed in range(10):
        files.load_damaged(tmp_path, random.Random(seed))
