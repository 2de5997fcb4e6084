"""Times and time zones as a user writes them, in a question about the journal."""

from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone_of(name: str | None) -> ZoneInfo | None:
    """None: this machine's. Raises ValueError for a name that is no zone's."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"no time zone {name!r}; expected one such as Europe/Paris") from None


def moment_of(text: str | None, zone: ZoneInfo | None) -> float | None:
    """Unix seconds; None of None. Raises ValueError for what is no time."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise ValueError(f"expected a time such as 2026-11-21 or 2026-11-21T08:00, got {text!r}") from None
