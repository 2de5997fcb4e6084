"""What is proposed, against bays whose place is known: of the drawn car park, and of plain geometry."""

from functools import cache

import numpy as np
import pytest

from edgevision.core import Detections, Tracker
from edgevision.core.types import Floats, Size
from edgevision.learn import SURE, Place, Places, Proposal, Stay, Stays, propose
from edgevision.scene.world import Scene

SECONDS = 180
STEP = 2.0  # s between two looks
PICTURE = Size(1280, 720)
LABELS = ["car", "truck", "bus", "motorcycle"]


def pixels(polygon: object, size: Size) -> np.ndarray:
    """Which points of a grid (180 x 320) over the picture lie in a convex polygon of shares 0..1."""
    corners = np.array(polygon)
    grid = np.stack(np.meshgrid(np.linspace(0, 1, 320), np.linspace(0, 1, 180)), axis=-1)
    ends = np.roll(corners, -1, axis=0)
    side = [
        (end[0] - start[0]) * (grid[..., 1] - start[1]) - (end[1] - start[1]) * (grid[..., 0] - start[0])
        for start, end in zip(corners, ends, strict=True)
    ]
    return np.asarray((np.array(side) >= 0).all(axis=0) | (np.array(side) <= 0).all(axis=0))


def overlap(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))


def matched(found: list[Proposal], bays: dict[str, object], size: Size) -> dict[str, str]:
    """Names of proposals -> names of the bays that they share more than half with; the others are missing."""
    true = {name: pixels(bay, size) for name, bay in bays.items()}
    pairs = {}
    for each in found:
        own = pixels(each.polygon, size)
        best = max(true, key=lambda name: overlap(own, true[name]))
        if overlap(own, true[best]) >= 0.5:
            pairs[each.name] = best
    return pairs


@cache
def watched(seed: int) -> tuple[Scene, list[Proposal]]:
    """A detector that misses one box in ten, and whose boxes tremble; it sees what is half hidden."""
    scene, rng, places = Scene(seed, SECONDS), np.random.default_rng(seed), Places()
    tracker, stays = Tracker(LABELS, keep=10.0), Stays(places)
    for ts in np.arange(0, SECONDS, STEP).tolist():
        truth = scene.truth(ts)
        rows = [
            row
            for row, label in enumerate(truth.labels)
            if label in LABELS and truth.visible[row] > 0.4 and rng.random() > 0.1
        ]
        boxes = truth.boxes[rows].astype(np.float64)
        boxes += rng.normal(0, 0.02, boxes.shape) * np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        ids = np.array([LABELS.index(truth.labels[row]) for row in rows], np.int32)
        seen = Detections(boxes.astype(np.float32), np.full(len(rows), 0.8, np.float32), ids)
        stays.update(tracker.update(seen, ts), ts)
    stays.finish()
    return scene, propose(places.merged(), SECONDS, Size(*scene.size))[0]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_bay_that_was_parked_in_is_found_and_nothing_else(seed: int) -> None:
    scene, found = watched(seed)
    pairs = matched(found, dict(scene.spots), Size(*scene.size))
    parked = {
        trip.spot
        for trip in scene.trips
        if trip.spot and min(trip.still[1], SECONDS) - max(trip.still[0], 0) >= 0.25 * SECONDS
    }
    assert len(pairs) == len(found)  # nothing at the barrier, where cars halt again and again
    assert len(set(pairs.values())) == len(found)
    assert parked <= set(pairs.values())


@pytest.mark.parametrize("seed", [1, 2])
def test_rows_are_named_far_to_near_and_left_to_right(seed: int) -> None:
    scene, found = watched(seed)
    pairs = matched(found, dict(scene.spots), Size(*scene.size))
    assert [each.name for each in found] == sorted(pairs)
    assert {ours[0] for ours in pairs} == {"A", "B"}
    assert [pairs[ours] for ours in sorted(pairs)] == sorted(pairs.values())
    assert all(ours[0] == theirs[0] for ours, theirs in pairs.items())


