"""Keeps secrets out of everything that leaves the process."""

import re

MASK = "***"
MIN_SECRET = 4  # shorter values would mask harmless text everywhere

_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@]*(?:@[^\s/@]*)*@", re.IGNORECASE)
_QUERY = re.compile(
    r"(?P<key>[?&](?:user|username|pass|passwd|password|pwd|token|key|auth)=)[^&\s\"']+", re.I
)
_HEADER = re.compile(r"(?P<key>authorization:\s*\w+\s+)\S+", re.IGNORECASE)

_known: set[str] = set()


def remember(secret: str) -> None:
    """From now on `redact` masks this value wherever it stands, e.g. what ${GATE_PASSWORD} expanded to."""
    if len(secret) >= MIN_SECRET:
        _known.add(secret)


def redact(text: str) -> str:
    """The text without user names and passwords of URLs, tokens of queries and headers, known secrets."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = _USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    text = _QUERY.sub(rf"\g<key>{MASK}", text)
    return _HEADER.sub(rf"\g<key>{MASK}", text)
