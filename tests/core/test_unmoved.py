"""What was there before a time in which nothing moved is there at its end."""

import numpy as np
import pytest

from edgevision.core import Track, Tracker
from edgevision.core.stillness import Stillness, WhenStill
from edgevision.core.types import Detections
from edgevision.core.unmoved import MOST, Unmoved
from tests.builders import detections
from tests.core.test_stillness import CELLS, with_object

CAR, BESIDE = (100, 100, 180, 160), (185, 100, 265, 160)
STEP = 0.04  # s between two pictures
VAN, MAN = (100, 100, 400, 300), (200, 180, 260, 290)  # he stands before it


def arrived() -> tuple[Tracker, list]:  # type: ignore[type-arg]
    """Two cars that have stood for 10 s."""
    tracker, tracks = Tracker(["car"]), []
    for number in range(100):
        tracks = tracker.update(detections(CAR, BESIDE), number * 0.1)
    return tracker, tracks


def test_single_looks_far_apart_keep_every_identity() -> None:
    tracker, tracks = arrived()
    ids, unmoved = [track.id for track in tracks], Unmoved()
    for look in range(2, 50):
        tracker.rest(unmoved.there(tracks), look * 8 - STEP)
        seen = [detections(CAR, BESIDE), detections(CAR), detections(BESIDE)][look % 3]
        tracks = tracker.update(seen, look * 8)
        assert [track.id for track in tracks] == ids
        assert all(track.missed <= STEP + 1e-6 for track in tracks)
        # Where it was, whichever the network has missed: a quarter of its width is another place.
        assert np.abs(np.stack([track.box for track in tracks]) - (CAR, BESIDE)).max() < 8


def test_what_many_looks_in_a_row_have_missed_is_not_there() -> None:
    tracker, tracks = arrived()
    unmoved, missed = Unmoved(), []
    for look in range(2, 2 + MOST + 2):
        tracker.rest(unmoved.there(tracks), look * 8 - STEP)
        tracks = tracker.update(detections(CAR), look * 8)
        missed.append(round(tracks[1].missed, 2))
    assert missed == [STEP] * (MOST + 1) + [8 + STEP]


def test_what_was_gone_before_the_picture_came_to_rest_does_not_come_back() -> None:
    tracker, _ = arrived()
    for number in range(100, 120):
        tracks = tracker.update(detections(CAR), number * 0.1)
    there = Unmoved().there(tracks)
    assert [track.box.round().tolist() for track in tracks if track.id in there] == [list(CAR)]


def test_misses_count_anew_once_it_is_looked_at_all_the_time() -> None:
    tracker, tracks = arrived()
    unmoved = Unmoved()
    for look in range(2, 2 + MOST):
        tracker.rest(unmoved.there(tracks), look * 8 - STEP)
        tracks = tracker.update(detections(CAR), look * 8)
    unmoved.looked_on()
    tracks = tracker.update(detections(CAR, BESIDE), 100)
    tracker.rest(unmoved.there(tracks), 108)
    tracks = tracker.update(detections(CAR), 108 + STEP)
    assert len(unmoved.there(tracks)) == 2


@pytest.mark.parametrize(("after", "every"), [(3.0, 5.0), (10.0, 5.0), (10.0, 8.0)])
def test_who_left_unseen_is_given_up_as_soon_as_if_all_pictures_were_looked_at(
    after: float, every: float
) -> None:
    """A car that stood has driven off between two pictures. Its place is empty: first each picture says so,
    then one every few seconds, of which nothing moved since the one before."""
    tracker, tracks = arrived()
    (gone,) = (track.id for track in tracks if track.box[0] == BESIDE[0])
    unmoved, ts, told = Unmoved(), 10.0, 0.0
    while gone in [track.id for track in tracks]:
        if ts < 10 + after:
            unmoved.looked_on()
            tracks, told, ts = tracker.update(detections(CAR), ts), ts, ts + STEP
        else:
            tracker.rest(unmoved.there(tracks), ts + every - STEP)
            tracks, told, ts = tracker.update(detections(CAR), ts + every), ts + every, ts + every + STEP
    # 20 s from when it was missed for half a second, and up to two looks.
    assert 30 < told < 30.5 + 2 * every


def test_a_look_after_a_gap_says_little_of_the_gap() -> None:
    """Where things may have moved, as at one frame in five seconds, one look is one second."""
    tracker, tracks = arrived()
    looks = 0
    while len(tracks) == 2:
        looks += 1
        tracks = tracker.update(detections(CAR), 10 + 5.0 * looks)
    assert looks == 21


