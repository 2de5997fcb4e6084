"""Can a stream's host be reached, and why does it refuse? Asked beside FFmpeg, which does not tell us."""

import re
import socket
import ssl
from urllib.parse import SplitResult, urlsplit

from edgevision.errors import SourceError
from edgevision.redact import redact

PORTS = {"rtsp": 554, "rtsps": 322}  # RFC 7826, section 4.2
ASK = 2.0  # s to wait for the answer to one question

# What to tell the operator, by reason.
TEXTS = {
    "auth": "{url} refuses user and password, or asks for them: check them, and the path",
    "not_found": "{url} has no such stream: check the path",
    "dns": "the name of {url} is not known, or no name server answers: check it, or write the IP address",
    "refused": "{url} cannot be connected to: is the camera on, and are address and port right?",
    "open_timeout": "no answer from {url} in time",
    "open_failed": "{url} answers, but gives no video that can be decoded",
}

_STATUS = re.compile(rb"RTSP/\d\.\d (\d{3})")
_REASONS = {401: "auth", 403: "auth", 404: "not_found"}


def refusal(reason: str, url: str) -> SourceError:
    """The error to raise for a stream that could not be opened."""
    return SourceError(reason, TEXTS[reason].format(url=redact(url)))


def check_name(url: str) -> None:
    """Resolve the host's name. Raises SourceError, reason dns.

    FFmpeg resolves it again, outside all of its timeouts: 20 s with a dead name server, 2 s and an error here
    (RES_OPTIONS in edgevision.opencv).
    """
    parts = urlsplit(url)
    try:
        socket.getaddrinfo(parts.hostname, _port(parts), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise refusal("dns", url) from None


def why_refused(url: str) -> SourceError:
    """Ask a stream that could not be opened once more, by a DESCRIBE (RFC 2326, 10.2) of our own.

    It is asked without the password, so that an account is not locked by twice as many wrong ones. So who
    is asked for one was refused by it, or by the path behind it.
    """
    parts = urlsplit(url)
    try:
        status = _describe(parts)
    except TimeoutError:
        return refusal("open_timeout", url)
    except OSError:
        return refusal("refused", url)
    return refusal(_REASONS.get(status, "open_failed"), url)


def _describe(parts: SplitResult) -> int:
    """The status of the answer; 0 for none that is RTSP."""
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    address = f"{parts.scheme}://{host}:{_port(parts)}{path}"
    question = f"DESCRIBE {address} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n"
    with socket.create_connection((parts.hostname or "", _port(parts)), ASK) as plain:
        if parts.scheme.lower() == "rtsps":
            # Like FFmpeg, which takes any certificate: cameras have self-signed ones.
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with context.wrap_socket(plain, server_hostname=parts.hostname) as secret:
                return _ask(secret, question)
        return _ask(plain, question)


def _ask(connection: socket.socket, question: str) -> int:
    connection.settimeout(ASK)
    connection.sendall(question.encode("ascii", "replace"))
    found = _STATUS.match(connection.recv(1000))
    return int(found[1]) if found else 0


def _port(parts: SplitResult) -> int:
    return parts.port or PORTS[parts.scheme.lower()]
