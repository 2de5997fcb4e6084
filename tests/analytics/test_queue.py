"""Queues whose truth is known: people who walk in, stand, move up, are served, give up, or only pass."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.analytics import Blindable, Finisher, Gauged, Keeper
from edgevision.analytics.queue import (
    GAVE_UP,
    LONG_QUEUE,
    LONG_WAIT,
    SHORT_QUEUE,
    WAITED,
    WAITS_ON,
    Config,
    Queue,
)  # fmt: skip
from edgevision.core import Finding, Size
from tests.builders import track

SIZE = Size(1000, 500)
LANE = ((0.1, 0.4), (0.9, 0.4), (0.9, 0.8), (0.1, 0.8))  # 100 to 900 px, 200 to 400 px
FRONT = ((0.1, 0.4), (0.1, 0.8))  # its left end
HEIGHT = 100.0  # px, of everybody
WALK = 0.8  # heights per second: 1.4 m/s at 1.75 m

Way = Callable[[float], tuple[float, float] | None]  # where one is at a time, px; None: not in the picture


def queue(**settings: object) -> Queue:
    return Queue(Config.model_validate({"polygon": LANE, "front": FRONT, **settings}))


def way(*stops: tuple[float, float], y: float = 300.0, start: float = 0.0) -> Way:
    """Walks in from the right at `start` s to the first place (x), stands until the time, and so on."""

    def at(ts: float) -> tuple[float, float] | None:
        if ts < start:
            return None
        x, now = 1000.0, start
        for place, until in stops:
            arrived = now + abs(place - x) / (WALK * HEIGHT)
            if ts < arrived:
                return x + np.sign(place - x) * (ts - now) * WALK * HEIGHT, y
            x, now = place, max(until, arrived)
            if ts < now:
                return x, y
        return None

    return at


def play(
    watched: Queue, ways: Sequence[Way], seconds: float, fps: float = 10, noise: float = 0.01
) -> list[tuple[float, Finding]]:
    """noise: of each box's place, heights."""
    rng, found = np.random.default_rng(1), []
    for number in range(int(seconds * fps)):
        ts, tracks = number / fps, []
        for id, where in enumerate(ways, 1):
            place = where(ts)
            if place:
                x, y = place + rng.normal(0, noise * HEIGHT, 2)
                tracks.append(track(x, y, id=id, label="person", side=HEIGHT))
        found += [(ts, each) for each in watched.update(tracks, ts, SIZE)]
    return found


@pytest.mark.parametrize("fps", [2, 5, 10, 25])
def test_who_stands_waits_from_the_first_slow_moment_to_the_front(fps: float) -> None:
    """She stops at 640 px at 4.5 s, moves up at 20 s and 30 s, and leaves by the front at 40 + 1.25 s."""
    served = way((640, 20), (420, 30), (200, 40), (0, 0))
    found = play(queue(), [served], 50, fps)
    assert [each.kind for _, each in found] == [WAITED]
    assert found[0][1].value == pytest.approx(41.25 - 4.5, abs=1.0 + 1 / fps)
    assert found[0][0] == pytest.approx(41.25 + 2, abs=2 / fps)


@pytest.mark.parametrize("fps", [2, 5, 10, 25])
@pytest.mark.parametrize("noise", [0.0, 0.01, 0.03])
def test_who_walks_through_is_never_in_it(fps: float, noise: float) -> None:
    watched = queue(front=None, hold="1s")
    lengths = []
    for number in range(int(14 * fps)):
        place = way((0, 0))(number / fps)
        seen = [track(*place, side=HEIGHT)] if place else []
        assert watched.update(seen, number / fps, SIZE) == []
        lengths.append(watched.occupancy())
    assert set(lengths) == {0}
    assert play(queue(front=None), [way((0, 0)), way((0, 0), y=350, start=2)], 20, fps, noise) == []


@pytest.mark.parametrize("fps", [5, 25])
def test_who_comes_in_by_a_door_inside_it_is_not_slow_at_first(fps: float) -> None:
    walks = [lambda ts: (800 - WALK * HEIGHT * ts, 300.0) if ts > 1 else None]
    assert play(queue(front=None, hold="100ms"), walks, 12, fps, noise=0.0) == []


def test_who_goes_elsewhere_gave_up() -> None:
    back = way((500, 20), (1000, 0))
    found = play(queue(), [back], 40)
    assert [(each.kind, each.label) for _, each in found] == [(GAVE_UP, "person")]
    assert found[0][1].value == pytest.approx(20 + 400 / (WALK * HEIGHT) - 6.25, abs=1.0)


def test_who_is_lost_counts_as_served_at_the_front_only() -> None:
    near, far = way((130, 20)), way((600, 20))
    assert [each.kind for _, each in play(queue(), [near], 30)] == [WAITED]
    assert play(queue(), [far], 30) == []
    assert [each.kind for _, each in play(queue(front=None), [far], 30)] == [WAITED]


def test_length_and_the_longest_wait_now() -> None:
    watched = queue()
    assert isinstance(watched, Gauged)
    ways = [way((120 + 110 * n, 60), start=5.0 * n) for n in range(4)]
    walker = way((0, 0), y=250, start=25)
    play(watched, [*ways, walker], 30)
    # The first came to its place, 880 px from the border, at 11 s.
    assert watched.gauges() == {
        "queue_length": {(): 4},
        "queue_longest_wait_seconds": {(): pytest.approx(30 - 11, abs=1.0)},
    }
    text = watched.shape(SIZE).text
    assert text == f"4, longest {watched.longest():.0f} s"


