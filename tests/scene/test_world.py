from collections import Counter
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgevision.scene.traffic import GATE_X, Trip
from edgevision.scene.world import LABELS, Crossing, Scene
from tests.scene.scenes import SEEDS, scene

Floats = NDArray[np.float64]
MOMENTS = np.arange(0.0, 60.0, 0.1)


def side(world: Scene, trip: Trip, t: float) -> float:
    """Above 0 on the right-hand side of the gate as drawn, seen from its first end; y points down."""
    x, y = trip.pose(t)[:2]
    pixels, _ = world.camera.project(np.array([[x, y, 0.0]]))
    (ax, ay), (bx, by) = np.array(world.gate) * world.size
    return float((bx - ax) * (pixels[0, 1] - ay) - (by - ay) * (pixels[0, 0] - ax))


def trip_of(world: Scene, crossing: Crossing) -> Trip:
    return next(t for t in world.trips if t.actor == crossing.actor and bool(t.present(crossing.t)))


def foot_distance(world: Scene, box: Floats) -> float:
    """Bottom centre of a box to the gate line, in heights of the box; above 0 on the right-hand side."""
    (ax, ay), (bx, by) = np.array(world.gate) * world.size
    x, y = (box[0] + box[2]) / 2, box[3]
    apart = ((bx - ax) * (y - ay) - (by - ay) * (x - ax)) / np.hypot(bx - ax, by - ay)
    return float(apart / (box[3] - box[1]))


@pytest.mark.parametrize("seed", SEEDS)
def test_crossings_go_from_one_side_of_the_gate_to_the_other(seed: int) -> None:
    world = scene(seed)
    for crossing in world.crossings:
        trip, sign = trip_of(world, crossing), 1 if crossing.direction == "in" else -1
        assert side(world, trip, crossing.t) == pytest.approx(0, abs=60)  # 60 px2 are 0.3 px beside the line
        assert sign * side(world, trip, crossing.t - 0.2) < 0 < sign * side(world, trip, crossing.t + 0.2)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_crossing_is_missing(seed: int) -> None:
    world = scene(seed)
    for trip in world.trips:
        known = [c for c in world.crossings if c.actor == trip.actor and bool(trip.present(c.t))]
        times = MOMENTS[trip.present(MOMENTS)]
        beside = trip.pose(times)[:, 0] < GATE_X
        near = np.abs(trip.pose(times)[:, 1]) < 6  # on the road or the footpath beside it
        changes = np.flatnonzero((beside[1:] != beside[:-1]) & near[1:])
        assert len(known) == len(changes)


@pytest.mark.parametrize("seed", SEEDS)
def test_traffic_of_every_minute_has_what_a_counter_must_cope_with(seed: int) -> None:
    world = scene(seed)
    vehicles = [c for c in world.crossings if c.label != "person"]
    ways = Counter(c.direction for c in vehicles)
    kinds = {c.label for c in world.crossings}
    assert ways["in"] >= 5
    assert ways["out"] >= 3
    assert kinds >= {"person", "car", "motorcycle"}
    assert kinds & {"truck", "bus"}
    assert all(c.t > 1.5 for c in vehicles), "the first vehicle is seen for a while before it crosses"
    assert any(on_the_line(world, c) for c in vehicles if c.label == "car")
    assert any(turned_away(trip) for trip in world.trips)


def on_the_line(world: Scene, crossing: Crossing) -> bool:
    """Whether a vehicle stood for 3-6 s with its box's bottom centre on the line."""
    trip = trip_of(world, crossing)
    x = trip.pose(MOMENTS)[:, 0]
    still = MOMENTS[:-1][
        (np.abs(np.diff(x)) < 1e-9) & (np.abs(x[:-1] - GATE_X) < 2) & trip.present(MOMENTS[:-1])
    ]
    if not 3.0 <= len(still) * 0.1 <= 6.0:
        return False
    truth = world.truth(float(still[10]))
    box = truth.boxes[list(truth.ids).index(crossing.actor)]
    return abs(foot_distance(world, box.astype(np.float64))) < 0.03


def turned_away(trip: Trip) -> bool:
    """Whether a vehicle halted less than 6 m before the gate and left where it came from."""
    x = trip.poses[:, 0]
    return bool(x[0] < -18 and x[-1] < -18 and GATE_X - 6 < x.max() + trip.shape.size[0] / 2 < GATE_X)


