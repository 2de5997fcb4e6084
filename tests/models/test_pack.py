"""What goes into the training, and what comes out of the scoring. PyTorch is not needed here."""

from pathlib import Path

import numpy as np
import pytest

from edgevision.opencv import cv2
from models.train.augment import PAD, Sample, Zoom, bend, moved, moved_pixels, place, somewhere, spoil
from models.train.labels import LABELS
from models.train.pack import Pack
from models.train.score import Judged, Known, score
from tests.models.packs import write_pack

CAR, BICYCLE = LABELS.index("car"), LABELS.index("bicycle")
EVERYTHING = np.ones(len(LABELS), bool)


def test_a_pack_gives_pictures_and_the_boxes_of_our_labels(tmp_path: Path) -> None:
    write_pack(tmp_path)
    pack = Pack(tmp_path)
    assert pack.of_split(train=True) == [0, 1, 2, 3]
    assert pack.of_split(train=False) == [4, 5]
    assert pack.image(2).shape == (180, 320, 3)
    assert pack.sets == ["street"] * 6
    labels, boxes = pack.objects(0)
    assert len(labels) == len(boxes) > 3
    assert labels[-1] == -1  # the region; the bottle before it is not ours
    assert boxes[-1].tolist() == [100, 10, 140, 30]
    assert CAR in labels
    assert [name for name, known in zip(LABELS, pack.known(0), strict=True) if not known] == ["bicycle"]


@pytest.mark.parametrize("seed", range(8))
def test_boxes_follow_the_picture_through_scaling_and_mirroring(seed: int) -> None:
    image = np.zeros((540, 960, 3), np.uint8)
    image[200:300, 400:560] = 255
    sample = Sample(image, np.array([CAR]), np.array([[400, 200, 560, 300]], np.float32), EVERYTHING)
    placed = place(sample, 416, 256, Zoom(0.6, 1.8), np.random.default_rng(seed))
    bright = np.argwhere(placed.image.min(axis=2) > 127)
    if len(placed.labels) == 0:
        assert len(bright) < 300
        return
    (y0, x0), (y1, x1) = bright.min(axis=0), bright.max(axis=0) + 1
    assert placed.boxes[0] == pytest.approx((x0, y0, x1, y1), abs=1.5)


@pytest.mark.parametrize("seed", range(8))
def test_what_a_pixel_is_moves_with_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = np.zeros((180, 320, 3), np.uint8)
    image[60:120, 100:220] = 255
    matrix = somewhere((320, 180), (256, 256), Zoom(0.7, 1.8), rng)
    nothing = Sample(image, np.zeros(0, np.int64), np.zeros((0, 4), np.float32), EVERYTHING)
    shown = moved(nothing, matrix, 256, 256).image[:, :, 0]
    pixels = moved_pixels(np.where(image[:, :, 0] > 0, 2, 0).astype(np.uint8), matrix, 256, 256)
    assert set(np.unique(pixels[shown == 255])) <= {2}
    assert set(np.unique(pixels[shown == 0])) <= {0}
    beside = (np.abs(shown.astype(int) - PAD) < 1) & (pixels != 255)
    assert beside.mean() < 0.01  # but for the blend at the picture's edge
    coarse = moved_pixels(np.where(image[:, :, 0] > 0, 2, 0).astype(np.uint8), matrix / 4, 64, 64)
    assert (coarse != pixels[2::4, 2::4]).mean() < 0.03


