"""What a request has to pass before anything answers it, and what every answer carries."""

import asyncio
import ipaddress
import json
import socket
from collections.abc import Collection, Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edgevision.web.login import NOBODY, Login

MOST_BODY = 1 << 20  # bytes
BODY_SECONDS = 10.0  # for all of a body to come
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")

# A page of ours runs its own scripts only, sends forms home only, and stands in nobody's frame.
HEADERS = {
    b"content-security-policy": b"default-src 'self'; img-src 'self' data: blob:; object-src 'none'; "
    b"base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-resource-policy": b"same-origin",
    b"cache-control": b"no-store",
}


class Guard:
    """Stands before an application, as one itself.

    login: who may come in.
    hosts: names that the server is called by, beside IP addresses, `localhost` and this machine's own.
    """

    def __init__(self, app: ASGIApp, login: Login, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._login = login
        self._hosts = {"localhost", socket.gethostname().lower(), *(host.lower() for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in HEADERS.items() if name not in given]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        headers = dict(scope["headers"])
        refusal = (
            self._unknown_name(headers) or self._unknown_caller(scope, headers) or _strange(scope, headers)
        )
        if refusal:
            await _refuse(send_with_headers, *refusal)
        else:
            scope["caller"], scope["until"] = self._login.caller(_text(headers))
            with suppress(ClientDisconnect):  # who leaves in the midst of a body is no defect of ours
                await self._app(scope, _Body(receive), send_with_headers)

    def _unknown_name(self, headers: Mapping[bytes, bytes]) -> tuple[int, str] | None:
        """A page of somebody else whose name leads to this address sends its own name (DNS rebinding). An
        address cannot be led anywhere, and who sends no name is no browser."""
        given = headers.get(b"host", b"").decode("latin-1")
        if not given or _name(given) in self._hosts or _is_address(_name(given)):
            return None
        return 421, f"this server is not known as {given[:100]!r}: add the name to `http: hosts:`"

    def _unknown_caller(self, scope: Scope, headers: Mapping[bytes, bytes]) -> tuple[int, str] | None:
        refusal = self._login.refusal(scope["method"], scope["path"], _text(headers))
        if refusal and b"authorization" in headers and self._login.caller(_text(headers))[0] == NOBODY:
            self._login.tell_wrong((scope.get("client") or ["?"])[0])
        return refusal


def _text(headers: Mapping[bytes, bytes]) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()}


def _name(host: str) -> str:
    """Of `name:port`; empty if it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _strange(scope: Scope, headers: Mapping[bytes, bytes]) -> tuple[int, str] | None:
    """What is too large, or was sent by a page of somebody else in a browser of ours."""
    length = headers.get(b"content-length", b"0")
    if not length.isdigit() or len(length) > 18 or int(length) > MOST_BODY:
        return 413, f"a body of up to {MOST_BODY} bytes is taken"
    origin = headers.get(b"origin")
    if scope["method"] not in SAFE_METHODS and origin is not None:
        home = b"//" + headers.get(b"host", b"")
        if origin.partition(b":")[2] != home:
            return 403, "pages of other servers may not change anything here"
    return None


class _Body:
    """A request's body as it comes, up to MOST_BODY bytes and for BODY_SECONDS."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._taken = 0
        self._deadline = asyncio.get_running_loop().time() + BODY_SECONDS
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()  # waits for the end of the connection, as long as an answer takes
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408, f"a body has to come within {BODY_SECONDS:g} s") from None
        self._complete = not message.get("more_body", False)
        self._taken += len(message.get("body", b""))
        if self._taken > MOST_BODY:
            raise HTTPException(413, f"a body of up to {MOST_BODY} bytes is taken")
        return message


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
