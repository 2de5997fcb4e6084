"""What listeners are sent: all events, once, from where they were; and who is let go."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from edgevision.journal import Entry, Journal
from edgevision.journal.reading import after
from edgevision.web import stream
from edgevision.web.answers import State
from edgevision.web.stream import _Streams
from tests.commands.process import Service
from tests.journal.test_journal import event
from tests.web.desks import EmptyDesk
from tests.web.test_server import Served

CONFIG = """
models: {vehicles: {path: builtin:drawn}}
cameras:
  carpark:
    source: synthetic:carpark?seed=5&seconds=30&fps=5&width=320&height=180&live=1
    sight: off
    zones: {all: {polygon: [[0, 0], [1, 0], [1, 1], [0, 1]], hold: 0.2s}}
outputs:
  - {type: sqlite, path: events.db}
http: {listen: 127.0.0.1:0}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with Service(tmp_path_factory.mktemp("stream"), CONFIG) as service:
        yield service


def messages(url: str, **headers: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Kind, id and data of each, read as the standard says."""
    path = f"{url}/api/v1/stream"
    with httpx.stream("GET", path, headers=headers, timeout=30, verify=False) as answer:
        assert answer.status_code == 200
        fields: dict[str, str] = {}
        for line in answer.iter_lines():
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            else:
                yield fields["event"], int(fields["id"]), json.loads(fields["data"])
                fields = {}


def test_events_come_when_they_are_kept_and_go_on_from_the_last_id(service: Service) -> None:
    heard: list[tuple[int, dict[str, Any]]] = []
    kinds = set()
    for kind, place, data in messages(service.url):
        kinds.add(kind)
        if kind == "state":
            assert data["cameras"][0]["name"] == "carpark"
        else:
            heard.append((place, data))
        if len(heard) == 4 and "state" in kinds:
            break
    assert all(later == earlier + 1 for (earlier, _), (later, _) in pairwise(heard))
    page = httpx.get(f"{service.url}/api/v1/events", params={"limit": 1000}, verify=False).json()["events"]
    kept = page[::-1]
    assert [data for _, data in heard] == [each for each in kept if each["id"] in {d["id"] for _, d in heard}]
    # Who was away is sent what it lacks, the oldest first, and what comes then.
    since, first = heard[0]
    again = (message for message in messages(service.url, **{"Last-Event-ID": str(since)}))
    missed = []
    for kind, _, data in again:
        missed += [data] if kind == "event" else []
        if len(missed) == len(kept) - kept.index(first):
            break
    assert missed[:-1] == kept[kept.index(first) + 1 :]
    assert missed[-1] not in kept


class Kept(EmptyDesk):
    """A journal of 250 events."""

    def __init__(self) -> None:
        super().__init__()
        self.limits: list[int] = []

    def state(self) -> State:
        return State(version="", ready=True, troubles=[], uptime=0, models=[], cameras=[], outputs=[])

    def news(self) -> int:
        return 1

    def since(self, place: int | None, limit: int) -> tuple[int, list[tuple[int, dict[str, Any]]]]:
        if place is None:
            return 250, []
        self.limits.append(limit)
        places = list(range(place + 1, 251))[:limit]
        return (places or [place])[-1], [(each, {"id": each}) for each in places]


async def take(streams: _Streams, most: int, **how: Any) -> list[str]:
    told = streams.tell(**{"events": True, "place": 0, "until": 1e12, **how})
    found: list[str] = []
    async for message in told:
        found.append(message)
        if len(found) == most:
            break
    await told.aclose()  # type: ignore[attr-defined]
    return found


def test_a_listener_far_behind_is_sent_all_and_little_of_it_is_in_memory() -> None:
    desk = Kept()
    found = asyncio.run(take(_Streams(desk), 251))
    ids = [int(each.split("id: ")[1].split("\n")[0]) for each in found if each.startswith("event: event")]
    assert ids == list(range(1, len(ids) + 1))
    assert len(ids) >= 249  # and a state or two
    assert set(desk.limits) == {stream.AT_ONCE}


def test_who_wants_no_events_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STATE_EVERY", 0.0)
    monkeypatch.setattr(stream, "LOOK", 0.0)
    found = asyncio.run(take(_Streams(Kept()), 3, events=False))
    assert [each.split("\n")[0] for each in found] == ["event: state"] * 3


def test_one_that_takes_nothing_for_long_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SLOW", 0.05)
    streams = _Streams(Kept())

    async def listen() -> list[int]:
        told, numbers = streams.tell(events=True, place=0, until=1e12), []
        async for _ in told:
            numbers.append(streams.number)
            await asyncio.sleep(0.2 if len(numbers) == 3 else 0)  # as uvicorn waits for room to send
        return numbers

    assert asyncio.run(listen()) == [1, 1, 1]
    assert streams.number == 0


def test_with_its_token_a_listener_ends() -> None:
    assert len(asyncio.run(take(_Streams(Kept()), 10, until=0.0))) == 1


def test_not_too_many_listen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "MOST", 1)
    with Served() as served:
        listening = messages(served.server.url)
        assert next(listening)[0] == "state"
        refused = httpx.get(f"{served.server.url}/api/v1/stream", verify=False)
        assert (refused.status_code, refused.json()["detail"][:16]) == (503, "1 listen already")
        wrong = {"Last-Event-ID": "gate:way:00000001"}
        assert httpx.get(f"{served.server.url}/api/v1/stream", headers=wrong, verify=False).status_code == 422
        listening.close()  # type: ignore[attr-defined]


def test_a_place_in_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with closing(Journal(path)) as journal:
        assert after(path, None, 10) == (0, [])
        run = journal.past("gate", None).run
        journal.append([Entry(run, [event(number) for number in range(1, 6)])])
        assert after(path, None, 10) == (5, [])
        place, found = after(path, 1, 2)
        assert (place, [(at, each["value"]) for at, each in found]) == (3, [(2, 2), (3, 3)])
        assert after(path, 5, 10) == (5, [])
        assert after(path, 99, 10) == (5, [])  # of a journal that was there before
        journal._database.execute("UPDATE events SET body = '{' WHERE seq = 5")
        assert after(path, 4, 10) == (5, [])  # damaged
