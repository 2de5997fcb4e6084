"""Fetches a file over HTTP, going on where an earlier attempt ended.

Going on is a Range with an If-Range (RFC 9110, 13.1.5 and 14.2): what has changed on the server comes whole.
Proxies and certificates are those of the environment: HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE.
"""

import re
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

import httpx

from edgevision import __version__
from edgevision.errors import ModelError
from edgevision.partial import Partial, UnfinishedError
from edgevision.redact import redact

MOST_REDIRECTS = 5  # GitHub takes 1, Hugging Face 2
TIMEOUT = httpx.Timeout(30.0, connect=10.0)  # s without a byte
WAITS = (1.0, 2.0, 4.0, 8.0)  # s before each further attempt
WORTH = 2**20  # bytes; an attempt that brought as many starts the waits anew: a bad line, not a dead server
PASSING = {408, 425, 429, 500, 502, 503, 504}  # what a later attempt may mend
CHUNK = 2**16  # bytes
# A compressed answer could not be gone on with, and a network hardly gets smaller.
HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"edgevision/{__version__}"}


class Listener(Protocol):
    """Who is told how it goes."""

    def moved(self, done: int, total: int | None) -> None:
        """Bytes that are there, and all that there will be, if the server says."""

    def waiting(self, reason: str, seconds: float) -> None:
        """Something passing went wrong; it is tried again after so many seconds."""


class Wanted(NamedTuple):
    """What is to be fetched."""

    url: str
    most: int  # bytes that it may have
    look: Callable[
        [bytes], None
    ]  # is given its first bytes; raises ModelError if they are not what is wanted


class _PassingError(Exception):
    """Worth another attempt."""


def parse(url: str) -> httpx.URL:
    """Raises ModelError if it is no http:// or https:// address."""
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as error:
        raise ModelError(f"not an address: {redact(str(error))}") from None
    if address.scheme not in ("http", "https") or not address.host:
        raise ModelError(f"expected an address https://..., got {redact(re.split('[?#]', url)[0])}")
    return address


def shown(url: str) -> str:
    """The address without what may be secret: user, password, query."""
    return redact(str(parse(url).copy_with(userinfo=b"", query=None, fragment=None)))


def download(wanted: Wanted, part: Partial, listener: Listener) -> None:
    """All of the file, in `part`.

    Raises UnfinishedError if it did not come, ModelError if it must not be used.
    """
    name, failures = shown(wanted.url), 0
    while True:
        before = part.size
        try:
            _attempt(wanted, part, listener)
            return
        except (_PassingError, httpx.TransportError) as error:
            reason = re.sub(r"^\[Errno -?\d+\] ", "", redact(str(error))) or type(error).__name__
            if isinstance(error, httpx.UnsupportedProtocol) or "CERTIFICATE_VERIFY_FAILED" in reason:
                raise UnfinishedError(f"cannot fetch {name}: {reason}") from None
        except httpx.TooManyRedirects:
            raise UnfinishedError(f"{name} leads on more than {MOST_REDIRECTS} times") from None
        except (httpx.InvalidURL, httpx.RequestError) as error:
            raise UnfinishedError(f"cannot fetch {name}: {redact(str(error))}") from None
        failures = 1 if part.size - before >= WORTH else failures + 1
        if failures > len(WAITS):
            kept = f"; the same command goes on after the {part.size} bytes that came" if part.size else ""
            raise UnfinishedError(f"cannot fetch {name}: {reason} (tried {failures} times){kept}")
        listener.waiting(reason, WAITS[failures - 1])
        time.sleep(WAITS[failures - 1])


