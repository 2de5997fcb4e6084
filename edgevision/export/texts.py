"""Rows as text: CSV by RFC 4180, and JSON lines."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from io import StringIO
from typing import Any

from edgevision.export.tables import Row

# A spreadsheet takes a cell that begins like this for a formula, and runs it
# (https://owasp.org/www-community/attacks/CSV_Injection). Names cannot, labels of networks can.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def as_csv(pages: Iterable[list[Row]], columns: Sequence[str]) -> Iterator[str]:
    """The line with the columns' names, then all rows, page by page."""
    yield _lines([columns])
    for page in pages:
        yield _lines([_cell(row[column]) for column in columns] for row in page)


def as_json_lines(pages: Iterable[list[Row]]) -> Iterator[str]:
    for page in pages:
        yield "".join(f"{json.dumps(row, ensure_ascii=False, default=_plain)}\n" for row in page)


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    text = StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    if isinstance(value, float) and value == int(value):
        return int(value)
    return _plain(value) if isinstance(value, datetime) else value


def _plain(value: datetime) -> str:
    return value.isoformat(timespec="milliseconds")