class Pole:
    """A pinhole camera: height m, pitch rad, focal length px. Not the program's own."""

    def __init__(self, height: float, pitch: float, focal: float) -> None:
        self.height, self.pitch, self.focal = height, pitch, focal

    def __call__(self, ground: Floats, up: float) -> Floats:
        x, y = ground.T
        down, ahead = np.sin(self.pitch), np.cos(self.pitch)
        deep = y * ahead + (self.height - up) * down
        high = y * down - (self.height - up) * ahead
        return np.stack([640 + self.focal * x / deep, 360 - self.focal * high / deep], axis=-1)


def row_of_cars(pole: Pole, turn: float, seed: int) -> tuple[list[Place], dict[str, object]]:
    """Two rows of six bays across an aisle, a car of random size in each; the bays as shares."""
    rng = np.random.default_rng(seed)
    c, s = np.cos(turn), np.sin(turn)
    middle = pole.height / np.tan(pole.pitch)
    places, bays = [], {}
    for row, column in np.ndindex(2, 6):
        centre = np.array([2.5 * (column - 2.5), 11.0 * (row - 0.5)])

        def corners(length: float, width: float, at: Floats = centre) -> Floats:
            flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) / 2 * (width, length) + at
            return np.asarray(flat @ np.array([[c, s], [-s, c]]) + (0, middle))

        size = rng.uniform((3.7, 1.65, 1.4), (4.9, 1.95, 1.75))
        body, roof = corners(size[0], size[1]), corners(0.6 * size[0], 0.8 * size[1])
        seen = np.concatenate([pole(body, 0.15), pole(body, 0.5 * size[2]), pole(roof, size[2])])
        box = np.concatenate([seen.min(axis=0), seen.max(axis=0)])
        places.append(Place(box, [Stay(0.0, 4000.0, box)]))
        bays[f"{'BA'[row]}{column + 1}"] = pole(corners(5.0, 2.5), 0.0) / np.array(PICTURE)
    return places, bays


@pytest.mark.parametrize(
    ("pole", "turn"),
    [
        (Pole(9, np.radians(28), 900), 0.1),
        (Pole(25, np.radians(60), 1000), 0.2),
        (Pole(40, np.radians(85), 1200), 0.0),
    ],
)
def test_bays_are_found_from_poles_roofs_and_straight_above(pole: Pole, turn: float) -> None:
    places, bays = row_of_cars(pole, turn, seed=1)
    found, dropped = propose(places, 7200.0, PICTURE)
    assert (len(found), dropped) == (12, 0)
    assert matched(found, bays, PICTURE) == {name: name for name in bays}


def standing(*stays: tuple[float, float]) -> list[Place]:
    box = np.array([600.0, 300.0, 700.0, 380.0])
    return [Place(box, [Stay(begin, end, box) for begin, end in stays])]


@pytest.mark.parametrize(
    ("stays", "proposed", "sure"),
    [
        ([(0, 7200)], True, True),  # one car, all the time
        ([(0, 600)], True, False),  # one that came and went
        ([(0, 600), (2000, 2600)], True, True),
        ([(0, 100)], False, False),
        ([(100 * n, 100 * n + 20) for n in range(60)], False, False),  # a barrier
    ],
)
def test_how_long_and_how_often_decides(stays: list[tuple[float, float]], proposed: bool, sure: bool) -> None:
    found, dropped = propose(standing(*stays), 7200.0, PICTURE)
    assert (len(found), dropped) == (int(proposed), int(not proposed))
    assert [each.confidence >= SURE for each in found] == [sure] * proposed


def test_nobody_is_sure_after_half_a_minute() -> None:
    (spot,), _ = propose(standing((0, 30)), 30.0, PICTURE)
    assert spot.confidence < SURE


def test_a_lonely_place_has_the_lower_part_of_its_box() -> None:
    (spot,), _ = propose(standing((0, 7200)), 7200.0, PICTURE)
    assert spot.rough
    assert spot.name == "A1"
    y = [point[1] * 720 for point in spot.polygon]
    assert max(y) == pytest.approx(380, abs=0.1)
    assert 300 < min(y) < 350


def test_nothing_watched_gives_nothing() -> None:
    assert propose([], 0.0, PICTURE) == ([], 0)
