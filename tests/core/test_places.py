"""What stands and is hidden keeps its identity, nobody else gets it, and no ghost stays behind."""

import numpy as np
import pytest

from edgevision.core import Tracker
from edgevision.core import places as module
from edgevision.core.places import AVERAGED, EMPTY, RETURNS, STANDS
from edgevision.core.tracker import MAX_TRACKS
from tests.builders import detections
from tests.core.street import CAR, LABELS, TRUCK, Record, Thing, drives, stands, stops, watch

SCALE = (CAR[0] * CAR[1]) ** 0.5
PLACE = 600.0
PARKED = Thing("parked", stands(PLACE))


def lorry(start: float, seconds: float) -> Thing:
    return Thing("lorry", stops(start, PLACE + 20, seconds), TRUCK, depth=1, class_id=1)


def reported(record: Record, id: int, at: float) -> float | None:
    """For how long the object was not seen, at `at` s; None if it is not reported."""
    tracks = next(tracks for ts, tracks in record.reports if ts >= at - 1e-6)
    return next((track.missed for track in tracks if track.id == id), None)


@pytest.mark.parametrize("fps", [2, 5, 10])
@pytest.mark.parametrize("missed", [0.0, 0.3])
def test_a_parked_car_is_the_same_after_a_minute_behind_a_lorry(fps: float, missed: float) -> None:
    record = watch([PARKED, lorry(8, 60)], 78, Tracker(LABELS), fps=fps, missed=missed)
    assert record.ids("parked", after=74) == record.ids("parked") == {1}
    hidden = reported(record, 1, at=60)
    assert hidden is not None
    assert hidden == pytest.approx(50, abs=2)
    boxes = [track.box for ts, tracks in record.reports for track in tracks if track.id == 1 and ts > 2]
    assert np.ptp(boxes, axis=0)[[1, 2, 3]].max() < 0.2 * SCALE


@pytest.mark.parametrize(
    ("speed", "fps"), [(60, 10), (60, 5), (250, 10), (250, 5), (600, 25), (600, 10), (600, 5)]
)
def test_cars_that_pass_before_it_do_not_take_its_identity(speed: float, fps: float) -> None:
    passing = [Thing(f"passing {n}", drives(7 + 3 * n, speed), depth=1) for n in range(4)]
    record = watch([PARKED, *passing], 20 + 800 / speed, Tracker(LABELS), fps=fps)
    assert record.ids("parked") == {1}
    far = [id for _, name, x, id in record.sightings if name != "parked" and abs(x - PLACE) > SCALE]
    assert 1 not in far
    if speed / fps < SCALE / 2:  # beyond that they are too fast to be followed
        assert [len(record.ids(each.name)) for each in passing] == [1] * 4


def test_what_is_first_seen_in_its_place_but_drives_on_is_another() -> None:
    """It comes out from behind the lorry, just where the parked car was; that one left unseen."""
    parked = Thing("parked", lambda ts: PLACE if ts < 20 else None)
    lorry = Thing("lorry", lambda ts: PLACE + 20 if 10 < ts < 30 else None, TRUCK, depth=1, class_id=1)
    car = Thing("car", lambda ts: PLACE - 20 + 80 * (ts - 30) if 30 <= ts < 36 else None)
    record = watch([parked, lorry, car], 36, Tracker(LABELS))
    assert record.ids("parked") == {1}
    assert record.ids("car", after=30 + RETURNS) == {3}


def test_a_car_that_was_seen_to_leave_leaves_nothing_behind() -> None:
    leaving = Thing("leaving", lambda ts: PLACE + 75 * max(ts - 10, 0) ** 2 if ts < 13 else None)
    coming = Thing("coming", lambda ts: PLACE - 20 * max(30 - ts, 0) ** 2 if ts > 25 else None)
    record = watch([leaving, coming], 40, Tracker(LABELS))
    assert record.ids("leaving") == {1}
    assert record.ids("coming") == {2}
    assert reported(record, 1, at=16) is None


def test_a_car_that_left_unseen_is_forgotten_once_its_place_was_seen_empty() -> None:
    gone = Thing("gone", lambda ts: PLACE if ts < 15 else None)
    record = watch([gone, lorry(8, 20)], 60, Tracker(LABELS))
    leaves = (
        8 + (PLACE + 320) / 400 + 20 + (TRUCK[0] / 2 + CAR[0] / 2) / 400
    )  # the lorry is clear of the place
    assert reported(record, 1, at=leaves + EMPTY - 2) is not None
    assert reported(record, 1, at=leaves + EMPTY + 2) is None


