"""How many were inside, minute by minute."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from edgevision.pipeline.history import MOST, MOST_NAMES, History


@given(st.lists(st.tuples(st.floats(0, 40), st.none() | st.integers(0, 9)), max_size=60))
def test_the_most_of_each_minute(readings: list[tuple[float, int | None]]) -> None:
    """Against a dict of lists. It begins when something is known."""
    history, wall = History(), 1_000_020.0
    wanted: dict[float, list[int | None]] = defaultdict(list)
    for pause, amount in readings:
        wall += pause
        history.add("lot", wall, amount)
        if amount is not None or wanted:
            wanted[wall // 60 * 60].append(amount)
    points = [
        (minute, max((n for n in all if n is not None), default=None)) for minute, all in wanted.items()
    ]
    assert history.points() == ({"lot": points} if points else {})


def test_it_is_bounded_and_forgets() -> None:
    history = History()
    for minute in range(2 * MOST):
        history.add("lot", minute * 60.0, 1)
    for number in range(2 * MOST_NAMES):
        history.add(f"zone{number}", 0.0, 1)
    points = history.points()
    assert len(points["lot"]) == MOST
    assert points["lot"][-1] == (60.0 * (2 * MOST - 1), 1)
    assert len(points) == MOST_NAMES
    history.keep({"lot"})
    assert list(history.points()) == ["lot"]
