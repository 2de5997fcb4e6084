"""Building blocks of the configuration: a strict base model, and the few kinds of value it knows.

Every part of the program that can be configured declares its own settings with these, beside its code.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
)

from edgevision.builtin import existing_network
from edgevision.redact import redact

NAME = "[A-Za-z0-9][A-Za-z0-9_-]{0,31}"
_SIZES = {"MB": 10**6, "GB": 10**9}
_SIZE = re.compile(r"\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(MB|GB)\s*", re.IGNORECASE)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
LONGEST = 100 * 366 * 86400.0  # s: threads cannot be told to wait for more than 292 years
_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*")


class Settings(BaseModel):
    """Unknown keys and wrong types are errors; values never change after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        return redact(super().__repr__())

    __str__ = __repr__


def _name(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise ValueError(f"a name is 1 to 32 letters, digits, - or _, got {value!r}")
    return value


def _seconds(value: Any) -> Any:
    if isinstance(value, str):
        parts = _DURATION.fullmatch(value)
        if not parts:
            raise ValueError(f"expected a duration such as 500ms, 10s, 5m or 2h, got {value!r}")
        return float(parts[1]) * _UNITS[parts[2]]
    return value


def _bytes(value: Any) -> Any:
    if isinstance(value, str):
        parts = _SIZE.fullmatch(value)
        if not parts:
            raise ValueError(f"expected a size such as 500MB or 2GB, got {value!r}")
        return int(float(parts[1]) * _SIZES[parts[2].upper()])
    return value


def as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _coordinate(value: Any) -> Any:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError(f"a coordinate is a share of the frame from its top left, 0..1, got {value!r}")
    return float(value)


def _point(value: Any) -> Any:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise ValueError(f"expected a point [x, y], got {value!r}")
    return tuple(value)


def _area(polygon: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if len(polygon) < 3:
        raise ValueError(f"an area needs at least 3 points, got {len(polygon)}")
    sides = zip(polygon, polygon[1:] + polygon[:1], strict=True)
    if abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in sides)) / 2 < 1e-6:
        raise ValueError("there is nothing inside: the points lie on one line")
    return polygon


def _existing(value: str, info: ValidationInfo) -> str:
    existing_network(value, (info.context or {}).get("base", Path()))
    return value


def _time(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError(f"expected a time such as 2026-11-21T08:00:00Z, got {value!r}")
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"expected a time such as 2026-11-21T08:00:00Z, got {value!r}") from None
    if not 1970 <= time.year < 3000:
        raise ValueError(f"expected a time between the years 1970 and 3000, got {value!r}")
    return time if time.tzinfo else time.replace(tzinfo=UTC)


Duration = Annotated[
    float,
    BeforeValidator(_seconds, json_schema_input_type=float | str),
    Field(ge=0, le=LONGEST, description="seconds, or text with a unit: 500ms, 10s, 5m, 2h"),
]
Bytes = Annotated[int, BeforeValidator(_bytes, json_schema_input_type=int | str)]
Share = Annotated[float, Field(ge=0, le=1)]
Coordinate = Annotated[float, BeforeValidator(_coordinate, json_schema_input_type=float), Field(ge=0, le=1)]
Point = Annotated[
    tuple[Coordinate, Coordinate],
    BeforeValidator(_point, json_schema_input_type=list[float]),
    Field(description="[x, y], each 0..1 of the frame, from its top left corner"),
]
Polygon = Annotated[
    tuple[Point, ...],
    BeforeValidator(as_tuple, json_schema_input_type=list[list[float]]),
    AfterValidator(_area),
    Field(description="three or more points"),
]
# Relative to the configuration file's folder, which is the validation's `base`; or builtin:NAME, pulled:NAME.
NetworkPath = Annotated[str, AfterValidator(_existing)]
Time = Annotated[datetime, BeforeValidator(_time, json_schema_input_type=str)]
# A name becomes a metric label, a part of an event's id and of a file name.
Name = Annotated[str, AfterValidator(_name), Field(json_schema_extra={"pattern": NAME})]
