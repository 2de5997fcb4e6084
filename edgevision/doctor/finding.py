"""What a check says."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    level: Level
    found: str
    todo: str = ""  # what to do about it; never missing where the level is not ok


def ok(subject: str, found: str) -> Finding:
    return Finding(subject, "ok", found)


def warn(subject: str, found: str, todo: str) -> Finding:
    return Finding(subject, "warn", found, todo)


def fail(subject: str, found: str, todo: str) -> Finding:
    return Finding(subject, "fail", found, todo)
