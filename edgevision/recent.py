"""The last warnings and errors of the log, for who asks what went wrong."""

import logging
from collections import deque
from datetime import UTC, datetime
from typing import NamedTuple

from edgevision.redact import redact

KEPT = 100  # records


class Record(NamedTuple):
    """One line of the log."""

    time: str  # ISO 8601
    level: str
    camera: str | None
    text: str


class Recent(logging.Handler):
    """To be added to a logger."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: deque[Record] = deque(maxlen=KEPT)

    def emit(self, record: logging.LogRecord) -> None:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        camera = getattr(record, "fields", {}).get("camera")
        self._records.append(Record(time, record.levelname.lower(), camera, redact(record.getMessage())))

    def newest_first(self) -> list[Record]:
        return list(reversed(self._records.copy()))
