"""Every fault of a view, and everything that is none, on a drawn scene whose truth is known."""

from collections.abc import Callable

import numpy as np
import pytest

from edgevision.core.types import Finding, Image
from edgevision.opencv import cv2
from edgevision.sight import ALWAYS, KINDS, Sight

WIDTH, HEIGHT = 320, 180
RNG = np.random.default_rng(0)
NOISE = np.rint(RNG.normal(0, 3, (HEIGHT + 32, WIDTH + 32, 3))).astype(np.int8)
Draw = Callable[[Image, float], Image]  # what becomes of the scene, seconds after it began


def scene(seed: int = 1, pieces: int = 60) -> Image:
    """Boxes of all sizes and greys on a slope of grey: edges everywhere, in all blocks of the picture."""
    rng = np.random.default_rng(seed)
    image = np.repeat(np.linspace(90, 170, HEIGHT)[:, None], WIDTH, axis=1).astype(np.uint8)
    for _ in range(pieces):
        corner, side = rng.uniform(-10, (WIDTH, HEIGHT)), rng.uniform(10, 60, 2)
        box = cv2.boxPoints((tuple(corner), tuple(side), rng.uniform(0, 90)))
        cv2.fillConvexPoly(image, np.rint(box).astype(np.int32), int(rng.integers(30, 230)), cv2.LINE_AA)
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)


SCENE, ANOTHER, BEYOND = scene(), scene(2), scene(9)


def noisy(image: Image, number: int) -> Image:
    y, x = np.random.default_rng(number).integers(0, 32, 2)
    noise = NOISE[y : y + HEIGHT, x : x + WIDTH]
    return np.asarray(cv2.add(image, noise, dtype=cv2.CV_8U), np.uint8)


class Watch:
    """A camera that looks at the scene."""

    def __init__(self, judged: tuple[str, ...] = KINDS) -> None:
        self.sight = Sight(judged)
        self.ts = 100.0
        self.every = 0.5  # s between pictures
        self.pictures = 0

    def see(
        self, seconds: float, draw: Draw = lambda image, t: image, *, noise: bool = True
    ) -> list[Finding]:
        found = []
        for number in range(round(seconds / self.every)):
            image = draw(SCENE, number * self.every)
            self.pictures += 1
            found += self.sight.look(noisy(image, self.pictures) if noise else image, self.ts)
            self.ts += self.every
        return found


def told(found: list[Finding]) -> list[tuple[str, float | None, float]]:
    return [(each.kind, each.at, each.value) for each in found]


def shade(light: float) -> Draw:
    return lambda image, t: cv2.convertScaleAbs(image, alpha=light)  # type: ignore[return-value]


def moved(x: float = 0, y: float = 0, turn: float = 0, zoom: float = 1) -> Draw:
    """Shifts are shares of the picture's sides; what was outside before is another scene."""

    def draw(image: Image, t: float) -> Image:
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), turn, zoom)
        matrix[:, 2] += np.array([x * WIDTH, y * HEIGHT])
        return cv2.warpAffine(
            image, matrix, (WIDTH, HEIGHT), BEYOND.copy(), borderMode=cv2.BORDER_TRANSPARENT
        )  # type: ignore[return-value]

    return draw


def cover(share: float, level: int = 90) -> Draw:
    """A hand from the left: smooth, with some light on it."""

    def draw(image: Image, t: float) -> Image:
        hand = np.linspace(level, level + 40, WIDTH).astype(np.uint8)[None, :, None]
        covered = image.copy()
        covered[:, : round(share * WIDTH)] = hand[:, : round(share * WIDTH)]
        return covered

    return draw


def blur(pixels: float) -> Draw:
    """pixels: as in a picture 1280 wide."""
    return lambda image, t: cv2.GaussianBlur(image, (0, 0), pixels / 4)  # type: ignore[return-value]


def lorry(share: float) -> Draw:
    side = scene(5, 90)[:, : round(share * WIDTH)]

    def draw(image: Image, t: float) -> Image:
        return np.hstack([side, image[:, side.shape[1] :]])

    return draw


Y, X = np.mgrid[:HEIGHT, :WIDTH]
BEAM = np.exp(-(((X - WIDTH / 2) / (0.5 * WIDTH)) ** 2 + ((Y - HEIGHT / 2) / (0.6 * HEIGHT)) ** 2))


def infrared(image: Image, t: float) -> Image:
    """Bright and dark exchanged, lit in the middle only: nothing is as it was but where the edges are."""
    dim: Image = ((255.0 - image) * BEAM[..., None]).astype(np.uint8)
    return dim