def test_long_waits_are_told_once_and_long_queues_as_they_come_and_go() -> None:
    watched = queue(long_wait="15s", long_queue={"above": 1, "hold": "2s"})
    assert watched.kinds == (WAITED, GAVE_UP, WAITS_ON, LONG_WAIT, LONG_QUEUE, SHORT_QUEUE)
    found = play(watched, [way((300, 30), (0, 0)), way((500, 25), (1000, 0))], 45)
    kinds = [each.kind for _, each in found]
    assert sorted(kinds) == sorted([LONG_QUEUE, LONG_WAIT, LONG_WAIT, GAVE_UP, WAITED, SHORT_QUEUE])
    of = dict(zip(kinds, found, strict=True))
    assert of[LONG_QUEUE][1].track_id is None
    assert of[LONG_QUEUE][1].value == 2
    assert of[SHORT_QUEUE][1].value == 1
    assert [each.value for _, each in found if each.kind == LONG_WAIT] == pytest.approx([15, 15], abs=0.2)
    assert {each.track_id for _, each in found if each.kind == LONG_WAIT} == {1, 2}


def test_who_has_just_left_does_not_wait_until_that_is_believed() -> None:
    """She waits from 8.75 s, at the latest 9.75 s, to 32.5 s; that she left is believed at 34.5 s."""
    found = play(queue(long_wait="24s"), [way((300, 30), (0, 0))], 45)
    assert [each.kind for _, each in found] == [WAITED]
    assert 22.7 < found[0][1].value < 23.8


def test_a_limit_that_is_passed_is_drawn() -> None:
    watched = queue(long_queue={"above": 0, "hold": 0})
    play(watched, [way((300, 60))], 20)
    assert watched.shape(SIZE).text.endswith(", too long")


def test_an_identity_that_changes_in_the_queue_waits_on() -> None:
    """The tracker takes her for another from 20.5 s on: one wait, of the whole time."""
    watched, found = queue(), []
    for number in range(500):
        ts = number / 10
        place = way((400, 40), (0, 0))(ts)
        if place is None:
            seen = []
        elif ts < 20.5:
            seen = [track(*place, label="person", side=HEIGHT)]
        else:
            lost = track(400, 300, label="person", side=HEIGHT, missed=ts - 20.4)
            new = track(*place, id=2, label="person", side=HEIGHT)
            seen = [replace(new, age=ts - 20.5)] + ([lost] if ts < 22.4 else [])
        found += watched.update(seen, ts, SIZE)
        assert watched.occupancy() == 1 or not 12 < ts < 40
    assert [each.kind for each in found] == [WAITED]
    assert found[0].track_id == 2
    assert found[0].value == pytest.approx(40 + 300 / (WALK * HEIGHT) - 600 / (WALK * HEIGHT), abs=1.5)


def test_who_waits_when_a_file_ends_is_not_served() -> None:
    watched = queue()
    assert isinstance(watched, Finisher)
    play(watched, [way((300, 60))], 30)
    (found,) = watched.finish()
    assert (found.kind, found.at) == (WAITS_ON, 29.9)
    assert found.value == pytest.approx(29.9 - 700 / (WALK * HEIGHT), abs=1.0)
    assert len(watched.waits) == 0


def test_a_blind_camera_knows_no_queue_and_tells_no_wait_whose_end_it_did_not_see() -> None:
    watched = queue()
    assert isinstance(watched, Blindable)
    play(watched, [way((120, 60)), way((600, 60), y=250)], 30)
    assert watched.blind(29.9) == []
    assert watched.occupancy() is None
    assert watched.shape(SIZE).text == "?"
    assert all(np.isnan(value[()]) for value in watched.gauges().values())
    stands = track(600, 250, id=2, label="person", side=HEIGHT)
    assert (
        watched.update([stands], 100.0, SIZE) == []
    )  # the first was at the front, and nobody saw what became of it
    assert watched.occupancy() == 1
    assert watched.longest() == pytest.approx(100 - 5, abs=1.0)


def test_a_long_queue_that_began_before_the_camera_went_blind_has_to_last_anew() -> None:
    watched = queue(long_queue={"above": 0, "hold": "20s"})
    play(watched, [way((300, 60))], 25)
    watched.blind(25.0)
    stands = track(300, 300, label="person", side=HEIGHT)
    told = [second for second in range(60, 90) if watched.update([stands], float(second), SIZE)]
    assert told == [80]


def test_what_is_known_of_waits_survives_a_restart() -> None:
    before, after = (queue(long_queue={"above": 0, "hold": 0}) for _ in range(2))
    assert isinstance(before, Keeper)
    play(before, [way((300, 30), (0, 0)), way((500, 90), y=350)], 45)
    after.resume(json.loads(json.dumps(before.keep(45.0))), 0.0)
    assert (len(after.waits), after.waits.longest) == (1, before.waits.longest)
    assert after.occupancy() == 0
    assert [(each.kind, each.label) for each in after.update([], 0.1, SIZE)] == [(SHORT_QUEUE, "person")]


def test_what_the_tracker_forgot_is_forgotten() -> None:
    watched = queue(hold="1s")
    for number in range(5000):
        places = [(200 + 130 * (number // 20 % 6), id) for id in (number // 20, number // 20 + 1)]
        seen = [replace(track(x, 300, id=id + 1), age=0.0) for x, id in places]
        watched.update(seen, number * 0.1, SIZE)
        assert len(watched._paces) <= 2
        assert len(watched._waiting) <= 4


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"front": ((0.1, 0.4), (0.1, 0.4))}, "the front has no length"),
        ({"front": ((0.1, 0.4),)}, "expected two points"),
        ({"long_wait": 0}, "greater than 0"),
        ({"long_queue": {"above": 2, "below": 3}}, "`below` must not be more than `above`"),
    ],
)
def test_what_is_no_queue_is_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        queue(**settings)
