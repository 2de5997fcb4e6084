"""How old an event is follows from what has passed, and not from what the machine's clock was set to."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from edgevision.journal import Entry, Journal
from tests.journal.test_journal import event, ids

HOUR, DAY, YEAR = 3600.0, 86400.0, 365 * 86400.0
START = 1_790_000_000.0  # Unix s
KEEP = 90 * DAY


class Clocks:
    """The machine's two clocks: the wall's can be set."""

    def __init__(self) -> None:
        self.wall, self.running = START, 1000.0

    def time(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.running

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.running += seconds


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    clocks = Clocks()
    monkeypatch.setattr("edgevision.journal.clock.time", clocks)
    return clocks


def keep(journal: Journal, number: int) -> None:
    journal.append([Entry(journal.past("gate", None).run, [event(number)])])


def left(path: Path) -> list[int]:
    return [int(id.rpartition(":")[2]) for id in ids(path)]


@pytest.mark.parametrize("step", [10 * YEAR, HOUR, -DAY, -50 * YEAR])
def test_a_clock_that_is_set_removes_nothing_and_keeps_nothing_for_ever(
    tmp_path: Path, clocks: Clocks, step: float
) -> None:
    path = tmp_path / "events.db"
    with closing(Journal(path)) as journal:
        keep(journal, 1)
        clocks.wall += step
        keep(journal, 2)
        journal.tidy(KEEP, 10**9)
        assert left(path) == [1, 2]
        clocks.passes(KEEP / 2)
        keep(journal, 3)
        clocks.passes(KEEP / 2 + HOUR)
        journal.tidy(KEEP, 10**9)
        assert left(path) == [3]


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (lambda clocks: clocks.passes(KEEP / 2), [1]),
        (lambda clocks: clocks.passes(KEEP + HOUR), []),  # it was off for so long: it is that old
        (lambda clocks: setattr(clocks, "wall", 0.0), [1]),  # no battery: it begins in 1970
        (lambda clocks: setattr(clocks, "wall", START + 10 * YEAR), [1]),  # a broken one says anything
    ],
)
def test_what_passes_while_it_is_off_counts_if_it_can_be_true(
    tmp_path: Path, clocks: Clocks, off: Callable[[Clocks], None], expected: list[int]
) -> None:
    path = tmp_path / "events.db"
    with closing(Journal(path)) as journal:
        keep(journal, 1)
    clocks.running = 5.0  # it was started anew
    off(clocks)
    with closing(Journal(path)) as journal:
        journal.tidy(KEEP, 10**9)
    assert left(path) == expected
