from pathlib import Path

import pytest

from edgevision.config import check
from edgevision.core import Size
from edgevision.document import parse
from edgevision.lint_motion import Watched, motion_warnings
from tests.builders import track

SIZE = Size(1000, 1000)
Path_ = tuple[tuple[float, float], tuple[float, float]]
DOWN: list[Path_] = [((x, 100), (x, 900)) for x in (300, 500, 700)]
ACROSS: list[Path_] = [((100, y), (900, y)) for y in (465, 480, 495)]


def watched(paths: list[Path_], *, seconds: float = 4.0, rate: float = 25.0, side: float = 40.0) -> Watched:
    """Square objects that go straight from one point to another, all at the same time."""
    seen, count = Watched(), round(seconds * rate)
    for number in range(count + 1):
        share = number / count
        tracks = [
            track(x1 + share * (x2 - x1), y1 + share * (y2 - y1), id=id, side=side)
            for id, ((x1, y1), (x2, y2)) in enumerate(paths, start=1)
        ]
        seen.see(tracks, number / rate, SIZE)
    return seen


def doubts(seen: Watched, line: str = "{from: [0.1, 0.5], to: [0.9, 0.5]}", more: str = "") -> list[str]:
    text = f"cameras:\n  gate:\n    source: synthetic:carpark\n    {more}\n    lines: {{a: {line}}}\n"
    return motion_warnings(check(parse(text, "x.yaml", {}), Path()), {"gate": seen})


def test_nothing_is_said_of_a_line_that_is_crossed() -> None:
    assert doubts(watched(DOWN)) == []


def test_a_line_along_which_everything_goes() -> None:
    found = doubts(watched(ACROSS))
    assert len(found) == 1
    assert found[0].startswith(
        "x.yaml:5: cameras.gate.lines.a: all 3 objects that came near it within 4 s went along"
    )


def test_one_that_crosses_is_enough() -> None:
    assert doubts(watched([*ACROSS, DOWN[0]])) == []


def test_a_line_that_nothing_comes_near() -> None:
    far: list[Path_] = [((100, y), (900, y)) for y in (100, 150, 200)]
    found = doubts(watched(far))
    assert len(found) == 1
    assert "none of the 3 objects that moved within 4 s came near it" in found[0]


def test_what_passes_beside_its_end_is_not_near() -> None:
    assert "came near it" in doubts(watched(DOWN), "{from: [0.01, 0.5], to: [0.15, 0.5]}")[0]


@pytest.mark.parametrize("paths", [ACROSS[:2], [((500, 200), (505, 205))] * 5])
def test_of_too_little_or_what_stands_nothing_is_concluded(paths: list[Path_]) -> None:
    assert doubts(watched(paths)) == []


def test_other_classes_do_not_matter() -> None:
    assert doubts(watched(ACROSS), "{from: [0.1, 0.5], to: [0.9, 0.5], classes: [person]}") == []


def test_too_fast_for_the_frames_per_second() -> None:
    # 800 px in 2 s, of a length of 40 px: 10 lengths a second. At 8 frames/s 1.25 of them between two.
    fast = watched(DOWN, seconds=2.0)
    found = doubts(fast, more="fps: 8")
    assert len(found) == 1
    assert "at 8 frames/s the fastest tenth of what passes there moves 1.2 of its own lengths" in found[0]
    assert "it would need 10 frames/s" in found[0]
    assert doubts(fast, more="fps: 11") == []


def test_the_rate_that_comes_through_counts_where_it_is_lower() -> None:
    assert "at 8 frames/s" in doubts(watched(DOWN, seconds=2.0, rate=8.0), more="fps: 25")[0]


def test_what_is_kept_is_bounded() -> None:
    seen = Watched()
    for number in range(3000):
        seen.see([track(5, 5, id=id) for id in range(number, number + 10)], number / 10, SIZE)
    assert len(seen.ways) == 2000
    assert sum(len(way.times) for way in seen.ways.values()) <= 20_000