def _attempt(wanted: Wanted, part: Partial, listener: Listener) -> None:
    """One request: appends what comes to what is there, or starts anew if it must."""
    validator = part.validator(wanted.url)
    asked = {"Range": f"bytes={part.size}-", "If-Range": validator} if validator else {}
    with _client() as client, client.stream("GET", wanted.url, headers=HEADERS | asked) as response:
        if asked and response.status_code == 416 and _span(response) == (None, part.size):
            return  # all of it had come
        _check_status(response, wanted, known=(200, 206, 416) if asked else (200,))
        if not (asked and _goes_on(response, part, validator)):
            part.begin(wanted.url, _validator(response))
        total = _total(response)
        _check_size(total or 0, wanted)
        part.check_room((total or 0) - part.size)
        for chunk in response.iter_raw(CHUNK):
            if not part.size:
                wanted.look(chunk)
            part.write(chunk)
            _check_size(part.size, wanted)
            listener.moved(part.size, total)
        if not part.size:
            wanted.look(b"")


def _client() -> httpx.Client:
    hooks = {"request": [_no_way_back_to_http()]}
    try:
        return httpx.Client(
            timeout=TIMEOUT, follow_redirects=True, max_redirects=MOST_REDIRECTS, event_hooks=hooks
        )
    except (OSError, ValueError, ImportError) as error:
        reason = redact(str(error))
        raise UnfinishedError(f"the environment's proxy or certificates cannot be used: {reason}") from None


def _no_way_back_to_http() -> Callable[[httpx.Request], None]:
    """Looks at the requests of one attempt, one after the other as redirects lead on."""
    secure = False

    def check(request: httpx.Request) -> None:
        nonlocal secure
        if secure and request.url.scheme != "https":
            raise UnfinishedError(
                f"its https address leads on to {request.url.scheme}://{request.url.host}, where anybody on "
                "the way could change the file; that is not followed"
            )
        secure = request.url.scheme == "https"

    return check


def _check_status(response: httpx.Response, wanted: Wanted, known: tuple[int, ...]) -> None:
    status = f"{response.status_code} {response.reason_phrase}".strip()
    if response.status_code in PASSING:
        raise _PassingError(f"the server answers {status}")
    if response.status_code not in known:
        hints = {401: ": it wants a login", 403: ": it may not be fetched", 404: ": no such file is there"}
        hint = hints.get(response.status_code, "")
        raise UnfinishedError(f"{shown(wanted.url)} answers {status}{hint}")
    coding = response.headers.get("content-encoding", "identity")
    if coding != "identity":
        raise UnfinishedError(f"{shown(wanted.url)} sends the file as {coding}, though asked not to")


def _check_size(size: int, wanted: Wanted) -> None:
    if size > wanted.most:
        raise ModelError(f"{shown(wanted.url)} is larger than the {wanted.most} bytes that it may have")


def _goes_on(response: httpx.Response, part: Partial, validator: str) -> bool:
    """Whether the answer is the rest of what is there, and not all of it.

    Not every server heeds an If-Range: another state's rest must not be joined to this one's beginning.
    """
    if response.status_code == 200:
        return False
    if _span(response)[0] != part.size or _validator(response) not in ("", validator):
        part.clear()
        raise _PassingError("the file has changed on the server")
    return True


def _span(response: httpx.Response) -> tuple[int | None, int | None]:
    """First byte and length of the whole file, of a Content-Range: `bytes 5-9/10` -> (5, 10)."""
    found = re.fullmatch(r"bytes (?:(\d+)-\d+|\*)/(\d+|\*)", response.headers.get("content-range", ""))
    first, total = found.groups() if found else (None, None)
    return int(first) if first else None, int(total) if total and total != "*" else None


def _total(response: httpx.Response) -> int | None:
    if response.status_code == 206:
        return _span(response)[1]
    length = response.headers.get("content-length", "")
    return int(length) if length.isdecimal() else None


def _validator(response: httpx.Response) -> str:
    """What an If-Range may name: a strong ETag, else the date of the last change."""
    tag: str = response.headers.get("etag", "")
    return tag if tag.startswith('"') else str(response.headers.get("last-modified", ""))
