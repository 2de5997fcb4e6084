"""Ways in which others are known to count wrong, each driven by the sequence that its thread describes."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from edgevision.analytics.line import IN, OUT, Config, LineCounter
from edgevision.analytics.zone import DWELL, ENTERED, LEFT, Zone
from edgevision.analytics.zone import Config as ZoneConfig
from edgevision.core import Detections, Tracker
from tests.analytics.case_tracks import PICTURE, as_tracks
from tests.analytics.line_cases import FPS, LEVEL, UNCONFIRMED, Box, Frames, path
from tests.builders import detections, track

ACROSS = {"from": (0, LEVEL / PICTURE.height), "to": (1, LEVEL / PICTURE.height), "anchor": "center"}
UPRIGHT = {"from": (0.5, 0), "to": (0.5, 1), "anchor": "center"}


def line(**settings: object) -> LineCounter:
    return LineCounter(Config.model_validate({**ACROSS, **settings}))


def count(counter: LineCounter, frames: Frames) -> tuple[int, int]:
    """In and out, given the ids."""
    for ts, tracks in as_tracks(frames):
        counter.update(tracks, ts, PICTURE)
    return counter.counts[IN], counter.counts[OUT]


def count_boxes(counter: LineCounter, frames: Sequence[Detections], fps: float) -> tuple[int, int]:
    """In and out, with our own tracker."""
    tracker = Tracker(["car"])
    for number, seen in enumerate([*frames, *[Detections.empty()] * int(3 * fps)]):
        ts = number / fps
        counter.update(tracker.update(seen, ts), ts, PICTURE)
    return counter.counts[IN], counter.counts[OUT]


@pytest.mark.parametrize("slope", [0.0, 0.15, -0.15])
def test_opendatacam_204_a_car_that_stops_on_the_line_and_changes_its_id_fifteen_times(slope: float) -> None:
    """Counted 15 times there, worst at slanted lines: its box trembles over the line, its id changes."""
    slanted = line(**{"from": (0, 0.5 - slope), "to": (1, 0.5 + slope)})
    tremble = np.random.default_rng(204).normal(0, 6, (15, 30))
    arrives = path(range(400, 500, 5), size=80, id=1)
    stands = [[Box(1 + number, 500, 500 + y, 80)] for number, ys in enumerate(tremble) for y in ys]
    goes_on = path(range(500, 620, 5), size=80, id=15)
    assert count(slanted, arrives + stands + goes_on) == (1, 0)


@pytest.mark.parametrize("below", [1, 2, 3, 5])
@pytest.mark.parametrize("above", [10, 3])
def test_supervision_2598_a_flicker_is_not_counted_in_the_other_direction(above: int, below: int) -> None:
    """An excursion shorter than the threshold counted when the box came back, as a crossing the other way."""
    settled = path([440] * 10)
    flicker = path([560] * below + [440] * above)
    assert count(line(), settled + flicker * 4) == (0, 0)


def test_supervision_2578_unconfirmed_objects_are_not_one() -> None:
    """7 and 9 became 97 and 95: all that was not confirmed yet had the id -1, on either side of the line."""
    both = [[Box(UNCONFIRMED, 500, 430 if number % 2 else 570)] for number in range(40)]
    assert count(line(), both) == (0, 0)
    boxes = [detections((480, 410, 520, 450) if n % 2 else (480, 550, 520, 590)) for n in range(40)]
    assert count_boxes(line(), boxes, FPS) == (0, 0)


def test_supervision_2578_what_is_seen_for_a_moment_only_never_counts() -> None:
    rng = np.random.default_rng(2578)
    spots = rng.uniform(100, 900, (300, 4, 2))
    boxes = [detections(*[(x - 20, y - 20, x + 20, y + 20) for x, y in frame[: n % 4]])
             for n, frame in enumerate(spots)]  # fmt: skip
    assert sum(count_boxes(line(hold="500ms"), boxes, FPS)) <= 2  # 450 boxes, some by chance near each other


def test_supervision_1838_a_box_that_straddles_the_line_all_the_time() -> None:
    """Never counted there, since its four corners are never on one side; here one point of it crosses."""
    assert count(line(), path(range(400, 601, 5), size=300)) == (1, 0)


@pytest.mark.parametrize("fps", [2, 5, 10, 30, 60])
@pytest.mark.parametrize(("unseen", "kept"), [(1.5, True), (2.8, False)])
def test_supervision_1805_memory_is_in_seconds_at_any_frame_rate(
    fps: float, unseen: float, kept: bool
) -> None:
    """lost_track_buffer is multiplied by fps / 30 there: at 5 fps an object was forgotten 6 times sooner."""
    tracker = Tracker(["car"], keep=2.0)
    car = detections((400, 400, 480, 460))
    times = np.arange(0, 10, 1 / fps)
    seen = [car if ts < 2 or ts >= 2 + unseen else Detections.empty() for ts in times]
    ids = {
        track.id
        for ts, now in zip(times, seen, strict=True)
        for track in tracker.update(now, float(ts))
        if track.missed == 0
    }
    assert len(ids) == (1 if kept else 2)


@pytest.mark.parametrize("step", [5, 15, 25, 40, 60])
def test_ultralytics_25492_fast_objects_are_counted_from_every_phase(step: int) -> None:
    """25 of 25 were counted at 5 px per frame there, 6 at 60; the boxes here are 160 px wide and 120 high."""
    for phase in np.linspace(0, 1, 6, endpoint=False):
        ys = np.arange(150 + phase * step, 850, step)
        assert count(line(), path(ys, size=120)) == (1, 0)
        boxes = [detections((420, y - 60, 580, y + 60)) for y in ys]
        assert count_boxes(line(), boxes, FPS) == (1, 0)


def test_ultralytics_25103_opposite_directions_are_told_apart() -> None:
    """Both were OUT there, where the direction was taken from the shape of a region."""
    there = [[Box(1, x, 300)] for x in range(300, 700, 10)]
    back = [[Box(2, x, 700)] for x in range(700, 300, -10)]
    together = [one + other for one, other in zip(there, back, strict=True)]
    assert count(line(**UPRIGHT), there) == (0, 1)
    assert count(line(**UPRIGHT), back) == (1, 0)
    assert count(line(**UPRIGHT), together) == (1, 1)


@pytest.mark.parametrize("seconds", [1, 150])
def test_frigate_9001_a_parked_car_behind_a_truck_is_no_new_car(seconds: int) -> None:
    """A new event each time something passed, or stopped, before it; a zone saw it leave and enter again."""
    tracker = Tracker(["car", "truck"])
    zone = Zone(ZoneConfig.model_validate({"polygon": ((0.3, 0.3), (0.6, 0.3), (0.6, 0.6), (0.3, 0.6)),
                                           "classes": ["car"]}))  # fmt: skip
    parked, ids, kinds, longest = (400.0, 400.0, 480.0, 460.0), set(), [], 0.0
    for number in range(180 + 10 * seconds):
        ts = number / 10
        step = max(number - 97, 0)  # the truck comes, and waits before the car
        x = 60.0 * (step - min(max(step - 6, 0), 10 * seconds))
        truck = (x, 300.0, x + 400, 500.0)
        there = number - 97 > 0 and x < 1000
        hidden = there and truck[0] < parked[2] and truck[2] > parked[0]
        boxes = ([] if hidden else [parked]) + ([truck] if there else [])
        classes = ([] if hidden else [0]) + ([1] if there else [])
        corners = np.array(boxes, np.float32).reshape(-1, 4)
        seen = Detections(corners, np.full(len(boxes), 0.9, np.float32), np.array(classes, np.int32))
        tracks = tracker.update(seen, ts)
        cars = [track for track in tracks if track.label == "car"]
        ids |= {track.id for track in cars}
        longest = max([longest, *(track.missed for track in cars)])
        kinds += [found.kind for found in zone.update(tracks, ts, PICTURE)]
    assert longest > seconds
    assert tracks[0].missed == 0
    assert len(ids) == 1
    assert kinds == [ENTERED]
    assert zone.occupancy() == 1


@pytest.mark.parametrize("trouble", ["hidden", "moved"])
def test_frigate_10739_who_is_hidden_for_a_moment_or_trembles_has_not_left_the_zone(trouble: str) -> None:
    """Somebody walks before a parked car, or its box trembles over the border: the zone was free at once."""
    square = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    zone = Zone(ZoneConfig.model_validate({"polygon": square, "hold": "2s"}))
    tracker, kinds, occupied = Tracker(["car"]), [], []
    for number in range(300):
        ts = number / 10
        troubled = 100 <= number < 115 or 200 <= number < 215
        box = (460.0, 560.0, 540.0, 590.0) if not troubled else (460.0, 575.0, 540.0, 605.0)
        seen = Detections.empty() if troubled and trouble == "hidden" else detections(box)
        kinds += [found.kind for found in zone.update(tracker.update(seen, ts), ts, PICTURE)]
        occupied.append(zone.occupancy())
    assert LEFT not in kinds
    assert occupied[-1] == 1
    assert set(occupied) == {0, 1}
    assert occupied.count(1) >= 270


@pytest.mark.parametrize("fps", [1, 3, 10])
@pytest.mark.parametrize(("away", "left"), [(20, []), (40, [LEFT, ENTERED])])
def test_frigate_10739_a_space_is_free_when_its_car_was_gone_for_the_hold(
    fps: int, away: int, left: list[str]
) -> None:
    """`exit_inertia` was asked for: the network loses the car for long, the tracker forgets it after 2 s, and
    what comes back has a new id. Away for less than `hold`, it has not left; for more it has, then."""
    square = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    zone = Zone(ZoneConfig.model_validate({"polygon": square, "hold": "30s"}))
    found = []
    for number in range(120 * fps):
        ts = number / fps
        if ts < 42:
            tracks = [track(500, 500, missed=max(0.0, ts - 40))]
        else:
            back = ts - 40 - away
            tracks = [replace(track(503, 498, id=2), age=back)] if back >= 0 else []
        found += [(finding.kind, ts) for finding in zone.update(tracks, ts, PICTURE)]
    assert [kind for kind, _ in found] == [ENTERED, *left]
    assert zone.occupancy() == 1
    if left:
        assert found[1][1] == pytest.approx(70, abs=1e-6)


def test_a_parked_car_that_is_hidden_for_minutes_stays_in_its_zone() -> None:
    """As long as the tracker remembers it, wherever it guesses the box to be."""
    square = ((0.4, 0.4), (0.6, 0.4), (0.6, 0.6), (0.4, 0.6))
    zone = Zone(ZoneConfig.model_validate({"polygon": square, "dwell": True}))
    for second in range(60):
        zone.update([track(500, 500)], float(second), PICTURE)
    for second in range(60, 360):
        hidden = track(500, 500 + second, missed=second - 59.0)
        assert zone.update([hidden], float(second), PICTURE) == []
        assert zone.occupancy() == 1
    assert zone.update([track(500, 500)], 360.0, PICTURE) == []
    gone = zone.update([], 400.0, PICTURE)
    assert [(f.kind, f.value) for f in gone] == [(LEFT, 0), (DWELL, 360)]


def test_bytetrack_328_nothing_grows_with_the_number_of_objects() -> None:
    """Its list of removed tracks grew for ever. 5000 objects come and go here, 20 at a time."""
    tracker, counter = Tracker(["car"], confirm=0), line()
    zone = Zone(ZoneConfig.model_validate({"polygon": ((0, 0), (1, 0), (1, 1), (0, 1))}))
    held: Callable[[], int] = lambda: len(tracker._tracks) + len(counter._passages) + len(zone._inside)  # noqa: E731
    sizes, last_id = [], 0
    for number in range(1000):
        ts = number * 0.5
        rows, columns = np.divmod(np.arange(20), 5)
        x, y = 100 + 150 * columns + 7 * (number // 4 % 2), 100 + 200 * rows + 500 * (number // 4 % 2)
        boxes = np.stack([x, y, x + 20, y + 20], axis=1).astype(np.float32)
        seen = Detections(boxes, np.full(20, 0.9, np.float32), np.zeros(20, np.int32))
        tracks = tracker.update(seen if number % 4 < 2 else Detections.empty(), ts)
        counter.update(tracks, ts, PICTURE)
        zone.update(tracks, ts, PICTURE)
        last_id = max([last_id, *(track.id for track in tracks)])
        sizes.append(held())
    assert last_id > 4000
    assert max(sizes[500:]) <= max(sizes[:500])
