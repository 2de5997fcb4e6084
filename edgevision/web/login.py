"""Who may come in: by the token of the configuration, sent as a bearer token or by the cookie of the page.

The cookie does not hold the token but a digest of it: scripts cannot read it (HttpOnly), pages of other
servers do not send it (SameSite=Strict), and it is good until the token changes. As browsers send it by
themselves, a request that changes something must also say that it comes from our own page.
"""

import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from edgevision.log import fields
from edgevision.web.answers import ApiError

READING = ("GET", "HEAD", "OPTIONS")
OPEN = ("/", "/api/v1/login", "/api/v1/logout")  # and all below PAGE: they tell nothing
PAGE = "/page/"
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


class Login:
    """One for the server. Without a token everybody may come in."""

    def __init__(self, token: str | None) -> None:
        self.needed = token is not None
        self._bearer = f"Bearer {token}".encode()
        self._digest = hashlib.sha256(b"edgevision page\0" + self._bearer).hexdigest()
        # Browsers send cookies of all ports of a machine to all of them: each server has a name of its own.
        self._name = f"edgevision-{self._digest[:8]}"
        self._value = self._digest[8:].encode()
        self._wrong = 0  # tokens since the last line about them
        self._told = -TELL_EVERY

    def refusal(self, method: str, path: str, headers: Mapping[str, str]) -> tuple[int, str] | None:
        """A status and why, or None: come in. headers: by lower-case names."""
        if not self.needed or path in OPEN or path.startswith(PAGE):
            return None
        if hmac.compare_digest(headers.get("authorization", "").encode("latin-1"), self._bearer):
            return None
        if not self._has_cookie(headers):
            return 401, "a bearer token is required"
        if method not in READING and not from_here(headers):
            return 403, "pages of other servers may not change anything here"
        return None

    def is_open(self, headers: Mapping[str, str]) -> bool:
        return self.refusal("GET", "", headers) is None

    def add_to(self, api: APIRouter) -> None:
        @api.get("/login", summary="Whether a token is asked for, and was given")
        def door(request: Request) -> Door:
            return Door(token=self.needed, open=self.is_open(request.headers))

        @api.post("/login", summary="Come in with the token; answers with a cookie", status_code=204)
        def enter(entry: Entry, request: Request, response: Response) -> None:
            if not from_here(request.headers):
                raise ApiError(403, "pages of other servers may not log in here")
            if not hmac.compare_digest(f"Bearer {entry.token}".encode(), self._bearer):
                self.tell_wrong(request.client.host if request.client else "?")
                raise ApiError(401, "that is not the token; it stands in the configuration under http: token")
            response.set_cookie(
                self._name,
                self._value.decode(),
                max_age=WEEK,
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )

        @api.post("/logout", summary="Forget the cookie", status_code=204)
        def leave(response: Response) -> None:
            response.delete_cookie(self._name, httponly=True, samesite="strict")

    def tell_wrong(self, client: str) -> None:
        """A wrong token came from this address: log it, now and then."""
        self._wrong += 1
        if time.monotonic() - self._told >= TELL_EVERY:
            log.warning("a wrong token was sent", extra=fields(client=client, times=self._wrong))
            self._wrong, self._told = 0, time.monotonic()

    def _has_cookie(self, headers: Mapping[str, str]) -> bool:
        parts = (part.strip().partition("=") for part in headers.get("cookie", "").split(";"))
        given = (value.encode("latin-1") for name, _, value in parts if name == self._name)
        return any(hmac.compare_digest(value, self._value) for value in given)


def from_here(headers: Mapping[str, str]) -> bool:
    """Whether a page of this server sent a request that changes something. Browsers say so in Sec-Fetch-Site
    (over https, and on the machine itself), and in Origin."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")
