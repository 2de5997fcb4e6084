"""Where objects went lately: bounded, thinned, and without who stands."""

import numpy as np
import pytest

from edgevision.core.types import Size, Track
from edgevision.pipeline.trails import MOST, POINTS, Trails

SIZE = Size(1000, 500)


def track(id: int, x: float, y: float, missed: float = 0.0) -> Track:
    trail = np.array([[x, y]], np.float32)
    return Track(id, np.array([x, y, x, y], np.float32), 0, "car", 0.9, 1.0, missed, trail)


def test_the_way_of_each_in_shares_of_the_picture() -> None:
    trails = Trails()
    for step in range(5):
        trails.add(
            [track(1, 100 * step, 50 * step), track(2, 500, 250), track(3, 0, 100 * step, missed=0.5)], SIZE
        )
    (way,) = trails.newest()  # the second stands, the third is only believed to be there
    assert np.array(way) == pytest.approx(np.array([[0.1 * step, 0.1 * step] for step in range(5)]))
    trails.clear()
    assert trails.newest() == []


def test_long_ways_are_thinned_and_keep_their_ends() -> None:
    trails = Trails()
    for step in range(2000):
        trails.add([track(1, 500 + 400 * np.cos(step / 10), 250 + 200 * np.sin(step / 10))], SIZE)
        (way,) = trails.newest() or [[(0.9, 0.5)]]
        assert len(way) <= POINTS
    assert way[0] == pytest.approx((0.9, 0.5))
    # The last that was a step away from the one before.
    assert np.array(way[-1]) == pytest.approx(
        [0.5 + 0.4 * np.cos(199.9), 0.5 + 0.4 * np.sin(199.9)], abs=0.05
    )


def test_only_the_newest_are_known() -> None:
    trails = Trails()
    for id in range(3 * MOST):
        for x in (100, 200):
            trails.add([track(id, x, id)], SIZE)
    ways = trails.newest()
    assert len(ways) == MOST
    assert ways[-1][0][1] == pytest.approx((3 * MOST - 1) / 500)