def seen(*boxes: tuple[tuple[int, ...], float]) -> Detections:
    """Of one class, each with its score."""
    return Detections(
        np.array([box for box, _ in boxes], np.float32),
        np.array([score for _, score in boxes], np.float32),
        np.zeros(len(boxes), np.int32),
    )


def test_who_was_seen_doubtfully_before_something_larger_stays() -> None:
    """A doubtful box within a confident one is a part of that, if the network says so; here nobody looked."""
    tracker, unmoved = Tracker(["any"]), Unmoved()
    for number in range(30):
        tracks = tracker.update(seen((VAN, 0.9), (MAN, 0.5)), number * 0.1)
    ids = [track.id for track in tracks]
    tracker.update(seen((VAN, 0.3), (MAN, 0.3)), 3.0)
    tracks = tracker.update(seen((VAN, 0.9)), 3.1)
    tracker.rest(unmoved.there(tracks), 8.0)
    tracks = tracker.update(seen((VAN, 0.9), (MAN, 0.5)), 8.1)
    assert [track.id for track in tracks] == ids
    assert len(ids) == 2


@pytest.mark.parametrize("speed", [20, 60, 200])  # px/s, 40 x 100 px large
def test_who_halts_abruptly_is_not_taken_to_walk_on_while_nothing_moves(speed: int) -> None:
    tracker, unmoved = Tracker(["person"]), Unmoved()
    for number in range(35):
        x = 100 + speed * min(number, 30) * 0.1
        tracks = tracker.update(detections((x, 100, x + 40, 200)), number * 0.1)
    (before,) = tracks
    tracker.rest(unmoved.there(tracks), 8.0)
    (after,) = tracker.update(detections((x, 100, x + 40, 200)), 8.1)
    assert after.id == before.id
    assert after.missed == 0


def test_what_two_looks_in_a_row_find_in_one_place_is_there() -> None:
    """A parked car that shows as the day breaks: nothing moves, and each single look sees it."""
    tracker, unmoved = Tracker(["car"]), Unmoved()
    assert tracker.update(detections(CAR), 5) == []
    tracker.rest(unmoved.there([]), 10 - STEP)
    (found,) = tracker.update(detections(CAR), 10)
    assert found.box.round().tolist() == list(CAR)


def test_what_every_other_look_finds_is_nothing() -> None:
    tracker, unmoved = Tracker(["car"]), Unmoved()
    tracks: list[Track] = []
    for look in range(1, 30):
        tracker.rest(unmoved.there(tracks), look * 5 - STEP)
        tracks = tracker.update(detections(CAR) if look % 2 else detections(), look * 5)
        assert tracks == []


def test_what_creeps_unnoticed_is_still_the_same() -> None:
    """24 px large, it stood for 10 s, and then goes 2 px/s: 10 px from look to look."""
    tracker, unmoved, ids = Tracker(["any"]), Unmoved(), set()
    for number in range(100):
        tracks = tracker.update(detections((100, 100, 124, 124)), number * 0.1)
    for look in range(1, 20):
        x = 100 + 10 * look
        tracker.rest(unmoved.there(tracks), 10 + 5 * look - STEP)
        tracks = tracker.update(detections((x, 100, x + 24, 124)), 10 + 5 * look)
        ids |= {track.id for track in tracks}
    assert ids == {1}


@pytest.mark.parametrize(("speed", "size"), [(0.5, 40), (1, 40), (1, 24), (2, 24)])  # px/s, px
def test_what_creeps_is_followed_at_the_few_looks_that_are_taken(speed: float, size: int) -> None:
    """20 grey levels on its ground, as in test_stillness; a network that finds it whenever it looks."""
    stillness, unmoved, tracker = Stillness(WhenStill(3, 8)), Unmoved(), Tracker(["any"])
    noise = np.random.default_rng(1).normal(0, 0.5, (31, *CELLS)).astype(np.float32)
    still, looks, ids, tracks = None, 0, set(), list[Track]()
    for number in range(1000):
        ts, x = number / 5, 360 + speed * max(0, number / 5 - 10)
        shown = with_object(np.full(CELLS, 120, np.float32), x, 300, size, 20)
        if not stillness.wants(np.rint(shown + noise[number % 31]), ts):
            still = ts
            continue
        if still is None:
            unmoved.looked_on()
        else:
            tracker.rest(unmoved.there(tracks), still)
        tracks, still, looks = tracker.update(detections((x, 300, x + size, 300 + size)), ts), None, looks + 1
        ids |= {track.id for track in tracks}
    assert looks < 500
    assert ids == {1}
    assert tracks[0].box[0] == pytest.approx(x, abs=size / 4)
