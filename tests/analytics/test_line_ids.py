"""An object that a tracker loses at the line and finds again under another id."""

from collections.abc import Iterable

import pytest

from edgevision.analytics.line import IN, LineCounter
from edgevision.core import Finding, Track
from tests.analytics.test_line import SIZE, counter
from tests.builders import track


def watch(line: LineCounter, frames: Iterable[list[Track]]) -> list[Finding]:
    """Ten frames in a second."""
    return [found for number, now in enumerate(frames) for found in line.update(now, 0.1 * number, SIZE)]


@pytest.mark.parametrize("unseen", [0, 1, 4, 8])
def test_an_object_that_changes_its_id_on_the_line_is_counted_once(unseen: int) -> None:
    line = counter()
    old = [[track(500, y, id=1)] for y in range(440, 500, 10)]
    lost = [[track(500, 490 + 10 * n, id=1, missed=0.1 * n)] for n in range(1, unseen + 1)]
    there = 500 + 10 * unseen  # it goes on while it is not seen, at 100 px/s
    new = [
        [track(500, y, id=2), track(500, 490, id=1, missed=0.1 * (unseen + n))]
        for n, y in enumerate(range(there, there + 100, 10), 1)
    ]
    assert [found.kind for found in watch(line, [*old, *lost, *new])] == [IN]


def test_one_that_is_seen_has_no_heir() -> None:
    """A new object close to one that crosses, and told before it."""
    line = counter()
    old = [[track(500, y, id=1)] for y in range(440, 490, 10)]
    both = [[track(505, 500, id=2), track(500, y, id=1)] for y in range(510, 580, 10)]
    assert [(found.kind, found.track_id) for found in watch(line, old + both)] == [(IN, 1)]


def test_the_next_in_a_queue_is_not_taken_for_the_one_before() -> None:
    """The first has crossed and is hidden; the second stops right behind it, and goes on later."""
    line = counter()
    first = [[track(500, y, id=1)] for y in [*range(440, 512, 8), 512, 512, 512]]
    second = [
        [track(500, y, id=2), track(500, 512, id=1, missed=0.1 * n)]
        for n, y in enumerate([492] * 5 + list(range(496, 560, 8)), 1)
    ]
    assert [found.kind for found in watch(line, first + second)] == [IN, IN]


def test_what_is_elsewhere_or_of_another_size_does_not_go_on_as_a_lost_one() -> None:
    for x, side in ((600, 40), (500, 80), (500, 20)):
        line = counter()
        old = [[track(500, y, id=1)] for y in range(440, 500, 10)]
        new = [[track(x, y, id=2, side=side)] for y in range(520, 600, 10)]
        assert watch(line, old + new) == []
