import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edgevision.scene.placing import _far_to_near, bounds, place, seen
from edgevision.scene.render import Renderer
from edgevision.scene.traffic import overlap
from edgevision.scene.world import Scene
from tests.scene.scenes import renderer, scene

Floats = NDArray[np.float64]


def test_a_moment_always_looks_the_same() -> None:
    first, again = renderer(2), Renderer(Scene(2))
    later = again.frame(40.0)
    assert np.array_equal(first.frame(12.5), again.frame(12.5))
    assert np.array_equal(first.frame(40.0), later)
    assert first.frame(12.5).shape == (540, 960, 3)
    assert first.frame(12.5).dtype == np.uint8


def test_the_sensor_s_noise_changes_from_picture_to_picture() -> None:
    a, b = (renderer(2).frame(t)[:40, 400:].astype(int) for t in (12.5, 12.6))  # the still building
    assert 1.0 < np.std(a - b) < 6.0


def test_seeds_look_different() -> None:
    a, b = (renderer(seed).background.astype(int) for seed in (2, 3))
    assert np.abs(a - b).mean() > 5


@pytest.mark.parametrize("label", ["person", "car", "truck", "bus", "motorcycle"])
def test_the_box_is_the_tight_bound_of_what_is_drawn(label: str) -> None:
    worlds = (scene(seed) for seed in range(1, 21))
    world, crossing = next((w, c) for w in worlds for c in w.crossings if c.label == label)
    trip = next(t for t in world.trips if t.actor == crossing.actor and bool(t.present(crossing.t)))
    placed = place([trip], crossing.t, world.camera)
    image = np.zeros((540, 960, 3), np.uint8)
    renderer(world.seed).paint(image, placed)
    x, y, w, h = cv2.boundingRect((image.max(axis=2) > 24).astype(np.uint8))
    assert bounds(placed)[0] == pytest.approx(
        (x, y, x + w, y + h), abs=2.0
    )  # soft edges reach 1-2 px further


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_truth_calls_visible_is_to_be_seen_in_its_box(seed: int) -> None:
    drawing, world, empty = renderer(seed), scene(seed), Scene(seed)
    empty.trips = ()
    deserted = Renderer(empty)
    for t in (4.0, 21.0, 47.0):
        frame, ground = drawing.frame(t), deserted.frame(t)
        changed = cv2.absdiff(frame, ground).max(axis=2) > 20
        truth = world.truth(t)
        for box, visible in zip(truth.boxes, truth.visible, strict=True):
            x0, y0, x1, y1 = box.astype(int)
            if visible > 0.6:
                assert changed[y0:y1, x0:x1].mean() > 0.2
        brighter = cv2.subtract(frame, ground).max(axis=2) > 20  # outside the boxes there are only shadows
        for x0, y0, x1, y1 in truth.boxes.astype(int):
            brighter[max(0, y0 - 2) : y1 + 3, max(0, x0 - 2) : x1 + 3] = False
        assert not brighter.any()


def test_visible_is_the_share_of_the_silhouette_left_by_nearer_actors() -> None:
    """Compares with silhouettes that are really drawn, one actor in white and those before it in black."""
    world, drawing = scene(1), renderer(1)
    errors = []
    for t in np.arange(2.0, 60.0, 12.0):
        placed = world.placed(float(t))
        shares = seen(placed, bounds(placed), world.size)
        for i, trip in enumerate(placed.trips):
            alone, cover = np.zeros((2, 540, 960, 3), np.uint8)
            drawing.paint(alone, place([trip], float(t), world.camera))
            area = (alone.max(axis=2) > 0).sum()
            box = bounds(placed)[i]
            if area < 300 or box.min() < 1 or box[2] > 959 or box[3] > 539 or i + 1 == len(placed.trips):
                continue
            drawing.paint(cover, place(list(placed.trips[i + 1 :]), float(t), world.camera))
            left = ((alone.max(axis=2) > 0) & (cover.max(axis=2) == 0)).sum()
            errors.append(abs(left / area - shares[i]))
    assert len(errors) > 25
    assert np.mean(errors) < 0.02
    assert np.max(errors) < 0.2


rectangles = st.tuples(
    st.floats(-15, 15), st.floats(-8, 8), st.floats(0, 6.3), st.floats(0.5, 11), st.floats(0.5, 2.6)
)


@given(st.lists(rectangles, min_size=2, max_size=6), st.floats(0.7, 2.4))
def test_along_any_line_of_sight_the_nearer_is_drawn_later(
    found: list[tuple[float, ...]], angle: float
) -> None:
    kept: list[tuple[float, ...]] = []
    for one in found:  # only rectangles that do not meet
        if not any(bool(overlap(_row(one), one[3:5], _row(two), two[3:5])[0]) for two in kept):  # type: ignore[arg-type]
            kept.append(one)
    poses, sizes, eye = (
        np.array([(*k[:3], 0) for k in kept]),
        np.array([k[3:] for k in kept]),
        np.array([2.0, -25.0]),
    )
    rank = {i: place for place, i in enumerate(_far_to_near(poses, sizes, eye))}
    hits = [_hit(eye, angle, pose, size) for pose, size in zip(poses, sizes, strict=True)]
    struck = sorted((distance, rank[i]) for i, distance in enumerate(hits) if distance is not None)
    if len(kept) <= 3:  # more may hide each other in a ring, which no order can draw
        assert [place for _, place in struck] == sorted((place for _, place in struck), reverse=True)
    assert sorted(rank.values()) == list(range(len(kept)))


def _row(rectangle: tuple[float, ...]) -> Floats:
    return np.array([rectangle[:3]])


def _hit(eye: Floats, angle: float, pose: Floats, size: Floats) -> float | None:
    """Where a ray from the eye enters a rectangle, m, by the slabs of its two sides."""
    c, s = np.cos(pose[2]), np.sin(pose[2])
    turn = np.array([[c, s], [-s, c]])
    start, way = turn @ (eye - pose[:2]), turn @ (np.cos(angle), np.sin(angle))
    way = np.where(np.abs(way) < 1e-9, 1e-9, way)
    one, two = (-size / 2 - start) / way, (size / 2 - start) / way
    enter, leave = float(np.minimum(one, two).max()), float(np.maximum(one, two).min())
    return enter if 0 < enter < leave - 1e-6 else None
