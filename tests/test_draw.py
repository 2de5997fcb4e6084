from dataclasses import replace

import numpy as np
import pytest

from edgevision.core.types import Detections, Mask, Segmentation, Shape, Verdict
from edgevision.draw import annotate, annotate_detections, color_of
from edgevision.drawmap import LONGEST, READABLE, Line, annotate_lines, annotate_map, class_colors
from tests.builders import track

GREY = np.full((480, 640, 3), 100, np.uint8)


def test_a_mask_is_tinted_and_the_rest_of_its_box_is_not() -> None:
    pixels = np.zeros((100, 100), bool)
    pixels[:, :50] = True
    found = Detections(
        np.array([[200, 200, 300, 300]], np.float32),
        np.array([0.9], np.float32),
        np.array([1], np.int32),
        (Mask(200, 200, pixels),),
    )
    drawn = annotate_detections(GREY, found, ["a", "b"])
    expected = 0.55 * 100 + 0.45 * np.array(color_of(1))
    assert drawn[250, 225] == pytest.approx(expected, abs=1)
    assert drawn[250, 275].tolist() == [100, 100, 100]
    assert (GREY == 100).all()


def test_a_verdict_is_written_beside_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    monkeypatch.setattr("edgevision.draw._draw_text", lambda image, text, *more: written.append(text))
    plain = track(100, 100, id=7)
    judged = replace(plain, looks={"kind": Verdict("taxi", 0.834, 6), "dirt": Verdict("clean", 1.0, 2)})
    annotate(GREY, [plain, judged, replace(judged, missed=0.1)], [], "now")
    assert written == ["car 7", "car 7, taxi 83%, clean 100%", "now"]


def test_a_map_is_coloured_but_for_its_background() -> None:
    ids = np.zeros((480, 640), np.uint8)
    ids[300:, 400:] = 2
    drawn = annotate_map(GREY, Segmentation(ids), ["background", "road", "car"], ["car 20%"])
    assert drawn[450, 600] == pytest.approx(0.55 * 100 + 0.45 * class_colors()[2], abs=1)
    assert drawn[450, 100].tolist() == [100, 100, 100]
    assert drawn[298:303, 600].max() == 255  # the border


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((480, 640), (480, 640)),
        ((32, 40), (256, 320)),
        ((1, 1), (READABLE, READABLE)),
        ((3, 1000), (12, LONGEST // 1000 * 1000)),
        ((1, 16000), (1, 16000)),
    ],
)
def test_small_pictures_are_enlarged_for_text(shape: tuple[int, int], expected: tuple[int, int]) -> None:
    drawn = annotate_lines(np.zeros((*shape, 3), np.uint8), [Line("something long to be read 0.93")] * 5)
    assert drawn.shape[:2] == expected
    ids = np.zeros(shape, np.uint8)
    mapped = annotate_map(np.zeros((*shape, 3), np.uint8), Segmentation(ids), ["thing"], ["thing 100%"])
    assert mapped.shape[:2] == expected


def test_colours_of_a_map_differ() -> None:
    """The 21 of VOC can be told apart: no two are nearer than 40 of 441 in BGR."""
    colors = class_colors()[:21].astype(float)
    apart = np.linalg.norm(colors[:, None] - colors[None], axis=2)
    assert apart[~np.eye(21, dtype=bool)].min() > 40


def test_a_shape_is_drawn_in_its_colour() -> None:
    corners = np.array([[100, 100], [300, 100], [300, 300], [100, 300]], np.float32)
    red = annotate(GREY, [], [Shape(corners, True, "top 0", (0, 0, 255))], "now")
    assert red[300, 150].tolist() == [0, 0, 255]
    assert annotate(GREY, [], [Shape(corners, True, "top 0")], "now")[300, 150].tolist() == [255, 255, 255]
