"""The journal on a real disk: nothing doubled, nothing lost, whatever is written twice or cut off."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.core import Event
from edgevision.core.types import Verdict
from edgevision.errors import OutputError
from edgevision.events import from_json, to_json
from edgevision.journal import Entry, Follower, Journal
from edgevision.journal.reading import newest
from edgevision.journal.sums import sums

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC).timestamp()


def event(number: int, name: str = "door", kind: str = "crossed_in", wall: float = NOON) -> Event:
    return Event(
        f"gate:{name}:{number:08d}", "gate", "line", name, kind, "car", 1, float(number), 0.9, wall, 1.0
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    with closing(Journal(path)) as journal:
        yield journal


def followed(path: Path, output: str, camera: str | None = None, last_id: str | None = None) -> list[float]:
    """What an output is given next."""
    with closing(Follower(path, output, camera, last_id)) as follower:
        return [each.value if each else -1 for _, each in follower.next()]


def ids(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as database:
        return [row[0] for row in database.execute("SELECT id FROM events ORDER BY seq")]


def test_a_live_camera_goes_on_after_a_restart(path: Path) -> None:
    journal = Journal(path)
    run = journal.past("gate", None).run
    journal.append([Entry(run, [event(1), event(2, kind="crossed_out")], {"door": {"since": 3.5}}, NOON)])
    journal.close()
    with closing(Journal(path)) as again:
        past = again.past("gate", None)
    assert past.run == run
    assert past.prefix == "gate"
    assert past.numbers == {"door": 2}
    assert past.counts == {
        ("line", "door", "crossed_in", "car"): 1,
        ("line", "door", "crossed_out", "car"): 1,
    }
    assert past.states == {"door": (NOON, {"since": 3.5})}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6))
def test_whatever_part_of_a_file_was_counted_before_a_replay_ends_with_the_same(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int]
) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal") / "events.db")
    whole = [event(number) for number in range(1, 13)]
    for stop in [*stops, 12]:  # each is a run from the file's beginning that was killed after so many events
        past = journal.past("gate", "a file")
        assert not past.numbers
        journal.append([Entry(past.run, [each]) for each in whole[:stop]])
    assert ids(journal.path) == [each.id for each in whole]
    assert [each.n for each in sums(journal.path, "all", UTC)] == [12]
    journal.close()


def test_another_file_of_the_same_camera_has_ids_of_its_own(journal: Journal, path: Path) -> None:
    first, second = journal.past("gate", "monday.mp4"), journal.past("gate", "tuesday.mp4")
    assert (first.prefix, second.prefix) == ("gate", "gate.2")
    assert not second.again
    assert journal.past("gate", "monday.mp4").again
    journal.append([Entry(first.run, [event(1)])])
    journal.append([Entry(second.run, [replace(event(1), id="gate.2:door:00000001")])])
    assert [each.n for each in sums(path, "all", UTC)] == [2]


def test_a_batch_that_fails_leaves_nothing_behind(journal: Journal, path: Path) -> None:
    run = journal.past("gate", None).run
    with pytest.raises(OutputError, match=r"events\.db"):
        journal.append([Entry(run, [event(1), replace(event(2), label=None)])])  # type: ignore[arg-type]
    assert journal.past("gate", None).counts == {}
    journal.append([Entry(run, [event(1)])])
    assert sum(journal.past("gate", None).counts.values()) == 1


def test_one_process_at_a_time(path: Path) -> None:
    journal = Journal(path)
    with pytest.raises(OutputError, match="another edgevision process"):
        Journal(path)
    journal.close()
    Journal(path).close()


@pytest.mark.parametrize("content", [b"what is this" * 500, None])
def test_a_file_that_is_no_journal_is_left_alone(path: Path, content: bytes | None) -> None:
    if content is None:
        with closing(sqlite3.connect(path)) as database:
            database.executescript("CREATE TABLE mine (x); INSERT INTO mine VALUES (1)")
    else:
        path.write_bytes(content)
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"cannot keep events in|another program"):
        Journal(path)
    assert path.read_bytes() == before


def test_a_reset_is_an_event_and_sums_stay(journal: Journal, path: Path) -> None:
    run = journal.past("gate", None).run
    journal.append([Entry(run, [event(1), event(2), event(1, "exit")])])
    done = journal.reset("gate", "door", NOON, "new year")
    assert [(each.id, each.kind, each.label, each.value) for each in done] == [
        ("gate:door:00000003", "reset", "new year", 2)
    ]
    past = journal.past("gate", None)
    assert past.counts == {("line", "exit", "crossed_in", "car"): 1}
    assert past.numbers == {"door": 3, "exit": 1}
    assert sum(each.n for each in sums(path, "all", UTC)) == 3


def test_after_a_reset_a_file_is_counted_anew(journal: Journal, path: Path) -> None:
    run = journal.past("gate", "a file").run
    journal.append([Entry(run, [event(1)])])
    journal.reset("gate", None, NOON, "again")
    past = journal.past("gate", "a file")
    assert not past.again
    assert past.prefix == "gate.2"


def test_days_are_those_of_the_time_zone(journal: Journal, path: Path) -> None:
    run = journal.past("gate", None).run
    kathmandu = ZoneInfo("Asia/Kathmandu")  # 5 h 45 min ahead
    midnight = datetime(2026, 11, 21, tzinfo=kathmandu).timestamp()
    moments = (midnight - 1, midnight, midnight + 3600)
    journal.append([Entry(run, [event(number, wall=wall) for number, wall in enumerate(moments, 1)])])
    days = sums(path, "day", kathmandu)
    assert [(each.start.astimezone(kathmandu).day, each.n, each.most) for each in days if each.start] == [
        (20, 1, 1),
        (21, 2, 3),
    ]
    assert [each.n for each in sums(path, "hour", kathmandu)] == [1, 1, 1]
    assert [each.n for each in sums(path, "all", kathmandu, since=midnight)] == [2]


def test_old_events_go_and_their_sums_stay(journal: Journal, path: Path) -> None:
    run = journal.past("gate", None).run
    with closing(Follower(path, "mqtt", None, None)) as follower:
        for number in range(1, 11):
            journal.append([Entry(run, [event(number)])], now=NOON + number)
        follower.given(follower.next()[1][0])
        follower.mark()
        assert journal.tidy(keep=100, most=10**9, now=NOON + 105.5) == {"mqtt": 3}
        assert [each.value if each else -1 for _, each in follower.next()] == [6, 7, 8, 9, 10]
    assert [each.n for each in sums(path, "all", UTC)] == [10]
    journal.append([Entry(run, [event(3)])])  # a replay of what is gone adds nothing
    assert [each.n for each in sums(path, "all", UTC)] == [10]
    assert journal.past("gate", None).numbers == {"door": 10}


def test_a_full_journal_loses_its_oldest(path: Path) -> None:
    journal = Journal(path)
    run = journal.past("gate", None).run
    for start in range(1, 6001, 1000):
        journal.append([Entry(run, [event(n) for n in range(start, start + 1000)])])
    journal.tidy(keep=1e9, most=10**6)
    journal.close()
    assert path.stat().st_size <= 1.1e6
    left = ids(path)
    assert left[-1] == "gate:door:00006000"
    assert 0 < len(left) < 6000


def test_a_follower_goes_on_where_its_output_is(journal: Journal, path: Path) -> None:
    run = journal.past("gate", None).run
    journal.append([Entry(run, [event(1)])])
    with closing(Follower(path, "jsonl a", None, None)) as new:
        journal.append([Entry(run, [event(n) for n in range(2, 5)])])
        assert [each.value if each else -1 for _, each in new.next()] == [
            2,
            3,
            4,
        ]  # it begins with what comes
        new.given(new.next()[0][0])
        new.mark()
    assert followed(path, "jsonl a") == [3, 4]
    # What the output has itself is better known than what was marked.
    assert followed(path, "jsonl a", last_id="gate:door:00000003") == [4]
    assert followed(path, "jsonl a", "yard", "gate:door:00000001") == []


def test_an_event_survives_its_own_json() -> None:
    first = replace(
        event(3, wall=NOON + 0.1234),
        before="taxi",
        looks={"colour": Verdict("red", 0.75, 4)},
        outlines={"polygons": [[[0.5, 0.25]]]},
    )
    assert to_json(from_json(to_json(first))) == to_json(first)


def test_a_database_of_a_newer_version_is_neither_read_nor_changed(path: Path) -> None:
    Journal(path).close()
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(OutputError, match=r"newer edgevision.*version 99.*update"):
        Journal(path)
    for ask in (lambda: newest(path, 10), lambda: sums(path, "all", None, 0.0, 1e10, None)):
        with pytest.raises(OutputError, match="newer edgevision"):
            ask()
    assert path.read_bytes() == before