def crowd(image: Image, t: float) -> Image:
    """Eighty bodies on their ways."""
    crowded, rng = image.copy(), np.random.default_rng(3)
    for _ in range(80):
        x, y, speed, grey = rng.random(), rng.random(), rng.uniform(0.03, 0.1), int(rng.integers(0, 255))
        foot = (int(WIDTH * ((x + speed * t) % 1)), int(HEIGHT * y))
        cv2.ellipse(crowded, foot, (7, 17), 0, 0, 360, (grey, grey, grey), -1, cv2.LINE_AA)
    return crowded


def rain(image: Image, t: float) -> Image:
    wet = image.copy()
    for x, y in np.random.default_rng(int(2 * t)).integers(0, (WIDTH, HEIGHT), (300, 2)).tolist():
        cv2.line(wet, (x, y), (x + 1, y + 8), (220, 220, 220), 1, cv2.LINE_AA)
    return wet


@pytest.mark.parametrize(
    ("kind", "draw", "after"),
    [
        ("covered", cover(1.0), 10),
        ("covered", cover(0.85), 10),
        ("covered", cover(1.0, level=200), 10),
        ("dark", shade(0.03), 10),
        ("defocused", blur(5), 20),
        ("defocused", blur(8), 20),
        ("moved", moved(x=0.03), 10),
        ("moved", moved(y=-0.06), 10),
        ("moved", moved(x=-0.18), 10),
        ("moved", moved(turn=3), 10),
        ("moved", moved(turn=-6, x=0.04), 10),
        ("moved", moved(zoom=1.1), 10),
        ("moved", lambda image, t: ANOTHER, 40),
    ],
)
def test_a_fault_is_told_once_it_has_lasted_and_so_is_its_end(kind: str, draw: Draw, after: float) -> None:
    watch = Watch()
    assert watch.see(20) == []
    began = watch.ts
    first = watch.see(after + 3, draw)
    assert [each.kind for each in first] == [kind]
    assert first[0].at == pytest.approx(began, abs=10)
    assert watch.sight.state == kind
    ended = watch.ts
    (last,) = watch.see(5)
    assert (last.kind, last.at) == ("clear", ended)
    assert last.value == pytest.approx(ended - (first[0].at or 0))
    assert watch.see(20) == []


@pytest.mark.parametrize(
    "draw",
    [
        lorry(0.6),
        cover(0.6),
        crowd,
        rain,
        infrared,
        shade(0.3),
        shade(1.6),
        blur(1),
        moved(x=0.005),
        lambda image, t: shade(1.9)(image, t) if t % 4 < 1 else image,
        lambda image, t: moved(x=0.01 * float(np.sin(6 * t)))(image, t),
    ],
)
def test_what_is_no_fault(draw: Draw) -> None:
    watch = Watch()
    assert watch.see(15) + watch.see(45, draw) + watch.see(5) == []


@pytest.mark.parametrize("draw", [cover(1.0), shade(0.0), moved(x=0.1), blur(8), lorry(1.0)])
def test_what_does_not_last_is_none(draw: Draw) -> None:
    watch = Watch()
    for _ in range(3):
        assert watch.see(12) + watch.see(9, draw) == []


def test_a_picture_that_stands_still_is_frozen_after_a_minute_and_no_longer_than_it_does() -> None:
    watch = Watch()
    watch.see(20)
    began = watch.ts
    assert told(watch.see(63, noise=False)) == [("frozen", began, 0.0)]
    ended = watch.ts
    assert told(watch.see(1)) == [("clear", ended, ended - began)]


def test_one_pixel_value_that_changes_is_enough_not_to_be_frozen() -> None:
    watch = Watch()
    watch.see(20)

    def ticking(image: Image, t: float) -> Image:
        changed = image.copy()
        changed[8, 8, 0] = int(2 * t) % 200
        return changed

    assert watch.see(130, ticking, noise=False) == []


def test_time_without_pictures_is_no_time_in_which_anything_lasted() -> None:
    watch = Watch()
    watch.see(20)
    watch.see(2, cover(1.0))
    watch.ts += 600
    assert watch.see(2, cover(1.0)) == []
    assert [each.kind for each in watch.see(10, cover(1.0))] == ["covered"]


def test_the_view_follows_the_light_from_day_to_night_and_back() -> None:
    """Ten minutes to a twentieth of the light, under two lamps, and ten back."""
    watch = Watch()

    def dusk(image: Image, t: float, back: bool) -> Image:
        share = t / 600 if back else 1 - t / 600
        dark = cv2.convertScaleAbs(image, alpha=0.05 + 0.95 * share)
        for x, y in ((60, 30), (250, 45)):
            cv2.circle(dark, (x, y), 13, (250, 250, 250), -1, cv2.LINE_AA)
        return np.asarray(dark, np.uint8)

    assert watch.see(20) == []
    watch.every = 2.0
    assert watch.see(600, lambda image, t: dusk(image, t, back=False)) == []
    assert watch.see(600, lambda image, t: dusk(image, t, back=True)) == []


