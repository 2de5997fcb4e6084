import threading
import time

import pytest

from edgevision.pipeline import retry
from edgevision.pipeline.retry import Gate, backoff


def test_waiting_grows_to_its_limit_and_is_random() -> None:
    # A float ends at 2^1023: a camera that is away for a day is asked more often than that.
    for attempt, most in ((0, 1), (1, 1), (2, 2), (3, 4), (6, 30), (5000, 30)):
        waits = {backoff(attempt) for _ in range(50)}
        assert most / 5 <= min(waits) <= max(waits) <= most
        assert len(waits) > 1


@pytest.mark.parametrize("reason", ["auth", "not_found"])
def test_who_was_refused_asks_again_in_minutes(reason: str) -> None:
    for attempt, most in ((1, 60), (2, 120), (3, 240), (4, 300), (5000, 300)):
        waits = {backoff(attempt, reason) for _ in range(50)}
        assert most / 2 <= min(waits) <= max(waits) <= most


def test_few_open_at_a_time_but_none_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "OTHERS", 0.2)
    gate = Gate()
    with gate.place(), gate.place():
        began = time.monotonic()
        with gate.place():
            assert time.monotonic() - began >= 0.2
    began = time.monotonic()
    places = [gate.place() for _ in range(2)]
    for place in places:
        place.__enter__()  # both are free again: what was not taken was not given back
    entered = threading.Event()

    def third() -> None:
        with gate.place():
            entered.set()

    thread = threading.Thread(target=third, name="third")
    monkeypatch.setattr(retry, "OTHERS", 30.0)
    thread.start()
    assert not entered.wait(0.1)
    places[0].__exit__(None, None, None)
    assert entered.wait(5)
    thread.join(5)
    places[1].__exit__(None, None, None)


def test_many_cameras_start_spread_and_one_at_once() -> None:
    assert Gate(1).start_delay() == 0
    delays = [Gate(16).start_delay() for _ in range(50)]
    assert 0 <= min(delays) < max(delays) <= 1.5
    assert max(Gate(1000).start_delay() for _ in range(50)) <= 2
