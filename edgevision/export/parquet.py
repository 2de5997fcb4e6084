"""Rows as a Parquet file, written in row groups: the memory it takes does not grow with the file."""

from collections.abc import Iterable, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from edgevision.errors import OutputError
from edgevision.export.tables import NUMBER, TEXT, TIME, WHOLE, Row

GROUP = 50_000  # rows of a group: some MB, of which a reader takes one at a time


def write_parquet(
    pages: Iterable[list[Row]], columns: Mapping[str, str], zone: tzinfo | None, path: Path
) -> None:
    """columns: what each holds. Raises OutputError without pyarrow, OSError where it cannot be written."""
    arrow, parquet = _library()
    types = {
        TEXT: arrow.string(),
        NUMBER: arrow.float64(),
        WHOLE: arrow.int64(),
        TIME: arrow.timestamp("ms", tz=zone.key if isinstance(zone, ZoneInfo) else "UTC"),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in columns.items()])
    with parquet.ParquetWriter(path, schema) as writer:
        waiting: list[Row] = []
        for page in pages:
            waiting += page
            if len(waiting) >= GROUP:
                writer.write_table(arrow.Table.from_pylist(waiting, schema))
                waiting = []
        if waiting:
            writer.write_table(arrow.Table.from_pylist(waiting, schema))


def _library() -> tuple[Any, Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise OutputError("Parquet needs the extra: pip install 'edgevision[parquet]'") from None
    return pyarrow, pyarrow.parquet
