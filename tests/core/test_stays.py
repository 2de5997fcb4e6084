"""Who is inside, by what is seen: against plain bookkeeping, frame by frame."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.core import Track
from edgevision.core.stays import MOST_LOST, Stay, Stays
from tests.builders import track


def play(stays: Stays, frames: Sequence[Sequence[tuple[Track, bool]]], fps: float = 10) -> list[list[Stay]]:
    return [
        [replace(stay) for stay in stays.update([t for t, _ in frame], [i for _, i in frame], number / fps)]
        for number, frame in enumerate(frames)
    ]


def one(looks: str, id: int = 1) -> list[list[tuple[Track, bool]]]:
    """`i` inside, `o` outside, `?` not seen, `.` unknown to the tracker; a frame each."""
    return [
        [] if look == "." else [(track(0, 0, id=id, missed=0.1 if look == "?" else 0), look == "i")]
        for look in looks
    ]


@pytest.mark.parametrize("fps", [2, 3, 10, 12.5, 25, 30])
def test_a_change_is_believed_with_the_frame_that_ends_its_hold(fps: float) -> None:
    for first in range(1, 100):
        found = play(Stays(8 / fps), one("o" * first + "i" * 20 + "o" * 20), fps)
        at = [number for number, changed in enumerate(found) if changed]
        assert at == [first + 8, first + 20 + 8]
        (left,) = found[at[1]]
        assert left.since == pytest.approx(first / fps)
        assert left.until == pytest.approx((first + 19) / fps)


@given(st.text("io?", min_size=1, max_size=80), st.integers(0, 6))
def test_what_is_believed_is_what_lasted(looks: str, hold: int) -> None:
    """A plain count of frames: what was seen for `hold` frames on end, those not seen passed over."""
    stays, believed, since = Stays(hold / 10), False, None
    for number, (look, frame) in enumerate(zip(looks, one(looks), strict=True)):
        if look != "?":
            since = None if (look == "i") == believed else number if since is None else since
            if since is not None and number - since >= hold:
                believed, since = not believed, None
        list(stays.update([frame[0][0]], [frame[0][1]], number / 10))
        assert stays.has(1) == believed
        assert len(stays.inside()) == believed


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 6), st.sampled_from("io?")), max_size=6), max_size=60),
    st.sampled_from([0, 0.3, 1.5]),
)
def test_who_came_less_who_went_is_who_is_there(looks: list[list[tuple[int, str]]], hold: float) -> None:
    """Whoever is seen, hidden, lost and found again, under whatever id."""
    frames = [
        [
            (replace(track(50 * (id % 3), 0, id=id, missed=0.1 if look == "?" else 0), age=0.0), look == "i")
            for id, look in dict(frame).items()
        ]
        for frame in looks
    ]
    stays, balance, seconds = Stays(hold), 0, 0.0
    for number, frame in enumerate(frames):
        for stay in stays.update([t for t, _ in frame], [i for _, i in frame], number / 10):
            balance += 1 if stay.inside else -1
            assert balance >= 0
            assert balance == len(stays.inside())
            if not stay.inside:
                assert 0 <= stay.seconds <= number / 10
                seconds += stay.seconds
    assert seconds <= 6 * len(frames) / 10 + 1e-9  # nobody is inside twice at once: six ids at most


def test_who_is_lost_inside_stays_for_the_hold_and_is_told_as_lost() -> None:
    found = play(Stays(1.0), one("i" * 20 + "." * 20))
    assert [(n, stay.inside, stay.lost) for n, changed in enumerate(found) for stay in changed] == [
        (10, True, False), (29, False, True),
    ]  # fmt: skip


def test_who_was_seen_outside_before_it_was_lost_is_not_told_as_lost() -> None:
    found = play(Stays(1.0), one("i" * 20 + "oo" + "." * 20))
    assert [(n, stay.inside, stay.lost) for n, changed in enumerate(found) for stay in changed] == [
        (10, True, False), (29, False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("new", "same"),
    [
        (track(5, 0, id=2), True),
        (track(18, 0, id=2), True),  # its side is 40 px, and half of it is near
        (track(22, 0, id=2), False),
        (track(0, 0, id=2, side=55), True),
        (track(0, 0, id=2, side=65), False),
    ],
)
def test_a_new_id_where_one_was_lost_is_the_same_if_it_is_near_and_as_large(new: Track, same: bool) -> None:
    stays = Stays(0.0)
    born = replace(new, age=0.3)
    found = play(stays, [[(track(0, 0), True)]] * 5 + [[(track(0, 0, missed=0.1), True)]] * 5)
    assert [stay.inside for changed in found for stay in changed] == [True]
    changed = list(stays.update([born, track(0, 0, missed=0.6)], [True, False], 1.0))
    assert [stay.inside for stay in changed] == ([] if same else [True])
    assert [stay.since for stay in stays.inside()] == ([0.0] if same else [0.0, 1.0])


def test_who_changes_its_id_while_it_comes_in_has_come_when_it_came() -> None:
    stays = Stays(2.0)
    play(stays, one("i" * 15))
    found = []
    for number in range(15, 30):
        new = replace(track(3, 0, id=2), age=(number - 15) / 10)
        found += [(number, s.since, s.track.id) for s in stays.update([new], [True], number / 10)]
    assert found == [(20, 0.0, 2)]


def test_of_two_that_were_lost_the_nearer_one_goes_on() -> None:
    stays = Stays(0.5)
    two = [(track(0, 0), True), (track(12, 0, id=2), True)]
    play(stays, [two] * 10)
    new = replace(track(9, 0, id=3), age=0.0)
    assert list(stays.update([new], [True], 1.0)) == []
    assert [stay.track.id for stay in stays.inside()] == [1, 3]


def test_who_was_there_before_another_vanished_does_not_take_its_place() -> None:
    stays = Stays(0.0)
    play(stays, [[(track(0, 0), True), (track(5, 0, id=2), False)]] * 10)
    changed = list(stays.update([replace(track(5, 0, id=2), age=1.0)], [True], 1.0))
    assert [(stay.track.id, stay.inside) for stay in changed] == [(2, True), (1, False)]


def test_who_is_seen_again_after_blindness_has_stayed_and_who_is_not_is_doubted() -> None:
    stays = Stays(0.5)
    play(stays, [[(track(0, 0), True), (track(500, 0, id=2), True)]] * 20)
    stays.blind()
    (lost,) = stays.update([track(0, 0)], [True], 100.0)
    assert (lost.track.id, lost.lost, lost.doubted, lost.seconds) == (2, True, True, 1.9)
    assert [(stay.track.id, stay.doubted, stay.seconds) for stay in stays.inside()] == [(1, False, 100.0)]


def test_a_change_that_began_before_blindness_has_to_last_anew() -> None:
    stays = Stays(1.0)
    play(stays, one("i" * 9))
    stays.blind()
    assert list(stays.update([track(0, 0)], [True], 50.0)) == []
    assert [stay.since for stay in stays.update([track(0, 0)], [True], 51.0)] == [50.0]


def test_there_is_a_bound_to_those_that_are_lost() -> None:
    stays = Stays(1e6)
    stays_of_all = [(replace(track(100 * id, 0, id=id), age=0.0), True) for id in range(1, MOST_LOST + 51)]
    for ts in (0.0, 1e6):
        list(stays.update([t for t, _ in stays_of_all], [True] * len(stays_of_all), ts))
    assert len(list(stays.update([], [], 1e6 + 1))) == 50
    assert len(stays) == MOST_LOST
