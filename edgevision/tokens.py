"""Tokens that open the HTTP server: how one is made, what of it stands in the configuration, what it allows.

    token --SHA-256--> key --SHA-256--> hash
    (a person)         (a cookie)       (the configuration)

Who reads the configuration has neither of the first two, and who has a browser's cookie has not the token.
Plain SHA-256 is enough, as `edgevision token` draws 256 random bits: a slow hash only helps against guesses,
and of these there are 2^256. So no command makes a hash of a word that somebody thought of.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from edgevision.settings import Name, Settings, Time

BITS = 256
MOST = 100  # tokens of one configuration
_FORM = r"sha256:[0-9a-f]{64}"

Role = Literal["read", "admin"]


def _hash(value: str) -> str:
    if not re.fullmatch(_FORM, value):
        raise ValueError("expected what `edgevision token` prints: sha256: and 64 digits of 0-9, a-f")
    return value


class Token(Settings):
    """One of `http: tokens`."""

    name: Name = Field(description="who has it; it stands beside what was changed with it")
    role: Role = Field("read", description="read: may look at everything; admin: may also change it")
    hash: Annotated[str, AfterValidator(_hash)] = Field(
        description="of the token, as `edgevision token` prints it",
        json_schema_extra={"pattern": f"^{_FORM}$"},
    )
    expires: Time | None = Field(None, description="from then on it opens nothing; left out: never")

    def has_expired(self, now: float) -> bool:
        """now: Unix seconds."""
        return self.expires is not None and now >= self.expires.timestamp()


def different(tokens: Sequence[Token]) -> Sequence[Token]:
    """Raises ValueError where two have one name, or one that `http: token` has."""
    names = ["token", *(each.name for each in tokens)]
    twice = [name for number, name in enumerate(names) if name in names[:number]]
    if twice:
        raise ValueError(
            f"two tokens are called {twice[0]} (`http: token` is called token): choose another name"
        )
    return tokens


def new_token() -> str:
    return f"ev_{secrets.token_urlsafe(BITS // 8)}"


def key_of(token: bytes) -> str:
    """What a browser keeps of a token."""
    return hashlib.sha256(b"edgevision page\0" + token).hexdigest()


def hash_of_key(key: bytes) -> str:
    return f"sha256:{hashlib.sha256(key).hexdigest()}"


def hash_of(token: str) -> str:
    """What the configuration keeps of a token."""
    return hash_of_key(key_of(token.encode()).encode())


def find(tokens: Sequence[Token], key: bytes) -> Token | None:
    """Whose key it is. All are compared, in constant time."""
    given = hash_of_key(key)
    found = [each for each in tokens if hmac.compare_digest(each.hash, given)]
    return found[0] if found else None


def day(time: datetime) -> str:
    return time.date().isoformat()
