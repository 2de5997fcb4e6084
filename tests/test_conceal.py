"""What is hidden cannot be told from what it was, and nothing else is touched."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from edgevision.conceal import CELLS, LEAST_CELL, MARGIN, Redaction, conceal
from edgevision.core import Tracker
from edgevision.core.types import Mask, Region, Segmentation
from tests.builders import detections, track

HOW = ("fill", "pixelate", "blur")
BOX = (100, 60, 260, 380)  # 160 x 320 px, so that cells are 80 px, and a margin is 48


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (480, 640, 3), np.uint8)


def hide(image: np.ndarray, *regions: Region, **settings: object) -> np.ndarray:
    return conceal(image, Redaction.model_validate({"classes": ["person"], **settings}), [], regions)


def person(box: tuple[float, ...] = BOX, mask: Mask | None = None, label: str = "person") -> Region:
    return Region(label, np.array(box, np.float32), mask)


def around(box: tuple[int, ...], margin: float) -> np.ndarray:
    """(480, 640) bool: a box with a margin."""
    inside = np.zeros((480, 640), bool)
    x1, y1, x2, y2 = np.array(box) + margin * np.array([-1, -1, 1, 1])
    inside[max(0, int(y1)) : int(y2), max(0, int(x1)) : int(x2)] = True
    return inside


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's, 0 where one of them does not vary."""
    a, b = a.astype(float).ravel() - a.mean(), b.astype(float).ravel() - b.mean()
    return float((a * b).sum() / max(1e-9, np.sqrt((a * a).sum() * (b * b).sum())))


@pytest.mark.parametrize("how", HOW)
def test_nothing_of_the_original_is_left_inside_and_all_of_it_outside(how: str) -> None:
    image = noise()
    shown = hide(image, person(), how=how)
    region = around(BOX, MARGIN * 320)
    assert (shown[~region] == image[~region]).all()
    # Every pixel of noise is its own: of n in a cell, their mean tells 1 / sqrt(n) of each, here 1 %.
    assert abs(correlation(shown[region], image[region])) < 0.03
    assert (shown[region] == image[region]).mean() < 0.02
    assert (image == noise()).all()  # the frame itself is another output's too


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("side", [80, 160, 400])
def test_different_people_look_the_same(how: str, side: int) -> None:
    """Their pixels in another order within each cell leave what is shown as it is: which order it was is not
    there to be won back, be it by the best of networks."""
    rng = np.random.default_rng(1)
    image = rng.integers(0, 256, (700, 700, 3), np.uint8)
    margin = round(MARGIN * side)
    window = side + 2 * margin
    cell = window // CELLS
    assert cell * CELLS == window
    other = image.copy()
    for y in range(100, 100 + window, cell):
        for x in range(100, 100 + window, cell):
            part = other[y : y + cell, x : x + cell]
            part[:] = rng.permutation(part.reshape(-1, 3)).reshape(part.shape)
    box = (100 + margin, 100 + margin, 100 + margin + side, 100 + margin + side)
    assert (image != other)[100 : 100 + window, 100 : 100 + window].mean() > 0.9
    assert (hide(image, person(box), how=how) != hide(other, person(box), how=how)).sum() == 0


@pytest.mark.parametrize("side", [2, 8, 20, 64, 400])
def test_few_numbers_are_left(side: int) -> None:
    """No more colours than cells, of few levels; and of a small object no cell as small as its pixels."""
    box = (100, 60, 100 + side, 60 + side)
    shown = hide(noise(), person(box), how="pixelate")
    inside = shown[60 : 60 + side, 100 : 100 + side].reshape(-1, 3)
    assert len(np.unique(inside, axis=0)) <= min(CELLS**2, (1 + side * 1.3 // LEAST_CELL) ** 2)
    assert set(np.unique(inside)) <= set(range(8, 256, 16))


def test_a_mask_hides_its_own_shape_with_a_margin() -> None:
    pixels = np.zeros((320, 160), bool)
    pixels[100:220, 40:120] = True
    image = noise()
    shown = hide(image, person(mask=Mask(100, 60, pixels)))
    changed = (shown != image).any(axis=2)
    inner = around((140, 160, 220, 280), 0)
    assert changed[inner].all()
    assert not changed[~around((140, 160, 220, 280), MARGIN * 320 + 1)].any()
    assert changed[220, 140 - 40]  # beside it, within the margin
    corner = (160 - 40, 140 - 40)  # 57 px off the corner of the mask: the margin is round
    assert not changed[corner]


def test_a_mask_that_is_hardly_there_does_not_uncover_its_object() -> None:
    pixels = np.zeros((320, 160), bool)
    pixels[5:9, 5:9] = True
    shown = hide(noise(), person(mask=Mask(100, 60, pixels)))
    assert (shown[around(BOX, 0)] == shown[200, 200]).all()


def test_other_classes_stay() -> None:
    assert (hide(noise(), person(label="car")) == noise()).all()


def test_at_the_borders_of_the_picture() -> None:
    shown = hide(noise(), person((-20, -20, 30, 30)), person((620, 460, 700, 500)), person((700, 0, 720, 9)))
    assert (shown[:30, :30] == shown[0, 0]).all()
    assert (shown[465:, 625:] == shown[0, 0]).all()


@pytest.mark.parametrize("how", HOW)
def test_all_but_the_objects(how: str) -> None:
    """With a mask its very pixels stay; what is only remembered, or of another class, goes with the rest."""
    pixels = np.zeros((40, 40), bool)
    pixels[:, :20] = True
    seen, lost = track(200, 200), track(400, 200, id=2, missed=0.1)
    masked = replace(track(300, 300, id=3), mask=Mask(280, 260, pixels))
    car = track(100, 400, id=4, label="bus")
    image = noise()
    redaction = Redaction.model_validate({"classes": ["car"], "keep": True, "how": how})
    shown = conceal(image, redaction, [seen, lost, masked, car], [])
    kept = around((180, 160, 220, 200), 0) | around((280, 260, 300, 300), 0)
    assert (shown[kept] == image[kept]).all()
    assert abs(correlation(shown[~kept], image[~kept])) < 0.03
    assert (shown[~kept] == image[~kept]).mean() < 0.02


@pytest.mark.parametrize("keep", [False, True])
def test_a_map_hides_too(keep: bool) -> None:
    ids = np.zeros((480, 640), np.uint8)
    ids[100:300, 200:400] = 2
    redaction = Redaction(classes=["person"], keep=keep)
    shown = conceal(noise(), redaction, [], [], Segmentation(ids), ["road", "car", "person"])
    changed = (shown != noise()).any(axis=2)
    mapped = ids == 2
    if keep:
        assert not changed[mapped].any()
        assert changed[~mapped].mean() > 0.99
    else:
        assert changed[mapped].mean() > 0.99
        assert not changed[~around((200, 100, 400, 300), 0.01 * 640 + 1)].any()


def test_a_person_does_not_flash_when_the_network_misses_one_for_a_frame() -> None:
    """From the first sight on, before the tracker has confirmed it, and while it is missed."""
    tracker = Tracker(["person"])
    redaction = Redaction(classes=["person"])
    for number in range(20):
        x = 100 + 8 * number
        missed = number in (1, 6, 7, 13)
        found = detections() if missed else detections((x, 100, x + 60, 260))
        tracker.update(found, number / 10)
        shown = conceal(noise(), redaction, [], tracker.remembered())
        assert (shown[100:260, x : x + 60] == shown[180, x + 30]).all(), number


def test_classes_are_needed() -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        Redaction(classes=[])
