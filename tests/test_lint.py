from pathlib import Path

import pytest

from edgevision.config import check
from edgevision.core import Size
from edgevision.document import parse
from edgevision.lint import warnings


def doubts(*keys: str, size: Size | None = None) -> list[str]:
    """What is said of a camera with these keys, which begin in line 4."""
    text = "\n".join(
        ["cameras:", "  gate:", "    source: synthetic:carpark", *(f"    {key}" for key in keys)]
    )
    return warnings(check(parse(text, "x.yaml", {}), Path()), {"gate": size} if size else None)


def line(start: tuple[float, float], end: tuple[float, float], more: str = "") -> str:
    return f"lines: {{a: {{from: {list(start)}, to: {list(end)}{more}}}}}"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ((0.05, 0.6), (0.95, 0.6)),
        ((0.1, 0.1), (0.9, 0.9)),
        ((0.5, 0), (0.5, 1)),
        ((0.9, 0.2), (0.95, 0.25)),
        ((0, 0.9), (1, 0.9)),
    ],
)
@pytest.mark.parametrize("anchor", ["bottom", "center", "top", "left", "right"])
def test_nothing_is_said_of_lines_that_can_count(
    start: tuple[float, float], end: tuple[float, float], anchor: str
) -> None:
    assert doubts(line(start, end, f", anchor: {anchor}")) == []


@pytest.mark.parametrize(
    ("start", "end", "hand"),
    # Walking from start to end: above a line to the right is the left-hand side.
    [
        ((0, 0), (1, 0), "left"),
        ((0, 1), (1, 1), "right"),
        ((0, 0), (0, 1), "right"),
        ((1, 0.2), (1, 0.8), "left"),
        ((0, 0.01), (0.01, 0), "left"),
    ],
)
def test_a_line_on_the_border_can_never_count(
    start: tuple[float, float], end: tuple[float, float], hand: str
) -> None:
    found = doubts(line(start, end))
    assert len(found) == 1
    assert found[0].startswith("x.yaml:4: cameras.gate.lines.a: it can never count")
    assert f"on its {hand}-hand side" in found[0]


def test_supervision_1838_a_line_ten_pixels_below_the_top() -> None:
    """In a picture of 1296 x 972 there it stayed at 0 for ever, without a word."""
    size = Size(1296, 972)
    found = doubts(line((0, 10 / 972), (1, 10 / 972)), size=size)
    assert len(found) == 1
    assert "a picture of 1296 x 972" in found[0]
    assert doubts(line((0, 10 / 972), (1, 10 / 972), ", anchor: top, band: 0"), size=size) == []


def test_a_band_that_there_is_no_room_for() -> None:
    # A quarter of 1080 px is 270 px, of which the band asks all; a tenth of the picture is 108 px.
    found = doubts(line((0, 0.9), (1, 0.9), ", band: 1"))
    assert len(found) == 1
    assert "to get 270 px away from the line, and on its right-hand side there are 108 px" in found[0]


def test_a_line_without_length_in_pixels() -> None:
    short = line((0.5, 0.5), (0.5005, 0.5))  # 0.96 px of 1920
    assert "the line is 1.0 px long in a picture of 1920 x 1080" in doubts(short)[0]
    assert doubts(short, size=Size(8000, 4000)) == []


SQUARE = "[[0.2, 0.2], [0.6, 0.2], [0.6, 0.6], [0.2, 0.6]]"


@pytest.mark.parametrize(
    ("polygon", "said"),
    [
        (SQUARE, "it is nearly the same area as zone a: is one of them a copy?"),
        ("[[0.6, 0.6], [0.2, 0.6], [0.2, 0.2], [0.6, 0.2]]", "nearly the same area"),
        ("[[0.201, 0.2], [0.6, 0.2], [0.6, 0.6], [0.201, 0.599]]", "nearly the same area"),
        ("[[0.3, 0.3], [0.4, 0.3], [0.4, 0.4], [0.3, 0.4]]", "100% of it lies in zone a"),
        # 0.4 of its 10 parts of width lie outside: 96 % are inside
        ("[[0.52, 0.3], [0.6033, 0.3], [0.6033, 0.4], [0.52, 0.4]]", "96% of it lies in zone a"),
    ],
)
def test_zones_that_are_one_or_lie_in_one_another(polygon: str, said: str) -> None:
    found = doubts("zones:", f"  a: {{polygon: {SQUARE}}}", f"  b: {{polygon: {polygon}}}")
    assert len(found) == 1
    assert found[0].startswith("x.yaml:6: cameras.gate.zones.b: ")
    assert said in found[0]


def test_of_two_zones_the_inner_one_is_named_whichever_comes_first() -> None:
    inner = "[[0.3, 0.3], [0.4, 0.3], [0.4, 0.4], [0.3, 0.4]]"
    found = doubts("zones:", f"  a: {{polygon: {inner}}}", f"  b: {{polygon: {SQUARE}}}")
    assert found[0].startswith("x.yaml:5: cameras.gate.zones.a: 100% of it lies in zone b")


@pytest.mark.parametrize(
    "second",
    [
        "polygon: [[0.5, 0.2], [0.9, 0.2], [0.9, 0.6], [0.5, 0.6]]",  # a quarter is common
        "polygon: [[0.5, 0.3], [0.62, 0.3], [0.62, 0.4], [0.5, 0.4]]",  # 83 % inside
        f"polygon: {SQUARE}, classes: [person]",  # the same place, but of others
    ],
)
def test_nothing_is_said_of_zones_that_mean_different_things(second: str) -> None:
    assert doubts("zones:", f"  a: {{polygon: {SQUARE}, classes: [car]}}", f"  b: {{{second}}}") == []


