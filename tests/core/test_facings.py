"""Places of a row: boxes drawn by hand, looks a tenth of a second apart."""

from collections.abc import Sequence

import numpy as np
import pytest

from edgevision.core.facings import GHOST, MOST, Facings

HOLD = 3.0
STEP = 0.1


def boxes(*lefts: float, width: float = 0.08) -> np.ndarray:
    return np.array([(x, 0.4, x + width, 0.6) for x in lefts], np.float32).reshape(-1, 4)


class Row:
    """A row that is looked at ten times a second."""

    def __init__(self, hold: float = HOLD) -> None:
        self.facings = Facings(hold)
        self.ts = 0.0
        self.changes: list[tuple[float, float]] = []  # when believed, and when it was

    def look(self, seen: np.ndarray, labels: Sequence[str] | None = None, step: float = STEP) -> None:
        self.ts = round(self.ts + step, 3)
        at = self.facings.look(seen, labels or ["cola"] * len(seen), self.ts, step)
        if at is not None:
            self.changes.append((self.ts, at))

    def looks(self, seconds: float, *lefts: float) -> None:
        for _ in range(round(seconds / STEP)):
            self.look(boxes(*lefts))

    @property
    def count(self) -> int:
        return len(self.facings.believed())


def test_what_stands_there_is_believed_after_the_hold_and_gone_after_it() -> None:
    row = Row()
    row.looks(HOLD, 0.1, 0.3)
    assert row.count == 0
    row.looks(STEP, 0.1, 0.3)
    assert row.count == 2
    row.looks(10, 0.1, 0.3)
    taken = row.ts
    row.looks(10, 0.1)
    assert row.count == 1
    (appeared, first), (vanished, last) = row.changes
    assert [appeared, first] == pytest.approx([HOLD + STEP, STEP])
    assert vanished == pytest.approx(taken + HOLD, abs=2 * STEP)
    assert last == taken


def test_what_is_carried_past_is_none() -> None:
    row = Row()
    for number in range(300):
        row.look(boxes((number * 0.005) % 0.9))
    row.looks(0.8 * HOLD, 0.5)
    row.looks(HOLD, 0.1)
    assert row.count == 0


@pytest.mark.parametrize("miss", [0.3, 0.5])
def test_misses_change_nothing(miss: float) -> None:
    """Five minutes of ten products: the median of the frames' counts is far off, that of places is not."""
    rng = np.random.default_rng(7)
    row, counts = Row(), []
    places = np.linspace(0.02, 0.9, 10)
    for number in range(3_000):
        seen = places[rng.random(10) >= miss] + rng.normal(0, 0.004)
        counts.append(len(seen))
        row.look(boxes(*seen))
        assert row.count == 10 or number < 150
    assert np.median(counts) <= 10 * (1 - miss)


def test_what_is_seen_where_nothing_is_is_not_believed() -> None:
    rng = np.random.default_rng(8)
    row = Row()
    for _ in range(4_000):
        row.look(boxes(*([0.5] if rng.random() < GHOST else [])))
        assert row.count == 0


def test_nor_does_it_keep_what_is_gone() -> None:
    rng = np.random.default_rng(8)
    row = Row()
    row.looks(30, 0.5)
    taken = row.ts
    while row.count and row.ts < taken + 60:
        row.look(boxes(*([0.5] if rng.random() < GHOST else [])))
    assert HOLD - STEP <= row.ts - taken < 2 * HOLD


@pytest.mark.parametrize(("miss", "least", "most"), [(0.0, 5, 6), (0.5, 20, 60)])
def test_what_is_often_missed_must_be_missing_for_more_looks(miss: float, least: int, most: int) -> None:
    """Two seconds apart, so that `hold` is over at once: log(1e6) of evidence decides. 0.95 is the most that
    a look that misses says, so 13.8 / log(0.95 / 0.05) = 4.7 of them; 13.8 / log(0.95 / 0.5) = 21.5."""
    rng = np.random.default_rng(3)
    row = Row()
    for _ in range(300):
        row.look(boxes(*([0.1] if rng.random() >= miss else [])), step=2.0)
    assert row.count == 1
    row.look(boxes(0.1), step=2.0)
    looks = 0
    while row.count:
        row.look(boxes(), step=2.0)
        looks += 1
    assert least <= looks <= most


def test_a_pause_is_no_sight() -> None:
    row = Row()
    row.look(boxes(0.1))
    row.look(boxes(0.1), step=600.0)
    for _ in range(8):
        row.look(boxes(0.1))
    assert row.count == 0


def test_a_product_that_is_pushed_aside_stays_one() -> None:
    row = Row()
    row.looks(10, 0.30, 0.40, 0.50)
    for number in range(40):
        row.look(boxes(0.30, 0.40, 0.50 + number * 0.005))
        assert row.count == 3
    row.looks(10, 0.30, 0.40, 0.70)
    assert [round(float(f.box[0]), 2) for f in row.facings.believed()] == [0.3, 0.4, 0.7]


def test_what_is_behind_another_or_one_box_of_two_is_no_facing() -> None:
    row = Row()
    row.looks(10, 0.30, 0.40)
    behind, both = (0.31, 0.30, 0.37, 0.55), (0.30, 0.4, 0.48, 0.6)
    for extra in (behind, both):
        for _ in range(100):
            row.look(np.array([*boxes(0.30, 0.40), extra], np.float32))
            assert row.count == 2


def test_two_on_top_of_each_other_are_two() -> None:
    row = Row()
    stack = np.array([(0.3, 0.4, 0.4, 0.5), (0.3, 0.5, 0.4, 0.6)], np.float32)
    for _ in range(50):
        row.look(stack)
    assert row.count == 2


def test_the_class_is_that_of_most_looks() -> None:
    rng = np.random.default_rng(9)
    row = Row()
    for number in range(1000):
        row.look(boxes(0.2), ["water" if rng.random() < 0.45 else "cola"])
        assert number < 300 or row.facings.believed()[0].label == "cola"
    for _ in range(100):
        row.look(boxes(0.2), ["water"])
    assert row.facings.believed()[0].label == "water"


def test_its_memory_is_bounded() -> None:
    rng = np.random.default_rng(10)
    row = Row()
    for _ in range(30):
        row.look(boxes(*rng.random(40), width=0.01))
    assert len(row.facings._places) <= MOST


def test_what_was_kept_is_believed_again() -> None:
    row = Row()
    row.looks(10, 0.1, 0.3)
    later = Facings(HOLD)
    later.resume(row.facings.keep(row.ts), -5.0)
    for one, other in zip(row.facings.believed(), later.believed(), strict=True):
        assert one.box == pytest.approx(other.box, abs=1e-4)
        assert one.label == other.label
    # Nothing is there any more: it was last seen 5 s before the new clock began.
    at = [later.look(boxes(), [], n * STEP, STEP) for n in range(1, 60)]
    assert [round(t, 3) for t in at if t is not None] == [-5.0]
