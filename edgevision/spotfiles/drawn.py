"""What all forms of files have in common: polygons in pixels become named places in shares of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from pydantic import TypeAdapter, ValidationError

from edgevision.core.types import Size
from edgevision.errors import ConfigError
from edgevision.settings import Polygon
from edgevision.spotfiles.names import free_names, in_rows, tidy

Spots = dict[str, tuple[tuple[float, float], ...]]  # by name: three or more points, each 0..1

MOST_SPOTS = 1000
MOST_POINTS = 100  # of one spot: an outline traced by hand has 4 to 30
OUTSIDE = 0.02  # share of the picture by which a point may lie beside it: tools let the mouse slip
DIGITS = 4  # 0.4 px of a picture 4000 px wide

_POLYGON: TypeAdapter[tuple[tuple[float, float], ...]] = TypeAdapter(Polygon)


class Drawn(NamedTuple):
    """One polygon as a file has it."""

    where: str  # file and place, for messages
    points: Any  # should be a list of [x, y] px
    picture: Size
    name: str = ""  # its own, if an attribute says so
    label: str = ""  # its class, which is a name if no other has it


def spots_of(drawn: Sequence[Drawn], file: str) -> Spots:
    """Named places. Raises ConfigError with every polygon that is none, and where it stands."""
    if not drawn:
        raise ConfigError(f"{file} holds no polygon: draw each spot as one, and export again")
    if len(drawn) > MOST_SPOTS:
        raise ConfigError(f"{file} holds {len(drawn)} polygons; a camera has at most {MOST_SPOTS} spots")
    problems: list[str] = []
    polygons: dict[int, tuple[tuple[float, float], ...]] = {}
    for index, each in enumerate(drawn):
        try:
            polygons[index] = _polygon(each)
        except ValueError as error:
            problems.append(f"{each.where}: {error}")
    names = _names(drawn, problems)
    if problems:
        raise ConfigError(problems)
    for index, name in free_names(names, in_rows([boxed(polygons[i]) for i in range(len(drawn))])):
        names[index] = name
    return {names[index]: polygon for index, polygon in polygons.items()}


def boxed(polygon: Iterable[tuple[float, float]]) -> tuple[float, float, float, float]:
    """x1 y1 x2 y2 around it."""
    x, y = zip(*polygon, strict=True)
    return min(x), min(y), max(x), max(y)


def _polygon(drawn: Drawn) -> tuple[tuple[float, float], ...]:
    """Shares of the picture. Raises ValueError."""
    points = _points(drawn.points)
    if len(points) > MOST_POINTS:
        raise ValueError(f"a spot has at most {MOST_POINTS} points, got {len(points)}: draw it with fewer")
    shares = points / np.array(drawn.picture)
    beside = np.flatnonzero(((shares < -OUTSIDE) | (shares > 1 + OUTSIDE)).any(axis=1))
    if len(beside):
        x, y = points[beside[0]]
        raise ValueError(
            f"the point {x:g}, {y:g} lies outside the picture of {'x'.join(map(str, drawn.picture))} px"
        )
    rounded = np.round(np.clip(shares, 0, 1), DIGITS).tolist()
    try:
        return _POLYGON.validate_python(rounded)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"].removeprefix("Value error, ")) from None


def _points(points: Any) -> np.ndarray:
    """(K, 2) float64. Raises ValueError unless they are pairs of numbers."""
    if not isinstance(points, list | tuple) or not all(_is_point(point) for point in points):
        raise ValueError("expected points as [[x, y], ...], each a pair of numbers")
    return np.array(points, np.float64).reshape(-1, 2)


def _is_point(point: Any) -> bool:
    return (
        isinstance(point, list | tuple)
        and len(point) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) and -1e9 < v < 1e9 for v in point)
    )


def _names(drawn: Sequence[Drawn], problems: list[str]) -> dict[int, str]:
    """Names that stand in the file, by index. A name that stands twice is a problem; a class is not."""
    labels = Counter(tidy(each.label) for each in drawn)
    names: dict[int, str] = {}
    first: dict[str, str] = {}
    for index, each in enumerate(drawn):
        label = tidy(each.label)
        name = tidy(each.name) or (label if labels[label] == 1 and len(drawn) > 1 else "")
        if name in first:
            problems.append(f"{each.where}: the name {name!r} is taken by {first[name]}: give it another")
        elif name:
            first[name] = each.where
            names[index] = name
    return names
