import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.analytics import Blindable, Gridded, Keeper
from edgevision.analytics.heatmap import Config, Heatmap
from edgevision.core import Size
from tests.builders import track

SIZE = Size(1000, 500)


def heatmap(**settings: object) -> Heatmap:
    return Heatmap(Config.model_validate({"columns": 10, **settings}))


def test_cells_are_square_and_as_many_as_asked_for() -> None:
    for size, shape in ((SIZE, (48, 96)), (Size(1080, 1920), (171, 96)), (Size(100, 9000), (320, 96))):
        heat = Heatmap(Config())
        heat.update([], 0.0, size)
        assert heat.grid().shape == shape
        assert heat.grid().dtype == np.float32


def test_the_time_is_where_the_object_stood() -> None:
    heat = heatmap()
    assert isinstance(heat, Gridded)
    for ts in (0.0, 0.7, 10.0):
        heat.update([track(550, 250), track(50, 50, id=2, label="bus")], ts, SIZE)
    expected = np.zeros((5, 10))
    expected[2, 5] = expected[0, 0] = 10
    assert heat.grid() == pytest.approx(expected)


@given(st.lists(st.tuples(st.floats(0, 1000), st.floats(0, 500)), min_size=2, max_size=5), st.floats(0.01, 9))
def test_the_way_between_two_sightings_takes_its_time_evenly(
    places: list[tuple[float, float]], step: float
) -> None:
    """Against 400 points on each way."""
    heat, expected = heatmap(), np.zeros((5, 10))
    for number, (x, y) in enumerate(places):
        heat.update([track(x, y)], number * step, SIZE)
    for before, after in pairwise(places):
        for part in (np.arange(400) + 0.5) / 1000:
            x, y = np.array(before) + part * (np.array(after) - np.array(before))
            expected[min(4, int(y / 100)), min(9, int(x / 100))] += step / 400
    # A way of n cells is 2 n + 1 steps, so a cell is off by a step at each of its ends, at most.
    assert np.abs(heat.grid() - expected).max() <= 0.7 * step * (len(places) - 1)
    assert heat.grid().sum() == pytest.approx(step * (len(places) - 1), rel=1e-5)


@given(
    st.sampled_from([1, 3, 10, 25, 29.97]),
    st.lists(st.tuples(st.floats(0, 4), st.floats(1, 4), st.integers(0, 2**16)), min_size=1, max_size=6),
    st.booleans(),
)
def test_it_adds_up_to_the_seconds_that_objects_were_seen_at_any_frame_rate(
    fps: float, visits: list[tuple[float, float, int]], hidden: bool
) -> None:
    """Each comes and goes, wanders also beyond the border, and is perhaps hidden for a while."""
    heat, seen = heatmap(), dict[int, list[float]]()
    for number in range(int(8 * fps)):
        ts, tracks = number / fps, []
        for id, (start, length, seed) in enumerate(visits, 1):
            if start <= ts <= start + length:
                missed = 1.0 if hidden and (number + id) % 3 == 0 else 0.0
                x, y = np.random.default_rng([seed, number]).uniform(-50, (1050, 550))
                tracks.append(track(x, y, id=id, missed=missed))
                seen.setdefault(id, []).extend([ts] if not missed else [])
        heat.update(tracks, ts, SIZE)
    followed = sum(times[-1] - times[0] for times in seen.values() if times)
    assert heat.grid().sum() == pytest.approx(followed, rel=1e-4, abs=1e-4)
    assert heat.grid().min() >= 0


def test_what_was_long_ago_counts_less() -> None:
    heat = heatmap(half_life="60s")
    for ts in (0.0, 10.0):
        heat.update([track(550, 250)], ts, SIZE)
    for ts in (40.0, 130.0):
        heat.update([], ts, SIZE)
    assert heat.grid().sum() == pytest.approx(10 * 0.25)


def test_only_the_classes_asked_for() -> None:
    heat = heatmap(classes=["bus"])
    for ts in (0.0, 1.0):
        heat.update([track(550, 250), track(50, 50, id=2, label="bus")], ts, SIZE)
    assert heat.grid().sum() == heat.grid()[0, 0] == 1


def test_another_size_of_picture_is_the_same_place() -> None:
    heat = heatmap()
    heat.update([track(550, 250)], 0.0, SIZE)
    heat.update([track(1100, 500)], 1.0, Size(2000, 1000))
    assert heat.grid()[2, 5] == 1


def test_what_happens_while_the_camera_is_blind_is_not_known() -> None:
    heat = heatmap()
    assert isinstance(heat, Blindable)
    heat.update([track(550, 250)], 0.0, SIZE)
    heat.update([track(550, 250)], 1.0, SIZE)
    assert heat.blind(1.0) == []
    heat.update([track(550, 250)], 100.0, SIZE)
    heat.update([track(550, 250)], 102.0, SIZE)
    assert heat.grid().sum() == pytest.approx(3)


def test_it_survives_a_restart_and_fades_meanwhile() -> None:
    before, after = heatmap(half_life="60s"), heatmap(half_life="60s")
    assert isinstance(before, Keeper)
    assert before.keep(0.0) == {}
    for ts in (0.0, 8.0):
        before.update([track(550, 250)], ts, SIZE)
    kept = json.loads(json.dumps(before.keep(8.0)))
    after.resume(kept, -60.0)  # a minute before now on the new clock
    after.update([], 0.0, SIZE)
    assert after.grid()[2, 5] == after.grid().sum() == pytest.approx(4)
    other = heatmap(columns=20)
    other.resume(kept, -60.0)
    assert other.grid().sum() == 0


def test_nothing_is_lost_of_small_times_added_to_large_ones() -> None:
    """A frame's 0.04 s beside a month's 2.6 million would be 0.25 s or nothing in float32."""
    heat = heatmap()
    heat.update([track(550, 250)], 0.0, SIZE)
    heat.update([track(550, 250)], 2.6e6, SIZE)
    for number in range(1, 2501):
        heat.update([track(550, 250)], 2.6e6 + number * 0.04, SIZE)
    assert heat.grid()[2, 5] == pytest.approx(2.6e6 + 100, abs=0.5)


def test_what_the_tracker_forgot_is_forgotten() -> None:
    heat = heatmap()
    for number in range(3000):
        heat.update([replace(track(500, 300, id=number + 1), age=0.0)], number * 0.1, SIZE)
    assert len(heat._last) == 1
