import numpy as np
import pytest

from edgevision.core.belief import FREE, TAKEN, UNKNOWN, Belief

CLEAR = np.ones(1, np.float32)


def look(belief: Belief, seen: bool, seconds: float, fps: float = 10, visible: float = 1) -> float | None:
    """Look for so long; after how many seconds another state was believed, if one was."""
    for frame in range(round(seconds * fps)):
        if len(belief.update(np.array([seen]), CLEAR * visible, 1 / fps)):
            return (frame + 1) / fps
    return None


@pytest.mark.parametrize("fps", [2, 10, 50])
def test_a_change_takes_hold_seconds_at_any_frame_rate(fps: float) -> None:
    belief = Belief(1, hold=5)
    assert look(belief, True, 60, fps) == pytest.approx(2.5, abs=0.5)  # from unknown it is half the way
    look(belief, True, 150, fps)  # the network sees it all the time: what it does not see is not there
    assert look(belief, False, 60, fps) == pytest.approx(5, abs=0.5)
    assert belief.state[0] == FREE
    assert look(belief, True, 60, fps) == pytest.approx(5, abs=0.5)


def test_where_the_network_misses_half_it_takes_longer_to_be_sure_that_nothing_is_there() -> None:
    """log(1 - 0.5) of log(0.1): 5 s become 16.6."""
    belief, rng = Belief(1, hold=5), np.random.default_rng(1)
    for seen in rng.random(3000) < 0.5:
        belief.update(np.array([seen]), CLEAR, 0.1)
        assert belief.state[0] != FREE
    assert belief.quality[0] == pytest.approx(0.5, abs=0.05)
    look(belief, True, 20)
    took = look(belief, False, 60)
    assert took == pytest.approx(5 * np.log(0.1) / np.log(0.5), rel=0.15)


def test_what_is_hidden_says_nothing() -> None:
    belief = Belief(1, hold=5)
    look(belief, True, 60)
    assert look(belief, False, 3600, fps=1, visible=0) is None
    assert belief.state[0] == TAKEN
    half, whole = Belief(1, hold=5), Belief(1, hold=5)
    assert look(half, False, 60, visible=0.5) == pytest.approx(2 * (look(whole, False, 60) or 0), abs=0.3)


def test_a_car_that_left_teaches_nothing_about_the_network() -> None:
    belief = Belief(1, hold=5)
    look(belief, True, 100)
    quality = belief.quality[0]
    look(belief, False, 100)
    look(belief, True, 5.1)
    assert belief.quality[0] == pytest.approx(quality, abs=0.01)


def test_forgetting_keeps_what_the_network_can() -> None:
    belief = Belief(1, hold=5)
    look(belief, True, 3)
    look(belief, True, 100)
    quality = belief.quality[0]
    belief.forget()
    assert (belief.state[0], belief.quality[0]) == (UNKNOWN, quality)


def test_it_learns_anew_when_the_light_goes() -> None:
    """Seen all of an hour, then half of the time: after MEMORY or two that is known."""
    belief, rng = Belief(1, hold=5), np.random.default_rng(2)
    look(belief, True, 3)
    look(belief, True, 3600, fps=1)
    assert belief.quality[0] > 0.98
    for seen in rng.random(4000) < 0.5:
        belief.update(np.array([seen]), CLEAR, 0.5)
    assert belief.quality[0] == pytest.approx(0.5, abs=0.07)