@pytest.mark.parametrize("seed", range(8))
def test_boxes_follow_what_a_wide_angle_lens_does(seed: int) -> None:
    """The objects are as round as the octagons that stand for them."""
    image = np.zeros((320, 320, 3), np.uint8)
    places = [(90, 80), (230, 100), (160, 240)]
    boxes = [[x - 30, y - 20, x + 30, y + 20] for x, y in places]
    for colour, (x, y) in zip(np.eye(3) * 255, places, strict=True):
        corners = [(1, 0.6), (0.6, 1), (-0.6, 1), (-1, 0.6), (-1, -0.6), (-0.6, -1), (0.6, -1), (1, -0.6)]
        outline = np.array([(x + 30 * a, y + 20 * b) for a, b in corners], np.int32)
        cv2.fillConvexPoly(image, outline, colour.tolist())
    sample = Sample(image, np.full(3, CAR), np.array(boxes, np.float32), EVERYTHING)
    bent = bend(sample, np.random.default_rng(seed))
    for channel, box in enumerate(bent.boxes):
        lit = np.argwhere(bent.image[:, :, channel] > PAD + 20)
        (y0, x0), (y1, x1) = lit.min(axis=0), lit.max(axis=0) + 1
        assert box == pytest.approx((x0, y0, x1, y1), abs=3)


def test_an_object_that_is_cut_to_a_sliver_is_not_judged() -> None:
    image = np.full((100, 100, 3), PAD, np.uint8)
    sample = Sample(image, np.array([CAR]), np.array([[0, 0, 100, 100]], np.float32), EVERYTHING)
    labels = {
        int(label)
        for seed in range(200)
        for label in place(sample, 40, 100, Zoom(3, 9), np.random.default_rng(seed)).labels
    }
    assert labels == {-1, CAR}


def test_spoiling_keeps_the_shape_and_changes_the_picture() -> None:
    image = np.random.default_rng(0).integers(0, 256, (64, 80, 3), dtype=np.uint8)
    spoilt = [spoil(image, np.random.default_rng(seed)) for seed in range(40)]
    assert {(each.shape, each.dtype) for each in spoilt} == {((64, 80, 3), np.dtype(np.uint8))}
    assert len({each.tobytes() for each in spoilt}) == 40


TRUTH = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [100, 0, 110, 10]], np.float32)


@pytest.mark.parametrize(
    ("boxes", "scores", "expected"),
    [
        ([[0, 0, 10, 10], [20, 0, 30, 10]], [0.9, 0.8], 1.0),
        ([[0, 0, 10, 10]], [0.9], 51 / 101),  # one missed: of the 101 recalls asked, 0 to 0.50 are reached
        ([[50, 50, 60, 60], [0, 0, 10, 10], [20, 0, 30, 10]], [0.9, 0.8, 0.7], 2 / 3),  # a false alarm first
        ([[100, 0, 110, 10], [0, 0, 10, 10], [20, 0, 30, 10]], [0.9, 0.8, 0.7], 1.0),  # the third is free
        ([], [], 0.0),
    ],
)
def test_the_score_of_a_picture_worked_out_by_hand(
    boxes: list[list[float]], scores: list[float], expected: float
) -> None:
    known = Known(np.full(3, CAR), TRUTH, np.array([False, False, True]), EVERYTHING)
    assert score([judged(known, boxes, scores)])["car"][0] == pytest.approx(expected)


def test_what_is_not_labelled_in_a_picture_is_not_held_against_a_network() -> None:
    blind = EVERYTHING.copy()
    blind[CAR] = False
    seen = judged(Known(np.full(3, CAR), TRUTH, np.zeros(3, bool), EVERYTHING), TRUTH.tolist(), [0.5] * 3)
    other = judged(Known(np.zeros(0, int), TRUTH[:0], np.zeros(0, bool), blind), [[0, 0, 9, 9]], [0.9])
    found = score([seen, other])
    assert set(found) == {"car"}
    assert found["car"] == pytest.approx((1.0, 1.0))


def test_a_region_frees_boxes_of_every_label() -> None:
    region = Known(np.array([CAR, -1]), TRUTH[:2], np.array([False, True]), EVERYTHING)
    assert score([judged(region, TRUTH[[1, 0]].tolist(), [0.9, 0.8])])["car"][0] == pytest.approx(1.0)


def judged(known: Known, boxes: list[list[float]], scores: list[float]) -> Judged:
    found = np.array(boxes, np.float32).reshape(-1, 4)
    return Judged(known, np.full(len(boxes), CAR), found, np.array(scores, np.float32))
