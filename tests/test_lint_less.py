"""Shapes where the camera does not look."""

import pytest

from edgevision.core import Size
from tests.test_lint import doubts, line

REGION = "region: [0.2, 0.2, 0.8, 0.8]"


def zone(x1: float, y1: float, x2: float, y2: float) -> str:
    return f"zones: {{a: {{polygon: [[{x1}, {y1}], [{x2}, {y1}], [{x2}, {y2}], [{x1}, {y2}]]}}}}"


@pytest.mark.parametrize(
    "shape",
    [
        line((0.3, 0.3), (0.7, 0.7)),
        line((0.25, 0.5), (0.75, 0.5)),
        zone(0.2, 0.2, 0.8, 0.8),
        zone(0.19, 0.2, 0.8, 0.8),
        "looks: {a: {polygon: [[0, 0], [0.1, 0], [0.1, 0.1]], model: default}}",
    ],
)
def test_nothing_is_said_of_what_lies_inside(shape: str) -> None:
    assert doubts(REGION, shape) == []


@pytest.mark.parametrize(
    ("shape", "how"),
    [
        (line((0.85, 0.3), (0.85, 0.7)), "it lies outside"),
        # A third of it, and of the next one a half: from x = 0.1 to 0.2 of 0.1 to 0.4, and to 0.3.
        (line((0.1, 0.5), (0.4, 0.5)), "it lies to 34% outside"),
        (zone(0.1, 0.3, 0.3, 0.6), "it lies to 50% outside"),
        (zone(0.0, 0.0, 0.1, 0.1), "it lies outside"),
        (zone(0.0, 0.0, 1.0, 1.0), "it lies to 64% outside"),  # 1 - 0.6 x 0.6
    ],
)
def test_what_lies_outside_is_told(shape: str, how: str) -> None:
    found = doubts(REGION, shape)
    assert len(found) == 1
    key = shape.split(":")[0]
    assert found[0].startswith(f"x.yaml:5: cameras.gate.{key}.a: {how} of the camera's `region`")


def test_spots_are_told_one_by_one_and_shelves_once() -> None:
    spots = "spots: {places: {A1: [[0, 0], [0.1, 0], [0.1, 0.1]], A2: [[0.4, 0.4], [0.6, 0.4], [0.6, 0.6]]}}"
    found = doubts(REGION, spots)
    assert [each.split(": ")[1] for each in found] == ["cameras.gate.spots.places.A1"]
    shelf = "shelves: {s: {polygon: [[0, 0], [0.1, 0], [0.1, 1], [0, 1]], rows: 3}}"
    assert sum("region" in each for each in doubts(REGION, shelf)) == 1


def test_rows_of_a_shelf_are_as_high_as_in_the_part() -> None:
    """54 px of 1080 are 18 px of the input where 1920 shrink to 640, and 54 where 480 do not shrink."""
    rows = "{polygon: [[0.2, 0.2], [0.4, 0.2], [0.4, 0.25], [0.2, 0.25]]}"
    shelf = f"shelves: {{s: {rows}}}"
    assert any("px high" in each for each in doubts(shelf, size=Size(1920, 1080)))
    assert doubts("region: [0.2, 0.2, 0.45, 0.45]", shelf, size=Size(1920, 1080)) == []


def test_who_counts_crossings_is_told_that_keyframes_miss_them() -> None:
    crossing = line((0.3, 0.5), (0.7, 0.5))
    found = doubts("decode: keyframes", crossing)
    assert len(found) == 1
    assert found[0].startswith("x.yaml:5: cameras.gate.lines.a: `decode: keyframes` looks at one picture in")
    assert doubts("decode: all", crossing) == []
    assert doubts("decode: keyframes", zone(0.2, 0.2, 0.8, 0.8)) == []
