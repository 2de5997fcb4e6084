"""Thirty ways to pass, or not to pass, a line: boxes with the ids that some tracker gave them.

The picture is 1000 x 1000 at 30 frames/s. The line lies at y = 500, over the whole width or, where a case
says so, from x = 400 to 600. An object is a square box of 40 px around its centre, unless it says otherwise.
An id of -1 is what some trackers give to objects that they have not confirmed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

FPS = 30.0
SIDE = 1000  # px of the picture
LEVEL = 500  # px: the line's y
WHOLE, SHORT = (0, 1000), (400, 600)
UNCONFIRMED = -1


class Box(NamedTuple):
    id: int
    x: float  # px, of the centre
    y: float
    size: float = 40.0


Frames = list[list[Box]]


@dataclass(frozen=True)
class Case:
    name: str
    frames: Frames
    right: tuple[int, int]  # up, down
    line: tuple[int, int] = WHOLE
    also: tuple[int, int] | None = None  # as right


def path(ys: Iterable[float], *, x: float = 500, size: float = 40, id: int = 1) -> Frames:
    return [[Box(id, x, y, size)] for y in ys]


def gap(frames: int) -> Frames:
    return [[] for _ in range(frames)]


def away(offsets: Iterable[float]) -> list[float]:
    """y of objects so far below (above, if negative) the line."""
    return [LEVEL + offset for offset in offsets]


def down(start: float, stop: float, step: float) -> list[float]:
    return away(np.arange(start, stop, step))


DOWN = away(range(-102, 103, 5))  # 150 px/s
UP = DOWN[::-1]
ABOVE, BELOW = -60.0, 60.0  # well clear of it, the whole box


TREMBLES = np.random.default_rng(0).normal(0, 4, (2, 300))  # px


def waiting(tremble: Iterable[float], then: Iterable[float]) -> Frames:
    """It comes down to the line, stands on it for ten seconds with a box that trembles, and goes on."""
    return path([*down(-100, 0, 5), *away(tremble), *then])


def jitter(frames_each_side: int) -> list[float]:
    period = [30.0] * frames_each_side + [-30.0] * frames_each_side
    return (period * 100)[:100]


def flicker(*runs: tuple[int, float]) -> Frames:
    return path([y for frames, offset in runs for y in away([offset] * frames)])


def missing(frames: int) -> Frames:
    """Not seen while it crosses; the id is kept."""
    seen = [offset for offset in range(-102, 103, 5) if abs(offset) > 5 * frames / 2]
    before, after = [y for y in seen if y < 0], [y for y in seen if y > 0]
    return path(away(before)) + gap(frames) + path(away(after))


def round_the_end() -> Frames:
    legs = [(500, 400, 700, 400), (700, 400, 700, 600), (700, 600, 500, 600)]
    return [
        [Box(1, x1 + (x2 - x1) * step / 40, y1 + (y2 - y1) * step / 40)]
        for x1, y1, x2, y2 in legs
        for step in range(40)
    ]


CASES = [
    Case("0a sanity: crosses down, 5 px/frame", path(DOWN), (0, 1)),
    Case("0b sanity: crosses up, 5 px/frame", path(UP), (1, 0)),
    Case("1a stops ON the line 300 frames, jitter sd 4, then goes on",
         waiting(TREMBLES[0], down(0, 105, 5)), (0, 1)),
    Case("1b same but turns back", waiting(TREMBLES[1], down(0, -105, -5)), (0, 0)),
    Case("1c big jitter +-30 px, 2 frames each side, 100 frames, goes on",
         path(down(-100, -30, 5) + away(jitter(2)) + down(30, 100, 5)), (0, 1)),
    Case("1d big jitter +-30 px, 4 frames each side, 100 frames, goes on",
         path(down(-100, -30, 5) + away(jitter(4)) + down(30, 100, 5)), (0, 1)),
    Case("2a flicker: 10 above, 1 below, 10 above (#2598)",
         flicker((10, ABOVE), (1, BELOW), (10, ABOVE)), (0, 0)),
    Case("2b flicker: 10 above, 2 below, 10 above", flicker((10, ABOVE), (2, BELOW), (10, ABOVE)), (0, 0)),
    Case("2c flicker x3 then settles above",
         flicker(*[(10, ABOVE), (1, BELOW)] * 3, (20, ABOVE)), (0, 0)),
    Case("2d noisy FIRST frame below, then stays above", flicker((1, BELOW), (20, ABOVE)), (0, 0)),
    Case("2e noisy first frame after a 10-frame gap",
         flicker((10, ABOVE)) + gap(10) + flicker((1, BELOW), (10, ABOVE)), (0, 0)),
    Case("3a two objects share id -1, each stays on its side (#2578)",
         [[Box(UNCONFIRMED, 300, LEVEL + (ABOVE if n % 2 == 0 else BELOW))] for n in range(20)], (0, 0)),
    Case("3b three objects, all id -1, all cross down",
         [[Box(UNCONFIRMED, x, y) for x in (200, 500, 800)] for y in DOWN], (0, 0), also=(0, 3)),
    Case("3c object unconfirmed (-1) 3 frames while it crosses, then id 7",
         path(away([-30, -10, 10]), id=UNCONFIRMED) + path(down(30, 200, 20), id=7), (0, 1)),
    Case("4a big box 300 px, centre crosses, straddles all the time (#1838)",
         path(down(-100, 101, 5), size=300), (0, 1)),
    Case("4b box 300 px that leaves the picture 40 px after crossing",
         path(down(-200, 41, 5), size=300), (0, 1)),
    Case("5a fast 60 px/frame, box 40", path(down(-330, 300, 60)), (0, 1)),
    Case("5b fast 150 px/frame, box 40, 2 frames each side", path(away([-225, -75, 75, 225])), (0, 1)),
    Case("5c fast, seen ONE frame on each side only", path(away([-75, 75])), (0, 1)),
    Case("5d fast 90 px/frame, 2 frames above, 1 below, gone", path(away([-135, -45, 45])), (0, 1)),
    Case("6a missing for 2 frames while crossing", missing(2), (0, 1)),
    Case("6b missing for 6 frames while crossing (id kept by tracker)", missing(6), (0, 1)),
    Case("6c missing for 30 frames while crossing (id kept)", missing(30), (0, 1)),
    Case("6d id switch exactly on the line",
         path(down(-102, 0, 5)) + path(down(3, 105, 5), id=2), (0, 1)),
    Case("7a goes round the END of a short line (400..600) at x=700", round_the_end(), (0, 0), SHORT),
    Case("7b box half outside the line's end (x=590, line 400..600)", path(DOWN, x=590), (0, 1), SHORT),
    Case("8a down, up, down slowly (3 real crossings)", path(DOWN + UP + DOWN), (1, 2)),
    Case("8b centre exactly ON the line in one frame", path(down(-100, 101, 5)), (0, 1)),
    Case("8c touches the line with the centre and turns back",
         path(down(-60, 1, 5) + down(-5, -60, -5)), (0, 0)),
    Case("9 ids reused after 200 frames: other object on the other side",
         flicker((20, ABOVE)) + gap(200) + flicker((20, BELOW)), (0, 0)),
]  # fmt: skip
