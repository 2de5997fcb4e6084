"""Tiles and their seams, against pictures of which it is known what is in them."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgevision.core.boxes import iou_matrix
from edgevision.core.types import Detections, Size
from edgevision.inference.detector import load_detector
from edgevision.inference.seams import merge
from edgevision.inference.settings import ModelSettings
from edgevision.inference.tiles import Tiles, View, read_tiles, views_of
from edgevision.opencv import cv2
from tests.blobs import Blobs, Box, connected, drawn, scattered
from tests.builders import detections

HD = Size(1920, 1080)


def look(blobs: Blobs, image: np.ndarray, tiles: Tiles) -> Detections:
    preprocess = blobs.preprocessor()

    def see(view: View) -> Detections:
        tensor, placement = preprocess(view.of(image))
        return blobs.decode(blobs.infer(tensor), placement)

    return merge(
        (view, see(view)) for view in views_of(Size(image.shape[1], image.shape[0]), tiles, blobs.input.size)
    )


def as_set(found: Detections) -> list[tuple[float, ...]]:
    return sorted(tuple(box) for box in found.boxes.tolist())


def test_tiles_cover_the_frame_and_overlap_as_asked() -> None:
    views = views_of(HD, Tiles(columns=3, rows=2, overlap=0.2), Size(640, 640))
    assert views[0][:4] == (0, 0, 1920, 1080)
    tiles = views[1:]
    # 3 widths less 2 overlaps of a fifth of a width are 1920; 2 heights less one are 1080
    assert {(v.right - v.left, v.bottom - v.top) for v in tiles} == {(739, 600)}
    assert [v.left for v in tiles[:3]] == [0, 590, 1181]
    assert [v.top for v in tiles[::3]] == [0, 480]
    assert (tiles[-1].right, tiles[-1].bottom) == HD
    assert tiles[0].inner.tolist() == [False, False, True, True]
    assert tiles[4].inner.tolist() == [True, True, True, False]
    assert len(views_of(HD, Tiles(columns=3, rows=2, whole=False), Size(640, 640))) == 6


@pytest.mark.parametrize(
    ("frame", "side", "runs"),
    [
        ((640, 480), 640, 1),  # nothing is shrunk: the whole alone
        ((1280, 720), 640, 1),  # shrunk to a half
        ((1920, 1080), 640, 3),  # 2 columns of 1067 px
        ((1920, 1080), 416, 7),  # 3 columns of 739 px, 2 rows of 600
        ((3840, 2160), 640, 9),  # 4 columns of 1129 px, 2 rows of 1200
        ((16000, 16000), 320, 257),  # no more than 16 along a side
    ],
)
def test_auto_takes_as_many_tiles_as_shrink_none_to_less_than_half(
    frame: tuple[int, int], side: int, runs: int
) -> None:
    views = views_of(Size(*frame), Tiles(), Size(side, side))
    assert len(views) == runs
    if 1 < runs < 257:
        assert max(view.coarse for view in views[1:]) <= 2


def test_words_for_tiles() -> None:
    assert read_tiles("auto") == {}
    assert read_tiles("3x2") == {"columns": 3, "rows": 2}
    with pytest.raises(
        ValueError, match="expected auto, columns x rows such as 3x2, or keys with values, got"
    ):
        read_tiles("3 by 2")


@pytest.mark.parametrize("whole", [True, False])
def test_200_small_blobs_are_found_exactly_once(whole: bool) -> None:
    """Also those on seams and where four tiles meet, and although the whole frame shows them 3 px large."""
    tiles = Tiles(columns=3, rows=2, whole=whole)
    edges = views_of(HD, tiles, Size(640, 640))
    on_edges: list[Box] = []
    for view in edges[1:]:
        for x in {view.left, view.right} - {0, 1920}:
            on_edges.append((x - 6, 100 + 30 * len(on_edges), x + 7, 112 + 30 * len(on_edges)))
        for y in {view.top, view.bottom} - {0, 1080}:
            on_edges.append((60 + 30 * len(on_edges), y - 5, 73 + 30 * len(on_edges), y + 8))
    on_edges += [(x - 6, y - 6, x + 6, y + 6) for x in (590, 739, 1181, 1329) for y in (480, 600)]
    truth = scattered(HD, 200, np.random.default_rng(7), on_edges, (10, 14, 10, 14))
    found = look(Blobs(640), drawn(HD, truth), tiles)
    assert len(found) == 200
    overlap = iou_matrix(np.array(truth, np.float32), found.boxes)
    assert sorted(overlap.argmax(axis=1)) == list(range(200))
    assert overlap.max(axis=1).min() > 0.7


@settings(max_examples=60)
@given(
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.integers(2, 4),
    st.sampled_from([0.05, 0.1, 0.2, 0.5]),
    st.booleans(),
)
def test_whatever_is_drawn_comes_out_as_it_is(
    seed: int, columns: int, rows: int, overlap: float, whole: bool
) -> None:
    """Small ones and ones larger than a tile, cut into as many parts as it takes."""
    rng = np.random.default_rng(seed)
    size = Size(int(rng.integers(100, 300)), int(rng.integers(100, 300)))
    large = scattered(size, 2, rng, [], (30, size.width // 2, 30, size.height // 2))
    truth = scattered(size, 12, rng, large, (3, 12, 3, 12))
    tiles = Tiles(columns=columns, rows=rows, overlap=overlap, whole=whole)
    found = merge((view, exact(view, truth)) for view in views_of(size, tiles, size))
    assert as_set(found) == sorted(truth)


def exact(view: View, truth: list[Box]) -> Detections:
    """What of the boxes is to be seen in a view, in its own pixels."""
    boxes = np.array(truth) - np.array([view.left, view.top] * 2)
    boxes = np.clip(boxes, 0, [view.right - view.left, view.bottom - view.top] * 2)
    seen = (boxes[:, 0] < boxes[:, 2]) & (boxes[:, 1] < boxes[:, 3])
    return detections(*boxes[seen].tolist())


def test_masks_are_put_together_too() -> None:
    """A ring over four tiles, each of which sees a quarter; the mask of the whole is the ring again."""
    image = np.zeros((160, 200, 3), np.uint8)
    cv2.circle(image, (100, 80), 60, (255, 255, 255), 9)
    bright = image[:, :, 0] > 0
    views = views_of(Size(200, 160), Tiles(columns=2, rows=2, overlap=0.1, whole=False), Size(200, 200))
    found = merge((view, connected(view.of(image)[:, :, 0] > 0)) for view in views)
    assert len(found) == 1
    assert found.masks
    (mask,) = found.masks
    pasted = np.zeros_like(bright)
    height, width = mask.pixels.shape
    pasted[mask.top : mask.top + height, mask.left : mask.left + width] = mask.pixels
    assert (pasted == bright).all()


def test_no_objects_still_say_that_the_network_draws_masks() -> None:
    nothing = connected(np.zeros((10, 10), bool))
    assert merge([(LEFT, nothing), (RIGHT, nothing)]).masks == ()
    assert merge([(LEFT, detections()), (RIGHT, detections())]).masks is None


LEFT = View(0, 0, 120, 100, Size(200, 100), 1.0)
RIGHT = View(80, 0, 200, 100, Size(200, 100), 1.0)
WHOLE = View(0, 0, 200, 100, Size(200, 100), 2.0)


def test_what_an_edge_cuts_gives_way_to_what_it_does_not() -> None:
    """Though the cut box has the higher score."""
    cut = detections([100, 40, 119.5, 60], score=0.9)  # up to the left view's edge at 120
    uncut = detections([20, 40, 50, 60], score=0.5)  # in the frame 100 to 130
    found = merge([(LEFT, cut), (RIGHT, uncut)])
    assert as_set(found) == [(100, 40, 130, 60)]
    assert found.scores.tolist() == pytest.approx([0.9])


def test_a_part_that_ends_before_the_edge_is_known_by_the_whole() -> None:
    """A tile's box of a large object that stops short of the edge: it is finer, but cannot be all of it."""
    found = merge([(WHOLE, detections([30, 10, 180, 90])), (LEFT, detections([30, 10, 110, 90]))])
    assert as_set(found) == [(30, 10, 180, 90)]


