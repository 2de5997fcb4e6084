import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core import kalman

BOX = np.array([[100, 100, 140, 190]], np.float32)  # scale sqrt(40 * 90) = 60


def textbook(steps: list[tuple[float, float | None]], scale: float) -> tuple[np.ndarray, np.ndarray]:
    """One axis of the filter in matrices, as in any textbook; steps of (dt, measured or None)."""
    x = np.zeros(2)
    p = np.diag([(kalman.MEASURED * scale) ** 2, (kalman.START_SPEED * scale) ** 2])
    a2, b2 = (kalman.ACCELERATION * scale) ** 2, (kalman.DRIFT * scale) ** 2
    h = np.array([[1.0, 0.0]])
    r = (kalman.MEASURED * scale) ** 2
    for dt, measured in steps:
        f = np.array([[1, dt], [0, 1]])
        q = a2 * np.array([[dt**3 / 3, dt**2 / 2], [dt**2 / 2, dt]]) + np.diag([b2 * dt, 0])
        x, p = f @ x, f @ p @ f.T + q
        if measured is not None:
            gain = p @ h.T / (h @ p @ h.T + r)
            x = x + (gain * (measured - h @ x)).ravel()
            p = (np.eye(2) - gain @ h) @ p
    return x, p


steps = st.lists(
    st.tuples(st.floats(0.02, 1), st.one_of(st.none(), st.floats(-200, 200))), min_size=1, max_size=6
)


@given(steps)
def test_agrees_with_the_textbook(steps: list[tuple[float, float | None]]) -> None:
    motion = kalman.start(BOX)
    for dt, measured in steps:
        kalman.predict(motion, dt)
        if measured is not None:
            shift = np.array([measured, 0, measured, 0], np.float32)
            kalman.correct(motion, np.array([0]), BOX + shift)
    x, p = textbook(steps, scale=60.0)
    assert motion.center[0, 0] - 120 == pytest.approx(x[0], abs=0.05, rel=1e-2)
    assert motion.velocity[0, 0] == pytest.approx(x[1], abs=0.5, rel=1e-2)
    assert motion.var_center[0] == pytest.approx(p[0, 0], rel=1e-2)
    assert motion.cov_speed[0] == pytest.approx(p[0, 1], abs=0.5, rel=1e-2)
    assert motion.var_speed[0] == pytest.approx(p[1, 1], rel=1e-2)


@given(st.floats(0.01, 2), st.integers(2, 20))
def test_many_short_predictions_are_one_long_one(seconds: float, parts: int) -> None:
    once, often = kalman.start(BOX), kalman.start(BOX)
    kalman.predict(once, seconds)
    for _ in range(parts):
        kalman.predict(often, seconds / parts)
    assert often.var_center == pytest.approx(once.var_center, rel=1e-3)
    assert often.var_speed == pytest.approx(once.var_speed, rel=1e-3)


@pytest.mark.parametrize("rate", [30, 10, 5])
def test_finds_the_speed_at_any_frame_rate(rate: int) -> None:
    motion = kalman.start(BOX)
    for frame in range(1, 3 * rate):
        kalman.predict(motion, 1 / rate)
        moved = 80.0 * frame / rate
        kalman.correct(motion, np.array([0]), BOX + np.float32(moved))
    assert motion.velocity[0] == pytest.approx([80, 80], rel=0.02)


def test_what_is_doubted_learns_its_speed_anew() -> None:
    speeds = []
    for doubted in (False, True):
        motion = kalman.start(BOX)
        for _ in range(20):
            kalman.predict(motion, 0.1)
            kalman.correct(motion, np.array([0]), BOX)
        kalman.predict(motion, 0.2)
        if doubted:
            kalman.doubt(motion, np.array([0]), np.array([0.2]))
        kalman.correct(motion, np.array([0]), BOX + np.float32(40))
        speeds.append(float(motion.velocity[0, 0]))
    still, anew = speeds
    assert still < 100 < 180 < anew < 200  # px/s; it went 40 px in 0.2 s


def test_a_distance_is_judged_by_the_uncertainty_of_both() -> None:
    motion = kalman.start(BOX)
    deviation = np.sqrt(2) * kalman.MEASURED * 60  # of the track and of the box, together
    moved = BOX + np.array([3 * deviation, 0, 3 * deviation, 0], np.float32)
    distance = ((kalman.split(moved)[0] - motion.center) ** 2).sum()
    assert distance == pytest.approx((3 * deviation) ** 2, rel=1e-4)
    assert distance / kalman.variance(motion)[0] == pytest.approx(9, rel=1e-4)


def test_each_track_may_move_on_by_its_own_time() -> None:
    both, alone = kalman.start(np.concatenate([BOX, BOX])), kalman.start(BOX)
    both.velocity[:] = alone.velocity[:] = 50
    kalman.predict(both, np.array([0, 0.4]))
    kalman.predict(alone, 0.4)
    assert both.center[:, 0] == pytest.approx([120, 140])
    assert both.var_center[0] == pytest.approx((kalman.MEASURED * 60) ** 2)
    assert both.var_center[1] == pytest.approx(alone.var_center[0])


def test_what_is_held_is_at_rest_where_it_is_put() -> None:
    motion = kalman.start(np.concatenate([BOX, BOX]))
    motion.velocity[:] = 50
    kalman.hold(motion, np.array([1]), BOX + 7)
    assert motion.boxes[1] == pytest.approx(BOX[0] + 7)
    assert motion.velocity.tolist() == [[50, 50], [0, 0]]
    kalman.predict(motion, 0.1)
    assert motion.boxes[1] == pytest.approx(BOX[0] + 7)