def test_a_car_that_parks_where_one_left_unseen_is_another_and_replaces_it() -> None:
    gone = Thing("gone", lambda ts: PLACE if ts < 15 else None)
    coming = Thing("coming", lambda ts: PLACE - 20 * max(40 - ts, 0) ** 2 if ts > 35 else None)
    record = watch([gone, lorry(8, 20), coming], 60, Tracker(LABELS))
    assert record.ids("gone") == {1}
    assert record.ids("coming").isdisjoint({1, 2})
    assert len(record.ids("coming")) == 1
    assert reported(record, 1, at=40 + STANDS + 3) is None


@pytest.mark.parametrize(("seconds", "kept"), [(EMPTY - 8, True), (EMPTY + 8, False)])
def test_what_the_network_misses_for_a_while_is_the_same_at_once(seconds: float, kept: bool) -> None:
    row = [Thing(f"car {n}", stands(150 + 140 * n)) for n in range(6)]
    end = 10 + seconds
    record = watch(row, end + 5, Tracker(LABELS), blind=lambda ts: 10 <= ts < end)
    same = [record.ids(car.name, after=end) == record.ids(car.name) for car in row]
    assert same == [kept] * 6
    assert record.ids("car 0") == ({1} if kept else {1, *record.ids("car 0", after=end)})
    if kept:
        assert {ts for ts, _, _, _ in record.sightings if end <= ts < end + 0.15}


@pytest.mark.parametrize(("remember", "kept"), [(0, False), (20, False), (60, True)])
def test_how_long_it_is_remembered_can_be_said(remember: float, kept: bool) -> None:
    record = watch([PARKED, lorry(8, 30)], 48, Tracker(LABELS, remember=remember), fps=5)
    assert (record.ids("parked") == {1}) == kept


def test_what_moves_is_not_waited_for() -> None:
    record = watch([Thing("car", drives(0, 40))], 15, Tracker(LABELS), blind=lambda ts: ts > 10)
    assert reported(record, 1, at=11.5) is not None
    assert reported(record, 1, at=12.5) is None


def test_a_negative_time_to_remember_is_refused() -> None:
    with pytest.raises(ValueError, match=r"remember >= 0 s, got 0\.2, 2\.0 and -1"):
        Tracker(LABELS, remember=-1)


def test_its_place_is_the_mean_of_its_boxes_and_not_of_parts_of_it() -> None:
    box = np.array([[100, 100, 200, 160]], np.float32)
    table, rows = module.start(box, 0.0), np.array([0])
    rng = np.random.default_rng(0)
    seen = box + rng.normal(0, 3, (200, 4)).astype(np.float32)
    for number, each in enumerate(seen, start=1):
        module.settle(table, rows, each[None], np.array([0.1]), number / 10)
    assert table.rest[0] == pytest.approx(np.mean(seen, axis=0), abs=0.5)
    before = table.rest.copy()
    for number in range(300):
        module.settle(
            table, rows, np.array([[100, 100, 160, 160]], np.float32), np.array([0.1]), 20 + number / 10
        )
    assert (table.rest == before).all()
    assert table.still[0] == 0
    module.settle(table, rows, box + 40, np.array([0.1]), AVERAGED)
    assert table.still[0] == AVERAGED


def test_memory_of_places_is_within_the_stated_bound() -> None:
    """1400 cars stand somewhere, 700 of them hidden: the longest unseen are forgotten."""
    grid = np.array([(60 * (n % 40), 60 * (n // 40)) for n in range(1400)], np.float32)
    boxes = np.hstack([grid, grid + 40])
    tracker, most = Tracker(LABELS), 0
    for frame in range(40):
        half = boxes[:700] if frame < 20 else boxes[700:]
        tracks = tracker.update(detections(*half), frame / 2)
        most = max(most, len(tracker._tracks))
    assert most <= MAX_TRACKS + 700  # before it forgets, there are the new ones of one frame
    assert len(tracks) == MAX_TRACKS
    assert sum(track.missed == 0 for track in tracks) == 700
