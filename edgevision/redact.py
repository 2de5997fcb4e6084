"""Keeps secrets out of everything that leaves the process."""

import json
import re
from urllib.parse import quote

MASK = "***"
MIN_SECRET = 4  # shorter values would mask harmless text everywhere

# Up to the last @ of a word: a password may have been written with a slash or an @ in it.
_USERINFO = re.compile(r"(?P<scheme>//)\S*@")
_QUERY = re.compile(
    r"(?P<key>[?&/;_](?:user|username|pass|passwd|password|pwd|token|secret|key|auth)=)[^&\s]+", re.IGNORECASE
)
_HEADER = re.compile(r"(?P<key>authorization:\s*\w+\s+)[^\r\n]+", re.IGNORECASE)
# What stands in a configuration in place of a secret, with the user and the key of a query that belong to it.
_REFERENCE = re.compile(r"//[^\s:@/]*:?\$\{[^}]*\}@|\w+=\$\{[^}]*\}|\$\{[^}]*\}")

_known: set[str] = set()


def remember(secret: str) -> None:
    """From now on `redact` masks this value wherever it stands, e.g. what ${GATE_PASSWORD} expanded to; also
    as it stands in a URL, in JSON and in what Python shows of a text."""
    if len(secret) < MIN_SECRET:
        return
    shown = repr(secret)[1:-1], json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]
    in_url = quote(secret, safe="", errors="replace"), quote(secret, errors="replace")
    _known.update((secret, *shown, *in_url))


def redact(text: str) -> str:
    """The text without user names and passwords of URLs, tokens of queries and headers, known secrets."""
    for secret in sorted(_known, key=len, reverse=True):
        text = text.replace(secret, MASK)
    text = _USERINFO.sub(rf"\g<scheme>{MASK}@", text)
    text = _QUERY.sub(rf"\g<key>{MASK}", text)
    return _HEADER.sub(rf"\g<key>{MASK}", text)


def holds_secret(text: str) -> bool:
    """Whether a configuration's text has a secret in it. rtsp://viewer:${GATE_PASSWORD}@camera has none."""
    text = _REFERENCE.sub("", text)
    return redact(text) != text
