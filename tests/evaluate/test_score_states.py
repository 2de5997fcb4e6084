import pytest

from edgevision.evaluate.read_counts import Mark, Truth
from edgevision.evaluate.score_counts import CountScores, score_counts
from edgevision.evaluate.score_states import StateScore


def spot(*changes: tuple[float, str]) -> list[Mark]:
    return [Mark("c", "A1", kind, "", at) for at, kind in changes]


def score(events: list[Mark], truth: list[Mark]) -> tuple[CountScores, StateScore]:
    scores = score_counts(events, Truth(truth), {"c": 100.0}, 1.5)
    return scores, scores.states[0]


TAKEN = spot((20.0, "occupied"), (60.0, "freed"))


def test_late_is_wrong_for_as_long() -> None:
    scores, state = score(spot((0.0, "freed"), (21.0, "occupied"), (61.5, "freed")), TAKEN)
    assert (scores.over, scores.under) == (0, 0)
    assert (state.flips, state.true_flips, state.flips_per_hour) == (2, 2, 0)
    assert state.wrong == pytest.approx((1.0 + 1.5) / 100)
    assert state.unknown == 0


def test_what_flickers_is_over_and_flips() -> None:
    events = spot((0.0, "freed"), (20.0, "occupied"), (30.0, "freed"), (33.0, "occupied"), (60.0, "freed"))
    scores, state = score(events, TAKEN)
    assert (scores.over, scores.under) == (2, 0)  # freed at 30 and occupied at 33
    assert state.flips_per_hour == pytest.approx(2 * 3600 / 100)
    assert state.wrong == pytest.approx(0.03)


def test_how_a_place_is_found_is_no_change() -> None:
    """Taken from the beginning to the end; we believe it from 4 s on."""
    scores, state = score(spot((4.0, "occupied")), spot((0.0, "occupied")))
    assert (scores.over, scores.under, state.flips) == (0, 0, 0)
    assert state.wrong == pytest.approx(0.04)


def test_what_is_never_told_is_free() -> None:
    scores, state = score([], spot((0.0, "occupied"), (75.0, "freed")))
    assert (scores.over, scores.under) == (0, 1)
    assert state.wrong == pytest.approx(0.75)


def test_freed_and_truly_not() -> None:
    scores, state = score(spot((4.0, "freed")), spot((0.0, "occupied")))
    assert (scores.over, state.flips) == (1, 1)
    assert state.wrong == pytest.approx(0.96)


def test_known_again_is_as_it_was() -> None:
    events = spot((20.0, "occupied"), (30.0, "unknown"), (40.0, "known"), (60.0, "freed"))
    scores, state = score(events, TAKEN)
    assert (scores.over, scores.under, state.wrong) == (0, 0, 0)
    assert state.unknown == pytest.approx(0.1)


def test_before_its_first_change_a_place_was_the_other() -> None:
    scores, state = score(spot((0.5, "occupied"), (40.0, "freed")), spot((40.0, "freed")))
    assert (scores.over, scores.under, state.true_flips) == (0, 0, 1)
    assert state.wrong == pytest.approx(0.005)


def test_unknown_is_neither_right_nor_wrong() -> None:
    events = spot((0.0, "freed"), (20.0, "occupied"), (50.0, "unknown"), (70.0, "freed"))
    scores, state = score(events, TAKEN)
    assert state.unknown == pytest.approx(0.2)
    assert state.wrong == 0
    assert scores.under == 1  # when it was freed, at 60, we did not know; at 70 is too late


def test_the_same_state_again_is_no_change() -> None:
    scores, _ = score(spot((20.0, "occupied"), (40.0, "occupied"), (60.0, "freed")), TAKEN)
    assert (scores.over, scores.under) == (0, 0)