def test_a_night_with_lamps_is_not_dark() -> None:
    def lamps(image: Image, t: float) -> Image:
        night = np.zeros_like(image)
        for x in (50, 150, 250):
            cv2.circle(night, (x, 40), 8, (230, 230, 230), -1, cv2.LINE_AA)
        return night

    assert Watch().see(60, lamps) == []


def test_a_moved_view_stays_so_until_it_is_back() -> None:
    watch = Watch()
    watch.see(20)
    assert [each.kind for each in watch.see(20, moved(x=0.1))] == ["moved"]
    watch.ts += 4000  # no pictures for an hour
    assert watch.see(40, moved(x=0.1)) == []
    assert watch.sight.state == "moved"
    assert [each.kind for each in watch.see(5)] == ["clear"]


def test_another_scene_after_a_long_absence_proves_nothing() -> None:
    """It may be night by now. But what is found elsewhere is moved."""
    watch = Watch()
    watch.see(20)
    watch.ts += 4000
    assert watch.see(45, lambda image, t: ANOTHER) == []
    watch = Watch()
    watch.see(20)
    watch.ts += 4000
    assert [each.kind for each in watch.see(20, moved(y=0.1))] == ["moved"]


def test_one_fault_may_follow_another() -> None:
    watch = Watch()
    watch.see(20)
    began = watch.ts
    kinds = [each.kind for each in watch.see(15, cover(1.0)) + watch.see(15, moved(x=0.1))]
    assert kinds == ["covered", "moved"]
    (last,) = watch.see(5)
    assert (last.kind, last.value) == ("clear", 30.0)
    assert last.at == began + 30


@pytest.mark.parametrize("kind", KINDS)
def test_only_what_is_asked_for_is_told(kind: str) -> None:
    watch = Watch(tuple(each for each in KINDS if each != kind))
    watch.see(20)
    found = watch.see(15, cover(1.0)) + watch.see(5) + watch.see(15, shade(0.0)) + watch.see(5)
    found += watch.see(25, blur(8)) + watch.see(5) + watch.see(65, noise=False) + watch.see(5)
    found += watch.see(15, moved(x=0.1))
    assert {each.kind for each in found} == {*KINDS, "clear"} - {kind}


def test_a_film_that_is_cut_together_is_no_fault() -> None:
    watch = Watch(ALWAYS)
    for image in (SCENE, ANOTHER, scene(3)):
        assert watch.see(40, lambda _, t, image=image: image) == []  # type: ignore[misc]
    assert [each.kind for each in watch.see(12, cover(1.0))] == ["covered"]


def test_asphalt_alone_tells_no_place() -> None:
    """Where there are hardly any edges nothing is said of a view that moves; a blank picture is covered."""
    plain = np.full_like(SCENE, 120)
    plain[::20] = 126
    plain[:90, :30] = 40
    watch = Watch()
    watch.see(20, lambda image, t: plain)
    assert watch.see(60, lambda image, t: np.roll(plain, 50, axis=1)) == []


def test_a_camera_that_is_covered_from_the_start() -> None:
    watch = Watch()
    assert [each.kind for each in watch.see(12, cover(1.0))] == ["covered"]
    assert [each.kind for each in watch.see(5)] == ["clear"]


def test_a_picture_of_another_size_is_another_view() -> None:
    watch = Watch()
    watch.see(20)
    assert watch.see(60, lambda image, t: np.ascontiguousarray(ANOTHER[:, :150]), noise=False) == []


@pytest.mark.parametrize("fps", [0.2, 1, 7, 30])
def test_the_frame_rate_changes_nothing_but_the_time_it_takes(fps: float) -> None:
    sight, ts = Sight(KINDS), 0.0
    began = 110 if fps < 1 else 20
    told: list[Finding] = []
    while ts < began + 60 and not told:
        image = SCENE if ts < began else cover(1.0)(SCENE, 0)
        told = sight.look(noisy(image, round(ts * fps)), ts)
        ts += 1 / fps
    assert told[0].kind == "covered"
    assert told[0].at == pytest.approx(began, abs=0.5 + 1 / fps)
    assert ts - began == pytest.approx(10 if fps >= 0.5 else 10 * 0.5 / fps, abs=5.5)