@pytest.mark.parametrize("seed", SEEDS)
def test_vehicles_never_meet(seed: int) -> None:
    vehicles = [trip for trip in scene(seed).trips if trip.shape.label != "person"]
    for t in np.arange(0.0, 60.0, 0.25):
        here = [trip for trip in vehicles if bool(trip.present(t))]
        poses = np.array([trip.pose(float(t)) for trip in here])
        reach = np.array([np.hypot(*trip.shape.size[:2]) / 2 for trip in here])
        gaps = np.hypot(*(poses[:, None, :2] - poses[None, :, :2]).transpose(2, 0, 1))
        moving = [trip.times[0] < t < trip.times[-1] for trip in here]
        for i, j in np.argwhere(np.triu(gaps < reach[:, None] + reach, 1)):
            if moving[i] or moving[j] or t == 0:
                assert not meet(here[i], poses[i], here[j], poses[j]), (t, here[i].actor, here[j].actor)


def meet(a: Trip, a_pose: Floats, b: Trip, b_pose: Floats) -> bool:
    """OpenCV's opinion on two rectangles on the ground."""
    one, two = (
        ((float(pose[0]), float(pose[1])), trip.shape.size[:2], float(np.degrees(pose[2])))
        for trip, pose in ((a, a_pose), (b, b_pose))
    )
    kind, _ = cv2.rotatedRectangleIntersection(one, two)
    return bool(kind != cv2.INTERSECT_NONE)


@pytest.mark.parametrize("seed", SEEDS)
def test_movements_are_smooth_and_of_the_size_seen_on_car_parks(seed: int) -> None:
    for trip in scene(seed).trips:
        if len(trip.times) < 2:
            continue
        times = np.arange(trip.times[0], trip.times[-1], 0.2)
        steps = np.diff(trip.pose(times), axis=0)
        speed = np.hypot(steps[:, 0], steps[:, 1]) / 0.2
        turn = np.abs(steps[:, 2]) / 0.2
        low, high = (1.0, 1.6) if trip.shape.label == "person" else (3.5, 6.0)
        assert low < speed.max() < high
        assert np.abs(np.diff(speed)).max() / 0.2 < 2.5, "m/s2"
        assert turn.max() < 1.5, "rad/s"


@pytest.mark.parametrize("seed", SEEDS)
def test_vehicles_get_clear_of_the_gate_while_in_full_view(seed: int) -> None:
    world = scene(seed)
    distances: dict[int, list[tuple[float, float]]] = {}
    for t in np.arange(0.0, 64.0, 0.5):
        truth = world.truth(float(t))
        for actor, box, visible in zip(truth.ids, truth.boxes, truth.visible, strict=True):
            if visible > 0.8:
                distances.setdefault(int(actor), []).append((t, foot_distance(world, box.astype(np.float64))))
    for crossing in world.crossings:
        sign = 1 if crossing.direction == "in" else -1
        before = [-sign * d for t, d in distances[crossing.actor] if t < crossing.t]
        after = [sign * d for t, d in distances[crossing.actor] if t > crossing.t]
        assert max(before) > 0.5, crossing
        assert max(after) > 0.5, crossing


@pytest.mark.parametrize("seed", [*SEEDS, 32])
def test_nobody_is_at_the_gate_when_the_minute_ends(seed: int) -> None:
    """In scene 32 somebody once crossed in the last tenth of a second, which no counter can have believed."""
    for trip in scene(seed).trips:
        x, y = trip.pose(60.0)[:2]
        if bool(trip.present(60.0)) and abs(y) < 6:
            assert abs(x - GATE_X) > trip.shape.size[0] / 2 + 1.0


@pytest.mark.parametrize("seed", SEEDS)
def test_occupied_spots_are_those_with_a_standing_car_in_them(seed: int) -> None:
    world = scene(seed)
    for t in np.arange(0.05, 60.0, 1.9):
        truth = dict.fromkeys(world.spots, False)
        for trip in world.trips:
            now, soon = trip.pose(t), trip.pose(t + 0.02)
            if bool(trip.present(t)) and trip.shape.label == "car" and np.allclose(now, soon, atol=1e-9):
                pixels, _ = world.camera.project(np.array([[*now[:2], 0.0]]))
                for spot, polygon in world.spots.items():
                    truth[spot] |= inside(polygon, pixels[0] / world.size)
        assert world.occupied(float(t)) == truth


