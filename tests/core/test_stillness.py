"""What moves is noticed before it has come far; what only flickers is not."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edgevision.core.stillness import FEWEST, LOUD, Stillness, WhenStill
from edgevision.core.types import Floats

PIXELS = 8  # of a picture 1280 wide in a cell, each way
CELLS = (90, 160)
NEVER = 1e6  # s: no look for the time alone


def view(seed: int = 1) -> Floats:
    """A picture made small, of many greys."""
    return np.random.default_rng(seed).uniform(40, 200, CELLS).astype(np.float32)


def with_object(picture: Floats, x: float, y: float, size: float, contrast: float) -> Floats:
    """A square of `size` px, its top left at x, y px: what it covers of a cell counts."""

    def covered(start: float, cells: int) -> Floats:
        edges = np.arange(cells + 1) * PIXELS
        share = np.minimum(edges[1:], start + size) - np.maximum(edges[:-1], start)
        covered: Floats = np.clip(share, 0, None) / PIXELS
        return covered

    there = covered(y, CELLS[0])[:, None] * covered(x, CELLS[1])
    shown: Floats = (picture + contrast * there).astype(np.float32)
    return shown


def looks(
    shown: Callable[[float], Floats], seconds: float, fps: float = 5, *, after: float = 5,
    every: float = NEVER, noise: float = 0.6, seed: int = 1,
) -> list[float]:  # fmt: skip
    """When the network looks at a film. noise: grey levels, of a cell."""
    stillness, random = Stillness(WhenStill(after, every)), np.random.default_rng(seed)
    some = random.normal(0, noise, (31, *CELLS)).astype(np.float32)  # to draw it for each picture takes long
    times = [number / fps for number in range(int(seconds * fps))]
    return [
        ts
        for ts in times
        if stillness.wants(np.rint(shown(ts) + some[random.integers(31)]).clip(0, 255).astype(np.float32), ts)
    ]


def far_between(times: list[float], seconds: float, start: float = 0.0) -> float:
    """The longest time without a look from `start` on, s."""
    return float(np.diff([start, *(ts for ts in times if ts > start), seconds]).max())


def test_a_still_picture_is_looked_at_for_a_while_and_then_now_and_then() -> None:
    picture = view()
    times = looks(lambda ts: picture, 60, after=5, every=4)
    assert times[:25] == pytest.approx([number / 5 for number in range(25)])
    assert np.diff(times[24:]) == pytest.approx(4)


@pytest.mark.parametrize("noise", [0.3, 1.0, 2.0])
def test_the_noise_of_a_sensor_is_learnt(noise: float) -> None:
    picture = view()
    assert len(looks(lambda ts: picture, 300, noise=noise)) <= 3 * 25


def test_an_object_that_moves_a_pixel_in_ten_seconds_adds_up() -> None:
    """24 px at 1280 x 720 are 12 in a network of 640. Of pictures one after the other none tells of it."""
    picture = view()
    times = looks(lambda ts: with_object(picture, 300 + 0.1 * ts, 200, 24, 40), 600, fps=2)
    assert 0.1 * far_between(times, 600) <= PIXELS
    assert len(times) < 0.7 * 1200


@settings(max_examples=12)
@example(speed=0.8125, angle=0.0, size=24.0, contrast=20.0)  # its edges begin in the middle of cells
@given(
    speed=st.floats(0.2, 60),
    angle=st.floats(0, 2 * np.pi),
    size=st.floats(24, 200),
    contrast=st.floats(20, 120).flatmap(lambda c: st.sampled_from([c, -c])),
)
def test_nothing_gets_far_without_a_look(speed: float, angle: float, size: float, contrast: float) -> None:
    """An object in the middle of the view sets off when the camera is taken to be still."""
    picture, rest, seconds = np.full(CELLS, 128, np.float32), 30.0, 30 + min(60, 200 / speed)
    step = speed * np.array([np.cos(angle), np.sin(angle)])

    def shown(ts: float) -> Floats:
        x, y = np.array([540.0, 260.0]) + max(0.0, ts - rest) * step
        return with_object(picture, x, y, size, contrast)

    times = looks(shown, seconds)
    unseen = far_between(times, seconds, rest)
    assert speed * unseen <= 2 * PIXELS + speed / 5


def test_a_small_object_of_low_contrast_that_comes_in_is_noticed() -> None:
    """16 px and 15 grey levels, within noise of 0.7: that of a sensor at night, in a cell of 64 pixels."""
    picture = view()

    def shown(ts: float) -> Floats:
        return with_object(picture, -20 + 30 * max(0.0, ts - 60), 300, 16, 15)

    times = looks(shown, 70, noise=0.7)
    assert min(ts for ts in times if ts > 60) <= 61.5


def test_light_that_changes_everywhere_is_no_movement() -> None:
    picture = view() * 0.5 + 60
    assert len(looks(lambda ts: picture + 20 * np.sin(ts / 20), 300, noise=0.5)) <= 30


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_pictures_that_change_a_little_at_each_keyframe_are_learnt(strength: float) -> None:
    """Blocks of 16 x 16 px, each wrong by some levels until the next keyframe, 4 s later."""
    picture = view()

    def shown(ts: float) -> Floats:
        random = np.random.default_rng(int(ts / 4))
        return picture + np.kron(random.normal(0, strength, (45, 80)), np.ones((2, 2)))

    times = looks(shown, 400, noise=0.3)
    assert sum(ts > 200 for ts in times) <= 25 + FEWEST


def test_thin_rain_is_learnt() -> None:
    """Streaks of 1 x 32 px and 30 levels: 3.75 in each of four cells, in another place in each picture."""
    picture, random = view(), np.random.default_rng(1)

    def shown(ts: float) -> Floats:
        rain = np.zeros(CELLS, np.float32)
        rows, columns = random.integers(0, CELLS[0] - 4, 150), random.integers(0, CELLS[1], 150)
        rain[rows[:, None] + np.arange(4), columns[:, None]] = 30 / PIXELS
        return picture + rain

    times = looks(shown, 200, noise=0.3)
    assert sum(ts > 100 for ts in times) <= 25


def flickering(levels: float) -> Callable[[float], Floats]:
    picture, where = view(), np.zeros(CELLS, np.float32)
    where[30:40, 50:60] = 1

    def shown(ts: float) -> Floats:
        return picture + where * levels * (int(ts * 5) % 2)

    return shown


def test_a_lamp_that_flickers_is_learnt_and_who_passes_it_is_seen() -> None:
    lamp = flickering(LOUD - 3)
    assert sum(ts > 120 for ts in looks(lamp, 240)) == 0

    def passed(ts: float) -> Floats:
        return with_object(lamp(ts), 50 * PIXELS, 30 * PIXELS, 80, 50.0 * (ts >= 200))

    assert min(ts for ts in looks(passed, 240) if ts > 120) == pytest.approx(200)


def test_what_flickers_more_keeps_the_network_looking() -> None:
    assert len(looks(flickering(LOUD + 6), 60)) == 300


def test_traffic_does_not_make_a_place_deaf() -> None:
    """A car in one second of five for ten minutes, and after it one that is hardly to be seen."""
    picture = view() * 0.5 + 60

    def shown(ts: float) -> Floats:
        if ts >= 660:
            return with_object(picture, 640, 360, 100, 14)
        return with_object(picture, 640, 360, 100, 60) if ts < 600 and int(ts) % 5 == 0 else picture

    times = looks(shown, 665)
    assert not any(630 < ts < 660 for ts in times)
    assert any(660 <= ts < 660.3 for ts in times)


def test_looks_that_came_to_nothing_are_made_up_for() -> None:
    """The network is slow: of five pictures that it is given it gets one."""
    stillness, picture = Stillness(WhenStill(2, NEVER)), view()
    seen = 0
    for number in range(200):
        if stillness.wants(picture, number / 5):
            stillness.lost(number % 5 != 0)
            seen += number % 5 == 0
    assert seen == FEWEST


def test_a_slow_camera_is_given_time_for_a_track_to_begin_and_end() -> None:
    assert len(looks(lambda ts: view(), 60, fps=1, after=3)) == FEWEST


def test_what_comes_anew_or_has_another_size_is_looked_at() -> None:
    stillness, picture = Stillness(WhenStill(2, NEVER)), view()
    times = [number / 5 for number in range(100)]
    assert sum(stillness.wants(picture, ts) for ts in times) == FEWEST
    stillness.anew()
    assert sum(stillness.wants(picture, 20 + ts) for ts in times) == FEWEST
    assert sum(stillness.wants(picture[:45], 40 + ts) for ts in times) == FEWEST