def test_a_small_object_before_a_large_one_of_its_class_stays() -> None:
    found = merge([(WHOLE, detections([30, 10, 180, 90])), (LEFT, detections([60, 60, 70, 80]))])
    assert as_set(found) == [(30, 10, 180, 90), (60, 60, 70, 80)]


def test_two_that_stand_close_stay_two() -> None:
    """They overlap by 0.6 of both; each view tells them apart, so they are two."""
    pair = [[90, 20, 110, 60], [95, 20, 115, 60]]
    shifted = [[x1 - 80, y1, x2 - 80, y2] for x1, y1, x2, y2 in pair]
    found = merge([(LEFT, detections(*pair)), (RIGHT, detections(*shifted))])
    assert as_set(found) == [tuple(map(float, box)) for box in pair]


def test_objects_of_two_classes_are_never_one() -> None:
    found = merge([(LEFT, detections([85, 20, 110, 60])), (RIGHT, detections([5, 20, 30, 60], class_id=1))])
    assert sorted(found.class_ids.tolist()) == [0, 1]


def test_the_finer_of_two_boxes_is_believed() -> None:
    found = merge(
        [(WHOLE, detections([28, 18, 52, 62], score=0.9)), (LEFT, detections([30, 20, 50, 60], score=0.6))]
    )
    assert as_set(found) == [(30, 20, 50, 60)]
    assert found.scores.tolist() == pytest.approx([0.9])


def test_a_real_network_sees_more_small_objects(data: Path) -> None:
    """A picture of COCO in a large grey frame: a tile shows it larger than the whole frame does."""
    model = ModelSettings(path=str(data / "models/yolox_nano_416.onnx"), labels="coco", device="cpu")
    detector = load_detector(model, Path(), threads=2)
    picture = cv2.imread(str(sorted((data / "labels/coco_val128/images").glob("*.jpg"))[0]))
    assert picture is not None
    alone = detector.detect(np.asarray(picture), 0.5)
    frame = np.full((1600, 1600, 3), 114, np.uint8)
    height, width = picture.shape[:2]
    frame[900 : 900 + height, 100 : 100 + width] = picture
    views = views_of(Size(1600, 1600), Tiles(columns=2, rows=2), detector.input.size)
    found = merge((view, detector.detect(view.of(frame), 0.5)) for view in views)
    assert len(detector.detect(frame, 0.5)) < len(alone)
    assert len(found) > len(detector.detect(frame, 0.5))
