"""Tables: dataclasses whose fields all have the same rows, as arrays or as tables in their turn."""

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def take(table: T, rows: np.ndarray) -> T:
    """The table with only `rows`: indices (K,) or a mask (N,) bool."""
    return type(table)(*(take(part, rows) if is_dataclass(part) else part[rows] for part in _parts(table)))


def join(first: T, second: T) -> T:
    """The rows of both tables, the first's first."""
    return type(first)(
        *(
            join(a, b) if is_dataclass(a) else np.concatenate([a, b])
            for a, b in zip(_parts(first), _parts(second), strict=True)
        )
    )


def _parts(table: Any) -> list[Any]:
    return [getattr(table, field.name) for field in fields(table)]
