"""Who may come in, and how far: by a token of the configuration, as a bearer token or by the page's cookie.

The cookie does not hold the token but a digest of it (edgevision.tokens): scripts cannot read it (HttpOnly),
pages of other servers do not send it (SameSite=Strict), and it is good until the token is taken out of the
configuration, or expires. As browsers send it by themselves, a request that changes something must also say
that it comes from our own page.
"""

import logging
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from edgevision.log import fields
from edgevision.tokens import Role, Token, day, find, hash_of, key_of
from edgevision.web.answers import ApiError
from edgevision.web.refusals import refusals

READING = ("GET", "HEAD", "OPTIONS")
OPEN = ("/", "/api/v1/login", "/api/v1/logout")  # and all below PAGE: they tell nothing
PAGE = "/page/"
ADMIN = ("/api/v1/config", "/api/v1/audit")  # not to be read with the role `read`; nor what is below them
COOKIE = "edgevision-"  # and 8 digits: browsers send cookies of all ports of a machine to all of them
NOBODY = "nobody"  # in particular: the caller without a token
TELL_EVERY = 60.0  # s between two lines of the log about wrong tokens
WEEK = 7 * 24 * 3600  # s that a browser keeps the cookie

log = logging.getLogger(__name__)


class Entry(BaseModel):
    """What the form sends."""

    token: Annotated[str, Field(max_length=1024)]


class Door(BaseModel):
    """Whether this browser has to log in."""

    token: bool = Field(description="whether a token is asked for at all")
    open: bool = Field(description="whether this browser has come in")
    role: Role | None = Field(description="how far: read, or admin, who may also change things")


class Login:
    """One for the server. Without a token everybody may come in, and do everything."""

    def __init__(self, token: str | None, tokens: Sequence[Token] = ()) -> None:
        """token: as it is, for everything. tokens: of one role each."""
        single = [Token(name="token", role="admin", hash=hash_of(token))] if token is not None else []
        self._tokens = [*single, *tokens]
        self.needed = bool(self._tokens)
        self._wrong = 0  # tokens since the last line about them
        self._told = -TELL_EVERY

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """A status and why, or None: come in. headers: by lower-case names."""
        if not self.needed or path in OPEN or path.startswith(PAGE):
            return None
        token, by_cookie = self._token(headers)
        if token is None:
            return 401, "a bearer token is required"
        if token.has_expired(time.time()):
            return 401, _expired(token)
        if by_cookie and method not in READING and not from_here(headers):
            return 403, "pages of other servers may not change anything here"
        if token.role != "admin" and (method not in READING or _is_below(path, ADMIN)):
            return 403, f"this needs a token of the role admin; {token.name!r} has the role {token.role}"
        return None

    def is_open(self, headers: Mapping[str, str]) -> bool:
        return self.refusal("GET", "", headers) is None

    def role(self, headers: Mapping[str, str]) -> Role | None:
        """How far who sends these may go; None: not in."""
        if not self.is_open(headers):
            return None
        token, _ = self._token(headers)
        return token.role if token else "admin"

    def caller(self, headers: Mapping[str, str]) -> tuple[str, float]:
        """The name of the token that came with them, or NOBODY; and when it expires, Unix seconds."""
        token, _ = self._token(headers)
        until = token.expires.timestamp() if token and token.expires else math.inf
        return token.name if token else NOBODY, until

    def routes(self) -> APIRouter:
        api = APIRouter(prefix="/api/v1")

        @api.get("/login", summary="Whether a token is asked for, and was given", responses=refusals())
        def door(request: Request) -> Door:
            return Door(
                token=self.needed, open=self.is_open(request.headers), role=self.role(request.headers)
            )

        @api.post(
            "/login",
            summary="Come in with a token; answers with a cookie",
            status_code=204,
            responses=refusals(body=True),
        )
        def enter(entry: Entry, request: Request, response: Response) -> None:
            if not from_here(request.headers):
                raise ApiError(403, "pages of other servers may not log in here")
            key = key_of(entry.token.encode(errors="replace"))
            token = find(self._tokens, key.encode())
            if token is None:
                self.tell_wrong(request.client.host if request.client else "?")
                raise ApiError(
                    401, "that is not the token; it stands in the configuration under http: token, or "
                    "`edgevision token` printed it",
                )  # fmt: skip
            if token.has_expired(time.time()):
                raise ApiError(401, _expired(token))
            response.set_cookie(
                _cookie(token),
                key,
                max_age=WEEK,
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )

        @api.post("/logout", summary="Forget the cookie", status_code=204, responses=refusals())
        def leave(request: Request, response: Response) -> None:
            for key in _cookies(request.headers):
                if token := find(self._tokens, key):
                    response.delete_cookie(_cookie(token), httponly=True, samesite="strict")

        return api

    def tell_wrong(self, client: str) -> None:
        """A wrong token came from this address: log it, now and then."""
        self._wrong += 1
        if time.monotonic() - self._told >= TELL_EVERY:
            log.warning("a wrong token was sent", extra=fields(client=client, times=self._wrong))
            self._wrong, self._told = 0, time.monotonic()

    def _token(self, headers: Mapping[str, str]) -> tuple[Token | None, bool]:
        """The one that was sent, and whether by a cookie; of several cookies the one that may do most."""
        bearer = _bearer(headers)
        if bearer and (found := find(self._tokens, key_of(bearer).encode())):
            return found, False
        kept = [token for key in _cookies(headers) if (token := find(self._tokens, key))]
        return min(kept, key=lambda token: (token.has_expired(time.time()), token.role), default=None), True


def _expired(token: Token) -> str:
    assert token.expires
    return f"the token {token.name!r} expired on {day(token.expires)}; `edgevision token` makes another"


def _is_below(path: str, places: Sequence[str]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _cookie(token: Token) -> str:
    return COOKIE + token.hash.removeprefix("sha256:")[:8]


def _bearer(headers: Mapping[str, str]) -> bytes | None:
    kind, _, given = headers.get("authorization", "").encode("latin-1").partition(b" ")
    return given if kind == b"Bearer" else None


def _cookies(headers: Mapping[str, str]) -> Iterator[bytes]:
    """Their values, of all servers of this machine."""
    parts = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
    return (value.encode("latin-1") for name, _, value in parts if name.startswith(COOKIE))


def from_here(headers: Mapping[str, str]) -> bool:
    """Whether a page of this server sent a request that changes something. Browsers say so in Sec-Fetch-Site
    (over https, and on the machine itself), and in Origin."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")
