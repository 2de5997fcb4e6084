"""Tables: dataclasses whose fields all have the same rows, as arrays or as tables in their turn."""

from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


def take(table: T, rows: np.ndarray) -> T:
    """The table with only `rows`: indices (K,)."""
    taken: T = _rebuilt(lambda part: part.take(rows, axis=0), table)
    return taken


def join(first: T, second: T) -> T:
    """The rows of both tables, the first's first."""
    joined: T = _rebuilt(lambda *parts: np.concatenate(parts), first, second)
    return joined


def _rebuilt(make: Any, *tables: Any) -> Any:
    """A table of what `make` gives for each field's arrays."""
    kind: Any = type(tables[0])
    parts = []
    for name, nested in _names(kind):
        of_each = [getattr(table, name) for table in tables]
        parts.append(_rebuilt(make, *of_each) if nested else make(*of_each))
    return kind(*parts)


@cache  # asking a dataclass for its fields takes longer than copying them
def _names(kind: type) -> list[tuple[str, bool]]:
    """The fields, and whether each is a table."""
    return [(field.name, is_dataclass(field.type)) for field in fields(kind)]