def inside(polygon: tuple[tuple[float, float], ...], point: Floats) -> bool:
    """OpenCV's opinion on a point; coordinates are scaled, as it works in float32."""
    ring = (np.array(polygon) * 1000).astype(np.float32)
    return cv2.pointPolygonTest(ring, (float(point[0]) * 1000, float(point[1]) * 1000), False) >= 0


@pytest.mark.parametrize("seed", SEEDS)
def test_cars_come_to_the_spots_and_leave_them(seed: int) -> None:
    states = [scene(seed).occupied(t / 2) for t in range(120)]
    changes = {(a[spot], b[spot]) for a, b in pairwise(states) for spot in a if a[spot] != b[spot]}
    assert changes == {(False, True), (True, False)}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_foot_of_a_parked_car_stands_in_its_spot(seed: int) -> None:
    world = scene(seed)
    truth = world.truth(0.0)
    for trip in world.trips:
        if trip.spot and trip.still[0] == -np.inf:
            box = truth.boxes[list(truth.ids).index(trip.actor)]
            foot = np.array([(box[0] + box[2]) / 2, box[3]]) / world.size
            assert [spot for spot, ring in world.spots.items() if inside(ring, foot)] == [trip.spot]


@pytest.mark.parametrize("seed", SEEDS)
def test_places_lie_in_the_picture(seed: int) -> None:
    world = scene(seed)
    for places in (world.gate, world.lot, *world.spots.values()):
        assert np.min(places) >= 0
        assert np.max(places) <= 1 + 1e-9
    assert sorted(world.spots) == [f"A{i}" for i in range(1, 9)] + [f"B{i}" for i in range(1, 5)]


def test_something_is_hidden_behind_a_tall_vehicle() -> None:
    hidden = 0
    for seed in SEEDS:
        for t in range(60):
            truth = scene(seed).truth(float(t))
            tall = [
                b for b, label in zip(truth.boxes, truth.labels, strict=True) if label in ("truck", "bus")
            ]
            for box, visible in zip(truth.boxes, truth.visible, strict=True):
                middle = (box[:2] + box[2:]) / 2
                covered = any((b[:2] < middle).all() and (middle < b[2:]).all() for b in tall)
                hidden += bool(visible < 0.4 and covered)
    assert hidden >= 20


@given(st.integers(0, 2**31), st.floats(0, 20))
@settings(max_examples=4, deadline=None)
def test_truth_is_well_formed_and_repeatable(seed: int, t: float) -> None:
    truth, again = Scene(seed, 20.0).truth(t), Scene(seed, 20.0).truth(t)
    assert truth.ids.dtype == np.int32
    assert (np.diff(truth.ids) > 0).all()
    assert len(truth.ids) == len(truth.labels) == len(truth.boxes) == len(truth.visible)
    assert set(truth.labels) <= set(LABELS)
    assert (truth.boxes[:, :2] < truth.boxes[:, 2:]).all()
    assert truth.boxes.min() >= 0
    assert (truth.boxes <= (960, 540, 960, 540)).all()
    assert ((truth.visible >= 0) & (truth.visible <= 1)).all()
    assert np.array_equal(truth.boxes, again.boxes)
    assert np.array_equal(truth.visible, again.visible)


def test_a_longer_scene_begins_like_a_shorter_one_and_goes_on() -> None:
    longer = Scene(3, seconds=150.0)
    assert [c for c in longer.crossings if c.t <= 60] == list(scene(3).crossings)
    later = [c for c in longer.crossings if 60 < c.t <= 120 and c.label != "person"]
    assert len(later) >= 8


def test_seeds_differ_and_truth_does_not_depend_on_the_order_of_questions() -> None:
    world = Scene(7)
    forth = [world.truth(float(t)).boxes for t in (5, 30, 50)]
    back = [world.truth(float(t)).boxes for t in (50, 30, 5)][::-1]
    assert all(np.array_equal(a, b) for a, b in zip(forth, back, strict=True))
    assert scene(7).crossings == world.crossings
    orders = {tuple((c.label, c.direction) for c in scene(seed).crossings) for seed in SEEDS}
    assert len(orders) > 0.8 * len(SEEDS)


def test_sizes_only_scale_the_picture() -> None:
    small = Scene(5, size=(480, 270))
    assert np.allclose(small.gate, scene(5).gate)
    assert np.allclose(small.truth(12.0).boxes * 2, scene(5).truth(12.0).boxes, atol=1e-3)
    assert [c.actor for c in small.crossings] == [c.actor for c in scene(5).crossings]
