from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from edgevision.evaluate.pair_marks import pair
from edgevision.evaluate.read_counts import Mark

TENTHS = st.integers(0, 60).map(lambda number: number / 10)
LABELS = st.sampled_from(["", "car", "bus"])
MARKS = st.lists(
    st.builds(lambda at, label: Mark("c", "line", "crossed_in", label, at), TENTHS, LABELS), max_size=4
)


def best(ours: list[Mark], true: list[Mark], tolerance: float) -> tuple[int, int, float]:
    """Of every way to pair some: most pairs, then most labels alike, then the least sum of differences."""
    ways = [(0, 0, 0.0)]
    for size in range(1, min(len(ours), len(true)) + 1):
        for some in combinations(ours, size):
            for others in permutations(true, size):
                apart = [abs(one.at - other.at) for one, other in zip(some, others, strict=True)]
                if max(apart) <= tolerance + 1e-9:
                    alike = sum(a.label == b.label != "" for a, b in zip(some, others, strict=True))
                    ways.append((size, alike, -sum(apart)))
    return max(ways, key=lambda way: (way[0], way[1], round(way[2], 6)))


@given(MARKS, MARKS, st.sampled_from([0.0, 0.3, 1.5]))
def test_no_other_pairing_is_better(ours: list[Mark], true: list[Mark], tolerance: float) -> None:
    pairs, extra, missed = pair(ours, true, tolerance)
    count, alike, nearness = best(ours, true, tolerance)
    assert len(pairs) == count
    assert sum(a.label == b.label != "" for a, b in pairs) == alike
    assert abs(sum(abs(a.at - b.at) for a, b in pairs) + nearness) < 1e-6
    assert sorted([a for a, _ in pairs] + extra) == sorted(ours)
    assert sorted([b for _, b in pairs] + missed) == sorted(true)


def test_a_day_of_counts_is_no_large_matrix() -> None:
    """As one matrix, 21 600 pairs would take 4 GB."""
    true = [Mark("c", "line", "crossed_in", "", 4.0 * number) for number in range(21_600)]
    ours = [mark._replace(at=mark.at + 0.5) for mark in true if mark.at % 400]
    pairs, extra, missed = pair(ours, true, 1.5)
    assert (len(pairs), len(extra), len(missed)) == (len(ours), 0, len(true) - len(ours))
