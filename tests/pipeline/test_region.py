"""The network is shown a part of the picture; boxes and masks are told in the whole."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edgevision.config import check
from edgevision.core import Frame, Size
from edgevision.core.boxes import Placement
from edgevision.core.stillness import WhenStill
from edgevision.core.types import Detections, Floats
from edgevision.document import parse
from edgevision.errors import ConfigError
from edgevision.inference.region import Window
from edgevision.inference.tiles import Tiles
from edgevision.metrics import Metrics
from edgevision.pipeline.choice import CELLS, Choice, in_places
from edgevision.pipeline.pipeline import Pipeline
from edgevision.pipeline.plans import CameraPlan, ModelPlan
from edgevision.pipeline.scheduler import Scheduler
from edgevision.pipeline.worker import Worker
from tests.blobs import Blobs, Box, connected, drawn
from tests.pipeline.test_delivery import Recorder
from tests.pipeline.test_pipeline import run_to_end
from tests.pipeline.test_pixels import Film, zone

FRAME = Size(400, 320)
# 160 x 160 pixels from (100, 80) on, as large as the network's input: what it sees, it sees pixel by pixel.
REGION, LEFT, TOP, SIDE = Window(0.25, 0.25, 0.65, 0.75), 100, 80, 160
INSIDE = [(110, 90, 114, 93), (180, 200, 190, 230), (244, 225, 260, 240), (100, 150, 130, 160)]
OUTSIDE = [(10, 10, 40, 40), (300, 100, 320, 140), (120, 260, 160, 300)]
CUT: Box = (250, 100, 290, 120)  # its right part lies outside


def seen(network: Blobs, image: np.ndarray, region: Window | None, tiles: Tiles | None = None) -> Detections:
    """What a worker makes of one frame."""
    scheduler = Scheduler(workers=1)
    lane = scheduler.lane("a", False, tiles, region=region)
    scheduler.put(lane, Frame("a", 0, 0, image, 0.0, 0.0, 0.0), now=0.0)
    scheduler.end(lane)
    Worker("worker", network.as_detector(), scheduler).run()
    ticket = scheduler.next_done(lane)
    assert ticket
    found: Detections = ticket.result.detections
    return found


def as_set(boxes: Any) -> list[tuple[float, ...]]:
    return sorted(tuple(map(float, box)) for box in boxes)


def test_boxes_are_those_of_a_network_that_looks_at_the_part_by_hand() -> None:
    image = drawn(FRAME, [*INSIDE, *OUTSIDE, CUT])
    found = seen(Blobs(SIDE), image, REGION)
    # Drawn truth: what lies inside as it is, what the edge cuts up to that.
    assert as_set(found.boxes) == as_set([*INSIDE, (250, 100, LEFT + SIDE, 120)])
    network = Blobs(SIDE)
    tensor, placement = network.preprocessor()(image[TOP : TOP + SIDE, LEFT : LEFT + SIDE])
    by_hand = network.decode(network.infer(tensor), placement)
    assert as_set(found.boxes) == as_set(by_hand.boxes + np.array([LEFT, TOP, LEFT, TOP]))
    # In the whole picture, made small, one of 4 x 3 px is not there, or larger than it is.
    assert (110, 90, 114, 93) not in as_set(seen(Blobs(SIDE), image, None).boxes)


def test_masks_lie_in_the_frame() -> None:
    class Masked(Blobs):
        def decode(self, outputs: list[np.ndarray], placement: Placement, least: float = 0.1) -> Detections:
            return connected(outputs[0][0, 0] > 0.5)

    found = seen(Masked(SIDE), drawn(FRAME, [*INSIDE, *OUTSIDE]), REGION)
    assert found.masks
    covered = np.zeros(FRAME[::-1], bool)
    for mask in found.masks:
        height, width = mask.pixels.shape
        covered[mask.top : mask.top + height, mask.left : mask.left + width] |= mask.pixels
    assert np.array_equal(covered, drawn(FRAME, INSIDE)[..., 0] > 0)


def test_tiles_are_cut_from_the_part() -> None:
    wide = Window(0.0, 0.25, 0.8, 0.75)  # 320 x 160
    boxes: list[Box] = [(10 + 50 * n, 100 + 17 * n, 22 + 50 * n, 112 + 17 * n) for n in range(6)]
    found = seen(Blobs(SIDE), drawn(FRAME, [*boxes, *OUTSIDE[2:]]), wide, Tiles(columns=2, rows=1))
    wanted = sorted(boxes)
    assert len(found) == len(wanted)
    assert np.abs(np.array(as_set(found.boxes)) - np.array(wanted)).max() <= 2


def test_in_the_pipeline_only_what_is_inside_is_counted() -> None:
    output = Recorder()
    plan = CameraPlan(
        "a", "m", Film(lambda _: drawn(FRAME, [*INSIDE, *OUTSIDE])), [zone()], 0.5, region=REGION
    )
    network = Blobs(SIDE).as_detector()
    run_to_end(Pipeline([plan], {"m": ModelPlan(network, 2)}, [output], Metrics()))
    # The zone is the right half, from x = 200 on: one is in it and in the region.
    assert [event.kind for result in output.results for event in result.events] == ["entered"]


shares = st.integers(0, 1000).map(lambda n: n / 1000)


@given(shares, shares, shares, shares, st.integers(1, 500), st.integers(1, 500))
def test_a_window_is_of_whole_pixels_inside_of_any_frame(
    a: float, b: float, c: float, d: float, width: int, height: int
) -> None:
    (x1, x2), (y1, y2) = sorted((a, b)), sorted((c, d))
    window = Window(x1, y1, x2, y2)
    left, top, right, bottom = window.pixels(Size(width, height))
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert abs(left - x1 * width) <= 1 >= abs(top - y1 * height)
    # Of less than half a pixel one is made, which reaches farther.
    assert abs(right - x2 * width) <= 1.5 >= abs(bottom - y2 * height)
    assert window.of(np.zeros((height, width, 3), np.uint8)).shape == (bottom - top, right - left, 3)
    assert window.size(Size(width, height)) == (right - left, bottom - top)


STILL = WhenStill(after=2, look_every=4)


def square(x: int, y: int, light: int = 0) -> np.ndarray:
    image = np.full((360, 640, 3), 100 + light, np.uint8)
    image[y : y + 24, x : x + 24] = 200 + light
    return image


def looks(choice: Choice, images: Any) -> list[int]:
    """At which of the pictures, 10 a second, the network looks."""
    return [n for n, image in enumerate(images) if choice.leaves_out(image, n / 10) is None]


STANDING = [*range(20), 59, 99]


@pytest.mark.parametrize("inside", [True, False])
def test_the_gate_looks_at_the_region_alone(inside: bool) -> None:
    choice = Choice(None, STILL, fine=False, region=Window(0.5, 0.0, 1.0, 1.0))
    images = [square((340 if inside else 20) + 2 * max(0, n - 40), 100) for n in range(100)]
    found = looks(choice, images)
    assert (found == STANDING) is not inside
    if inside:
        assert set(range(42, 100)) <= set(found)


LEFT_HALF = np.array([[0, 0], [0.5, 0], [0.5, 1], [0, 1]], np.float32)


@pytest.mark.parametrize("region", [None, Window(0.25, 0.0, 1.0, 1.0)])
def test_the_gate_does_not_look_at_ignored_places(region: Window | None) -> None:
    choice = Choice(None, STILL, fine=False, region=region)
    choice.ignore([LEFT_HALF])
    assert looks(choice, [square(180 + max(0, n - 40), 100) for n in range(100)]) == STANDING
    choice = Choice(None, STILL, fine=False, region=region)
    choice.ignore([LEFT_HALF])
    moved = looks(choice, [square(340 + 2 * max(0, n - 40), 100) for n in range(100)])
    assert set(range(42, 100)) <= set(moved)


@pytest.mark.parametrize("polygon", [LEFT_HALF, LEFT_HALF * (1.8, 1)])
def test_light_that_changes_everywhere_is_no_movement_where_some_is_ignored(polygon: Floats) -> None:
    """Be it more or less than half of all cells."""
    choice = Choice(None, STILL, fine=False)
    choice.ignore([polygon.astype(np.float32)])
    assert looks(choice, [square(600, 100, light=min(40, max(0, n - 40))) for n in range(100)]) == STANDING


def test_nothing_is_left_to_look_at() -> None:
    choice = Choice(None, STILL, fine=False)
    choice.ignore([LEFT_HALF * np.float32(2)])
    assert looks(choice, [square(4 * n, 100) for n in range(100)]) == STANDING


def test_other_places_count_from_the_next_picture_on() -> None:
    choice = Choice(None, STILL, fine=False)
    choice.ignore([LEFT_HALF])
    images = [square(20 + 2 * n, 100) for n in range(200)]
    ignored = [n for n in range(60) if choice.leaves_out(images[n], n / 10) is None]
    choice.ignore([])
    after = [n for n in range(60, 100) if choice.leaves_out(images[n], n / 10) is None]
    assert ignored == [*range(20), 59]
    assert after == [*range(60, 100)]


def test_cells_count_by_their_centres_in_the_frame() -> None:
    """4 columns of a window from x = 0.5 on: centres at 0.5625, 0.6875, ..."""
    place = np.array([[0.6, 0], [0.8, 0], [0.8, 0.5], [0.6, 0.5]], np.float32)
    hidden = in_places([place], (2, 4), Window(0.5, 0, 1, 1))
    assert hidden.tolist() == [[False, True, False, False], [False] * 4]
    assert in_places([place], (2, 4), Window(0.5, 0, 1, 0.5)).tolist() == [[False, True, False, False]] * 2
    assert in_places([], (1, CELLS), Window(0, 0, 1, 1)).any() == np.False_


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("[0.1, 0.2, 0.3]", "expected [x1, y1, x2, y2], left, top, right and bottom, got [0.1, 0.2, 0.3]"),
        ("0.5", "expected [x1, y1, x2, y2]"),
        ("[0.5, 0.2, 0.3, 0.9]", "with x1 left of x2 and y1 above y2, by 0.01 at least"),
        ("[0, 0, 1, 0.001]", "by 0.01 at least"),
        ("[0, 0, 1.5, 1]", "a coordinate is a share of the frame"),
        ("[0, 0, .nan, 1]", "a coordinate is a share of the frame"),
    ],
)
def test_what_is_no_region_is_refused(value: str, message: str) -> None:
    text = f"cameras:\n  a:\n    source: synthetic:carpark\n    region: {value}\n"
    with pytest.raises(ConfigError) as caught:
        check(parse(text, "x.yaml", {}), Path())
    problems = caught.value.problems
    assert len(problems) == 1
    assert problems[0].startswith("x.yaml:4: cameras.a.region")
    assert message in problems[0]
