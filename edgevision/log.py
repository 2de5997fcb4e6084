"""Structured logs on stderr: one line per record, `key=value` for people, JSON for collectors.

    time=2026-11-21T01:02:03.456Z level=info camera=gate msg="stream is up" width=1280

Fields go in as `log.info("stream is up", extra=fields(camera="gate", width=1280))`. Secrets are masked in
every record, tracebacks included.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Literal

from edgevision.redact import redact

Format = Literal["text", "json"]
Level = Literal["debug", "info", "warning", "error"]
# They tell each request with its address, at `info` already: that of a webhook is a secret as a whole.
TALKATIVE = ("httpx", "httpcore")


def setup(level: Level = "info", style: Format = "text") -> None:
    """Send all logging of the process to stderr in one style; replaces what was set up before."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Formatter(style))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def fields(**values: Any) -> dict[str, Any]:
    """The `extra=` of a record: structured values beside its message."""
    return {"fields": values}


class _Formatter(logging.Formatter):
    def __init__(self, style: Format) -> None:
        super().__init__()
        self._as_text = style == "text"

    def format(self, record: logging.LogRecord) -> str:
        values: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname.lower(),
            **getattr(record, "fields", {}),
            "msg": record.getMessage(),
        }
        if record.exc_info:
            values["traceback"] = self.formatException(record.exc_info)
        values = {key: _masked(value) for key, value in values.items()}
        if self._as_text:
            return " ".join(f"{key}={_quoted(value)}" for key, value in values.items())
        return json.dumps(values, ensure_ascii=False)


def _masked(value: Any) -> Any:
    """Before it is quoted: a secret with a quotation mark in it looks different then."""
    return value if value is None or isinstance(value, int | float) else redact(str(value))


def _quoted(value: Any) -> str:
    text = str(value)
    plain = text and not any(c.isspace() or c in '"=' for c in text)
    return text if plain else json.dumps(text, ensure_ascii=False)
