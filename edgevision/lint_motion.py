"""What some seconds of a camera's pictures say of its lines: that nothing comes near, that all goes along one
and nothing across, that things are too fast for the frame rate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from edgevision.analytics.line import ANCHORS
from edgevision.analytics.line import Config as Line
from edgevision.config import LoadedConfig
from edgevision.core.geometry import crossing_position, signed_distance
from edgevision.core.types import Floats, Size, Track
from edgevision.document import Problem

MOST_WAYS = 2000  # of a camera
MOST_PLACES = 20_000  # of a camera, over all its ways
ENOUGH = 3  # moving objects, below which nothing is concluded
MOVED = 1.0  # of its height: an object that went farther moves
NEAR = 1.0  # of its height: an object that comes so close to a line is near it
ALONG = 20.0  # degrees between a line and a way along it
AROUND = 0.3  # s before and after it is nearest: where its speed at a line is taken
FASTEST = 1.0  # of its own length between two frames: measured, see docs/counting-truth.md


@dataclass
class Way:
    """Where one object was seen, in order."""

    label: str
    times: list[float] = field(default_factory=list)  # s
    boxes: list[Floats] = field(default_factory=list)  # each (4,) px


@dataclass
class Watched:
    """What was seen of one camera."""

    size: Size | None = None
    frames: int = 0
    first: float = 0.0  # s
    last: float = 0.0
    ways: dict[int, Way] = field(default_factory=dict)  # by track
    _places: int = 0

    def see(self, tracks: Sequence[Track], ts: float, size: Size) -> None:
        self.first = self.first if self.frames else ts
        self.size, self.last, self.frames = size, ts, self.frames + 1
        for track in tracks:
            known = track.id in self.ways or len(self.ways) < MOST_WAYS
            if track.missed == 0 and known and self._places < MOST_PLACES:
                way = self.ways.setdefault(track.id, Way(track.label))
                way.times.append(ts)
                way.boxes.append(track.box)
                self._places += 1

    @property
    def rate(self) -> float:
        """Frames per second that came through."""
        return (self.frames - 1) / (self.last - self.first) if self.last > self.first else 0.0


def motion_warnings(config: LoadedConfig, watched: Mapping[str, Watched]) -> list[str]:
    """Each with its place in the file, in its order. watched: by camera, at all frames that could be had."""
    found: list[Problem] = []
    for name, seen in watched.items():
        camera: Any = config.settings.cameras[name]
        rate = min(camera.fps or np.inf, seen.rate)
        for line, settings in camera.lines.items():
            path = ("cameras", name, "lines", line)
            found += [(path, text) for text in _line(settings, seen, rate)]
    found.sort(key=lambda problem: config.line(*problem[0]))
    return [f"{config.where(*path)}: {text}" for path, text in found]


def _line(line: Line, seen: Watched, rate: float) -> Iterator[str]:
    if seen.size is None:
        return
    ends = line.ends(seen.size)
    moving = [_Passing.of(way, line, ends) for way in seen.ways.values() if len(way.times) > 1]
    moving = [each for each in moving if each.moved and each.counts]
    if len(moving) < ENOUGH:
        return
    took = f"{seen.last - seen.first:.0f} s"
    near = [each for each in moving if each.distance <= NEAR]
    crossing = [each for each in near if each.crosses]
    if not near:
        yield f"none of the {len(moving)} objects that moved within {took} came near it: is it where they go?"
    elif len(near) >= ENOUGH and not crossing and max(each.angle for each in near) <= ALONG:
        yield (
            f"all {len(near)} objects that came near it within {took} went along it, and none across: turn "
            "it, so that they cross it"
        )
    fast = [each.speed for each in near if each.speed > 0]
    if len(fast) >= ENOUGH and rate > 0:
        lengths = float(np.percentile(fast, 90))
        if lengths / rate > FASTEST:
            yield (
                f"at {rate:.3g} frames/s the fastest tenth of what passes there moves {lengths / rate:.1f} "
                "of its own lengths or more between two frames, so that some will be lost; it would need "
                f"{np.ceil(lengths / FASTEST):.0f} frames/s"
            )


@dataclass(frozen=True)
class _Passing:
    """One object, as a line sees it."""

    counts: bool  # whether it is of the line's classes
    moved: bool
    distance: float  # from the line at the nearest, in its heights
    angle: float  # degrees, 0..90, between its way and the line
    crosses: bool
    speed: float  # of its own lengths per second, where it was nearest

    @classmethod
    def of(cls, way: Way, line: Line, ends: tuple[Floats, Floats]) -> "_Passing":
        boxes, times = np.array(way.boxes, np.float32), np.array(way.times)
        sides = boxes[:, 2:] - boxes[:, :2]
        bottoms = np.stack([(boxes[:, 0] + boxes[:, 2]) / 2, boxes[:, 3]], axis=1)
        places = bottoms + sides * np.array(ANCHORS[line.anchor], np.float32)
        height = float(np.median(sides[:, 1]))
        gone = places[-1] - places[0]
        away = _from_segment(*ends, places)
        nearest = int(np.argmin(away / np.maximum(sides[:, 1], 1)))
        return cls(
            counts=not line.classes or way.label in line.classes,
            moved=bool(np.hypot(*gone) > MOVED * height),
            distance=0.0 if (crosses := _crosses(*ends, places)) else float(away[nearest] / max(height, 1)),
            angle=_angle(ends[1] - ends[0], gone),
            crosses=crosses,
            speed=_speed(times, places, sides, nearest),
        )


def _from_segment(start: Floats, end: Floats, places: Floats) -> Floats:
    """(N,) px from places (N, 2) to the nearest point of the line between its ends."""
    along = end - start
    share = np.clip((places - start) @ along / (along @ along), 0, 1)
    distance: Floats = np.hypot(*(places - (start + share[:, None] * along)).T)
    return distance


def _crosses(start: Floats, end: Floats, places: Floats) -> bool:
    side = signed_distance(start, end, places)
    steps = np.flatnonzero(side[1:] * side[:-1] < 0)
    return any(0 <= crossing_position(start, end, places[i], places[i + 1]) <= 1 for i in steps)


def _angle(line: Floats, way: Floats) -> float:
    lengths = float(np.hypot(*line) * np.hypot(*way))
    return float(np.degrees(np.arccos(min(1.0, abs(float(line @ way)) / lengths)))) if lengths else 0.0


def _speed(times: Floats, places: Floats, sides: Floats, nearest: int) -> float:
    """Its length is how far its box reaches along its way: |ux| w + |uy| h."""
    close = np.flatnonzero(np.abs(times - times[nearest]) <= AROUND)
    if len(close) < 2:
        return 0.0
    gone, seconds = places[close[-1]] - places[close[0]], times[close[-1]] - times[close[0]]
    distance = float(np.hypot(*gone))
    reach = float(np.abs(gone / max(distance, 1e-6)) @ sides[nearest])
    return distance / float(seconds) / max(reach, 1.0)
