import logging
import threading

import pytest

from edgevision.errors import InternalError, SourceError
from edgevision.pipeline.crew import Crew, join


def test_the_first_error_wins_and_is_told_once() -> None:
    told = threading.Semaphore(0)
    crew = Crew(on_error=told.release)
    first = SourceError("stall", "first")

    def fail(error: Exception) -> None:
        raise error

    join([crew.start("one", lambda: fail(first))], 5)
    join([crew.start("two", lambda: fail(SourceError("stall", "second")))], 5)
    assert crew.error is first
    assert told.acquire(timeout=5)
    assert not told.acquire(timeout=0.05)


def test_a_defect_is_logged_with_its_traceback_and_named(caplog: pytest.LogCaptureFixture) -> None:
    crew = Crew(on_error=lambda: None)
    with caplog.at_level(logging.ERROR):

        def defect() -> None:
            print([][1])  # noqa: T201

        join([crew.start("gate commit", defect)], 5)
    assert isinstance(crew.error, InternalError)
    assert str(crew.error) == "thread gate commit failed: IndexError: list index out of range"
    assert "Traceback" in caplog.text


def test_join_is_bounded_and_names_who_hangs() -> None:
    crew, release = Crew(on_error=lambda: None), threading.Event()

    def hang() -> None:
        release.wait(30)

    threads = [crew.start("quick", lambda: None), crew.start("hung", hang)]
    assert join(threads, 0.2) == ["hung"]
    release.set()
    assert join(threads, 5) == []
