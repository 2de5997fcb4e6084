"""The tracker against truths that are known because the objects are made up here."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.core import Detections, Track, Tracker
from edgevision.core.tracker import MAX_TRACKS
from tests.builders import detections

LABELS = ["car", "truck", "person"]


def square(x: float, y: float, side: float = 40) -> list[float]:
    return [x, y, x + side, y + side]


def follow(tracker: Tracker, frames: list[Detections], rate: float = 10.0) -> list[list[Track]]:
    return [tracker.update(frame, number / rate) for number, frame in enumerate(frames)]


def ids(reports: list[list[Track]]) -> set[int]:
    return {track.id for report in reports for track in report}


@pytest.mark.parametrize("rate", [30, 10, 5, 2])
def test_one_moving_object_keeps_one_id_at_any_rate(rate: int) -> None:
    frames = [detections(square(60 * n / rate, 100)) for n in range(4 * rate)]
    reports = follow(Tracker(LABELS), frames, rate)
    assert ids(reports) == {1}
    assert reports[-1][0].box == pytest.approx(frames[-1].boxes[0], abs=2)


@pytest.mark.parametrize("rate", [30, 10, 5])
def test_a_car_that_comes_near_keeps_its_id(rate: int) -> None:
    """1.8 m wide, at 15 m/s from 50 m to 5 m, seen from 5 m above with a focal length of 800 px."""
    frames = []
    for away in np.arange(50, 5, -15 / rate):
        side, ground = 800 * 1.8 / away, 800 * 5 / away
        frames.append(detections([400 - side / 2, ground - side, 400 + side / 2, ground]))
    assert ids(follow(Tracker(LABELS), frames, rate)) == {1}


def test_two_objects_that_pass_each_other_keep_their_ids() -> None:
    frames = [detections(square(10 * n, 100), square(400 - 10 * n, 120)) for n in range(41)]
    last = {track.id: track.box[0] for track in follow(Tracker(LABELS), frames)[-1]}
    assert last == {1: pytest.approx(400, abs=3), 2: pytest.approx(0, abs=3)}


def test_an_object_is_confirmed_by_time_not_by_frames() -> None:
    for rate in (50, 20, 10, 2):
        frames = [detections(square(100, 100)) for _ in range(rate)]
        first = next(n for n, report in enumerate(follow(Tracker(LABELS), frames, rate)) if report)
        assert first / rate == pytest.approx(max(0.2, 1 / rate), abs=1 / rate)


def test_a_box_seen_once_is_never_an_object() -> None:
    frames = [detections(square(100, 100)), *[detections()] * 20]
    assert ids(follow(Tracker(LABELS), frames)) == set()


def test_the_first_report_brings_the_way_since_the_first_sight() -> None:
    reports = follow(Tracker(LABELS), [detections(square(20 * n, 100)) for n in range(6)])
    confirmed = next(report for report in reports if report)
    assert confirmed[0].trail[0] == pytest.approx([20, 140])
    assert len(confirmed[0].trail) == 3
    assert len(reports[-1][0].trail) == 1


def test_an_object_hidden_for_a_second_is_the_same_after_it() -> None:
    seen = [detections(square(8 * n, 100)) for n in range(40)]
    hidden = [detections() if 15 <= n < 25 else frame for n, frame in enumerate(seen)]
    reports = follow(Tracker(LABELS), hidden)
    assert ids(reports) == {1}
    assert reports[20][0].missed == pytest.approx(0.6)


def test_an_object_gone_for_longer_than_keep_is_forgotten() -> None:
    frames = [detections(square(100, 100))] * 5 + [detections()] * 30 + [detections(square(100, 100))] * 5
    assert ids(follow(Tracker(LABELS, keep=2.0), frames)) == {1, 2}


def test_doubtful_boxes_extend_an_object_but_begin_none() -> None:
    doubtful = [detections(square(100, 100), score=0.2)] * 30
    assert ids(follow(Tracker(LABELS, confident=0.35), doubtful)) == set()
    tracker = Tracker(LABELS, confident=0.35)
    reports = follow(tracker, [detections(square(100, 100))] * 5 + doubtful)
    assert reports[-1][0].missed == 0


def test_a_doubtful_part_of_a_confident_object_extends_no_other_object() -> None:
    """A car is hidden by a lorry whose cab looks a little like a car."""
    tracker = Tracker(LABELS)
    car = [detections(square(100 + 4 * i, 100)) for i in range(10)]
    cab = [144 + 4 * i for i in range(10)]
    lorry = [
        Detections(
            np.array([[x - 160, 80, x + 60, 180], square(x, 100)], np.float32),
            np.array([0.8, 0.2], np.float32),
            np.array([1, 0], np.int32),
        )
        for x in cab
    ]
    reports = follow(tracker, [*car, detections(square(140, 100)), *lorry])
    first = next(track for track in reports[9] if track.label == LABELS[0])
    assert all(track.missed > 0 for report in reports[12:] for track in report if track.id == first.id)


def test_the_label_is_a_vote() -> None:
    frames = [detections(square(5 * n, 100), class_id=1 if n % 3 == 0 else 0) for n in range(30)]
    reports = follow(Tracker(LABELS), frames)
    assert ids(reports) == {1}
    assert reports[-1][0].label == "car"


def test_the_label_follows_when_an_object_is_seen_as_something_else_for_seconds() -> None:
    frames = [detections(square(100, 100), class_id=2 if n < 100 else 0) for n in range(150)]
    reports = follow(Tracker(LABELS), frames)
    assert (reports[99][0].label, reports[-1][0].label) == ("person", "car")


def test_what_appears_beside_a_lost_object_of_another_class_is_another_object() -> None:
    car = [detections(square(100, 100), class_id=0)] * 10
    person = [detections(square(150, 100), class_id=2)] * 10
    assert ids(follow(Tracker(LABELS), car + person)) == {1, 2}


def test_what_appears_beside_a_lost_object_of_the_same_class_is_the_object() -> None:
    before, after = [detections(square(100, 100))] * 10, [detections(square(150, 100))] * 10
    assert ids(follow(Tracker(LABELS), [*before, *[detections()] * 5, *after])) == {1}


def test_what_appears_far_from_a_lost_object_is_another_object() -> None:
    before, after = [detections(square(100, 100))] * 10, [detections(square(200, 100))] * 10
    assert ids(follow(Tracker(LABELS), [*before, *[detections()] * 15, *after])) == {1, 2}


def test_one_object_seen_as_two_classes_is_one_object() -> None:
    twice = Detections(
        np.array([square(100, 100), square(101, 100)], np.float32),
        np.array([0.6, 0.5], np.float32),
        np.array([0, 1], np.int32),
    )
    assert ids(follow(Tracker(LABELS), [twice] * 10)) == {1}


def test_a_second_box_on_an_object_already_matched_is_not_another_object() -> None:
    first = [detections(square(100, 100))] * 5
    both = [detections(square(100, 100), [100, 100, 140, 165])] * 20  # IoU 40 / 65 = 0.62
    assert ids(follow(Tracker(LABELS), first + both)) == {1}


def test_two_trackers_share_nothing() -> None:
    frames = [detections(square(100, 100))] * 5
    assert ids(follow(Tracker(LABELS), frames)) == ids(follow(Tracker(LABELS), frames)) == {1}


def test_reset_forgets_objects_and_reuses_no_id() -> None:
    tracker = Tracker(LABELS)
    follow(tracker, [detections(square(100, 100))] * 5)
    tracker.reset()
    reports = [tracker.update(detections(square(100, 100)), 1 + n / 10) for n in range(5)]
    assert ids(reports) == {2}


def test_time_must_rise() -> None:
    tracker = Tracker(LABELS)
    tracker.update(detections(), 1.0)
    with pytest.raises(ValueError, match=r"time must rise strictly: 1.0 s came after 1.0 s"):
        tracker.update(detections(), 1.0)


@pytest.mark.parametrize("wrong", [{"confident": 0}, {"confident": 1.5}, {"keep": 0}, {"confirm": -1}])
def test_senseless_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        Tracker(LABELS, **wrong)


def test_memory_is_bounded_by_a_stated_number() -> None:
    grid = [square(60 * (n % 40), 60 * (n // 40)) for n in range(MAX_TRACKS + 200)]
    tracker = Tracker(LABELS)
    reports = follow(tracker, [detections(*grid)] * 4)
    assert len(reports[-1]) == MAX_TRACKS


@settings(max_examples=50)
@given(
    st.lists(
        st.lists(st.tuples(st.floats(0, 900), st.floats(0, 500), st.floats(1, 90)), max_size=6),
        min_size=1,
        max_size=12,
    ),
    st.floats(0.02, 1.0),
)
def test_whatever_comes_ids_are_unique_and_new_ones_rise(
    scenes: list[list[tuple[float, float, float]]], step: float
) -> None:
    tracker = Tracker(LABELS)
    highest = 0
    for number, scene in enumerate(scenes):
        report = tracker.update(detections(*[square(*box) for box in scene]), number * step)
        now = [track.id for track in report]
        assert len(set(now)) == len(now)
        assert all(track.id >= 1 and np.isfinite(track.box).all() for track in report)
        fresh = [id for id in now if id > highest]
        assert fresh == list(range(highest + 1, highest + 1 + len(fresh)))
        highest = max([highest, *now])


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_the_same_input_gives_the_same_output(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenes = [detections(*[square(*rng.uniform(0, 400, 2)) for _ in range(5)]) for _ in range(8)]
    first, second = follow(Tracker(LABELS), scenes), follow(Tracker(LABELS), scenes)
    assert [[(t.id, t.box.tolist()) for t in report] for report in first] == [
        [(t.id, t.box.tolist()) for t in report] for report in second
    ]


def test_renewed_objects_are_others_and_stay_remembered() -> None:
    tracker = Tracker(LABELS)
    seen = detections(square(100, 100), square(300, 100))
    before = ids(follow(tracker, [seen] * 6))
    tracker.renew()
    assert len(tracker.remembered()) == 2
    after = ids([tracker.update(seen, 1.0), tracker.update(detections(square(300, 100)), 1.1)])
    assert (before, after) == ({1, 2}, {3, 4})
    new = tracker.update(detections(square(100, 100), square(300, 100), square(500, 100)), 1.2)
    new = tracker.update(detections(square(500, 100)), 1.5)
    assert {track.id for track in new} == {3, 4, 5}
