"""When a camera was seen: without it nobody knows whether nobody came or nobody looked."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.journal import Entry, Journal
from edgevision.journal.reading import reading
from edgevision.journal.watched import EVERY, GAP, watched

START = 1.8e9  # Unix s


def live(path: Path, walls: Sequence[float]) -> None:
    """A process that sees frames at these times, and ends."""
    with closing(Journal(path)) as journal:
        run = journal.past("gate", None).run
        journal.append([Entry(run, [], {}, START + wall) for wall in walls])


def seen(path: Path) -> list[tuple[float, float, bool]]:
    with reading(path) as database:
        found = watched(database).get("gate", [])
    return [(each.since - START, each.until - START, each.fresh) for each in found]


def test_a_break_and_a_start_each_begin_a_stretch(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    live(path, [0, 10, 20, 20 + GAP, 200, 210])
    assert seen(path) == [(0, 20 + GAP, True), (200, 210, False)]
    live(path, [215, 220])  # a start within a short time: who was inside is not known any more
    assert seen(path)[2:] == [(215, 220, True)]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=30), min_size=1, max_size=4))
def test_no_moment_is_claimed_that_lies_in_a_break(tmp_path_factory: object, runs: list[list[int]]) -> None:
    """By second: what is claimed are the seconds between neighbours of one process at most GAP apart."""
    path = tmp_path_factory.mktemp("watched") / "events.db"  # type: ignore[attr-defined]
    truth: set[int] = set()
    for steps in runs:  # also over times that were seen before: a file that is run again
        at = 0
        walls: list[int] = []
        for step in steps:
            truth |= set(range(at, at + step)) if walls and step <= GAP else set()
            at += step
            walls.append(at)
        live(path, walls)
    claimed = [(int(since), int(until)) for since, until, _ in seen(path)]
    assert {second for since, until in claimed for second in range(since, until)} <= truth
    if len(runs) == 1:
        assert {second for since, until in claimed for second in range(since, until)} == truth


def test_a_journal_from_before_knows_nothing_and_can_be_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    live(path, [0, 10])
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE watched")
    assert seen(path) == []
    live(path, [20, 30])
    assert seen(path) == [(20, 30, True)]


def test_it_is_kept_often_enough_to_be_no_break() -> None:
    assert 2 * EVERY < GAP