def shelf(more: str, *, top: float = 0.2, bottom: float = 0.8) -> str:
    polygon = [[0.1, top], [0.9, top], [0.9, bottom], [0.1, bottom]]
    return f"shelves: {{cola: {{polygon: {polygon}, {more}}}}}"


def test_rows_that_are_too_thin_for_the_network() -> None:
    # 0.6 of 1080 px are 648 px; a network of 640 px sees a third of it, 216 px: 7 rows of 31 px.
    assert doubts(shelf("rows: 6")) == []
    found = doubts(shelf("rows: 7"))
    assert len(found) == 7
    assert found[0].startswith("x.yaml:4: cameras.gate.shelves.cola: row 1 is 31 px high in what the network")
    # Of two columns of tiles with an overlap of a fifth each is 0.56 of the picture wide.
    assert doubts(shelf("rows: 7"), "tiles: 2x1") == []
    assert doubts(shelf("rows: 7"), size=Size(640, 640)) == []


def test_rows_that_are_drawn_over_each_other() -> None:
    rows = [
        f"{{name: {name}, polygon: [[0, {y}], [1, {y}], [1, {y + 0.2}], [0, {y + 0.2}]]}}"
        for name, y in (("a", 0.1), ("b", 0.25), ("c", 0.42))
    ]
    (found,) = doubts(f"shelves: {{cola: {{rows: [{', '.join(rows)}]}}}}")
    assert found.endswith("rows a and b overlap by 25%: what stands there is counted in both")


def spots(*corners: str) -> str:
    return f"spots: {{places: {{{', '.join(f'S{n}: {each}' for n, each in enumerate(corners))}}}}}"


def square(x: float, y: float, side: float) -> str:
    return f"[[{x}, {y}], [{x + side}, {y}], [{x + side}, {y + side}], [{x}, {y + side}]]"


@pytest.mark.parametrize("more", ["", "    tiles: auto\n"])
def test_spots_that_the_network_cannot_see(more: str) -> None:
    """0.02 of 1280 x 720 px are 25.6 x 14.4, as large as 19 x 19; half of that at 640."""
    text = "cameras:\n  gate:\n    source: synthetic:carpark\n" + more
    text += f"    {spots(square(0.1, 0.1, 0.02), square(0.5, 0.5, 0.1))}\n"
    config, size = check(parse(text, "x.yaml", {}), Path()), {"gate": Size(1280, 720)}
    found = warnings(config, size, {"default": Size(640, 640)})
    assert len(found) == (not more)
    if found:
        assert found[0].startswith("x.yaml:4: cameras.gate.spots: S0: too small for the network")
        assert "sees S0 as 10 px square in a picture of 1280 x 720" in found[0]
    assert warnings(config, size, {"default": Size(1280, 1280)}) == []
    assert warnings(config, size) == []


def test_spots_that_lie_in_one_another() -> None:
    inner = [square(0.1, 0.1, 0.1), square(0.16, 0.1, 0.1), square(0.3, 0.1, 0.1), square(0.38, 0.1, 0.1)]
    found = doubts(spots(*inner))  # 40 % in common, then 20 %
    assert len(found) == 1
    assert "S1: 40% of it or of S0 lies in the other" in found[0]


def test_all_cameras_are_looked_at_in_the_order_of_the_file() -> None:
    text = "cameras:\n" + "".join(
        f"  {name}:\n    source: synthetic:carpark\n    {line((0, 0), (1, 0))}\n" for name in ("z", "a")
    )
    found = warnings(check(parse(text, "x.yaml", {}), Path()))
    assert [each.split(": ")[0] for each in found] == ["x.yaml:4", "x.yaml:7"]


QUEUE = "[[0.1, 0.4], [0.9, 0.4], [0.9, 0.8], [0.1, 0.8]]"


def test_two_queues_that_are_one() -> None:
    found = doubts("queues:", f"  a: {{polygon: {QUEUE}}}", f"  b: {{polygon: {QUEUE}}}")
    assert found == [
        "x.yaml:6: cameras.gate.queues.b: it is nearly the same area as queue a: is one of them a copy?"
    ]
    assert doubts("queues:", f"  a: {{polygon: {QUEUE}}}", "zones:", f"  b: {{polygon: {QUEUE}}}") == []


@pytest.mark.parametrize(
    ("front", "far"),
    [
        ("[[0.1, 0.4], [0.1, 0.8]]", None),  # its left side
        ("[[0.05, 0.3], [0.05, 0.9]]", None),  # a little beside it
        ("[[0.5, 0.0], [0.5, 1.0]]", None),  # across
        ("[[0.5, 0.5], [0.6, 0.5]]", None),  # within
        ("[[0.1, 0.0], [0.9, 0.0]]", "432"),  # of 1080 px
        ("[[0.0, 0.0], [0.05, 0.05]]", "390"),  # hypot(0.05 * 1920, 0.35 * 1080)
    ],
)
def test_a_front_that_nobody_comes_near(front: str, far: str | None) -> None:
    found = doubts("queues:", f"  a: {{polygon: {QUEUE}, front: {front}}}")
    assert len(found) == (far is not None)
    if far:
        assert found[0].startswith(f"x.yaml:5: cameras.gate.queues.a.front: the front lies {far} px from")
