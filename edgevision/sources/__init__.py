"""Where pictures come from. One file here is one kind of source, found by the scheme of its address."""

import importlib
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from edgevision.errors import ConfigError
from edgevision.redact import remember
from edgevision.sources.base import (
    Acceleration,
    Backend,
    Decode,
    Described,
    LiveSettings,
    Picture,
    Source,
    Wanted,
    chosen,
)

__all__ = [
    "Acceleration",
    "Address",
    "Backend",
    "Decode",
    "Described",
    "LiveSettings",
    "Picture",
    "Source",
    "Wanted",
    "chosen",
    "open_source",
    "parse_address",
]

# scheme -> the module of this package that opens it; imported when used
MODULES = {
    "rtsp": "rtsp",
    "rtsps": "rtsp",
    "v4l2": "camera",
    "file": "file",
    "images": "images",
    "synthetic": "synthetic",
}
COMPRESSED = ("rtsp", "file")  # those of which a picture needs those before it, but for keyframes
EXAMPLES = "rtsp://host/path, /dev/video0, a video file, a folder of pictures, or synthetic:carpark"

_BLANK = re.compile(r"[\s\x00-\x20\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class Address(NamedTuple):
    """What a source was configured as: the scheme, and what stands behind it (for RTSP the whole URL)."""

    scheme: str
    location: str


def parse_address(text: str, base: Path) -> Address:
    """Understand the `source:` of a camera; relative paths start at `base`.

    Raises ValueError with what is wrong and what is allowed. Opens nothing.
    """
    found = _SCHEME.match(text)
    if text.startswith("/dev/video"):
        return Address("v4l2", text)
    if not found:
        return _path(text, base)
    scheme = found[1].lower()
    if scheme not in MODULES:
        raise ValueError(f"unknown scheme {scheme!r}; expected {EXAMPLES}")
    if MODULES[scheme] == "rtsp":
        return _stream(scheme, text)
    rest = text[found.end() :]
    if scheme == "file":
        return _path(rest.removeprefix("//"), base)
    return Address(scheme, str(base / rest) if scheme == "images" else rest)


def open_source(address: Address, live: LiveSettings) -> Source:
    """The source at an address. Raises ConfigError for a setting it does not have; connects only later."""
    if live.decode != "all" and MODULES[address.scheme] not in COMPRESSED:
        raise ConfigError(f"decode: {live.decode} is for streams and video files, which have keyframes")
    module = importlib.import_module(f"{__name__}.{MODULES[address.scheme]}")
    source: Source = module.open_source(address.location, live)
    return source


def _stream(scheme: str, text: str) -> Address:
    try:
        parts = urlsplit(text)
        complete = bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    # A line's end would go into the request to the camera; with an @ only behind the host, half of a password
    # was taken for it.
    if not complete or _BLANK.search(text) or ("@" in text and "@" not in parts.netloc):
        raise ValueError(
            f"expected {scheme}://user:password@host:port/path "
            "(write @ : / in a password as %40 %3A %2F, a blank as %20)"
        )
    for secret in (parts.password or "", unquote(parts.password or "")):
        remember(secret)
    return Address(scheme, text)


def _path(text: str, base: Path) -> Address:
    path = base / text
    try:
        if not path.exists():
            raise ValueError(f"{path} does not exist; expected {EXAMPLES}")
    except OSError as error:  # a folder that this user may not look into, a name that is too long
        raise ValueError(f"cannot look at {path}: {error.strerror}") from None
    return Address("images" if path.is_dir() else "file", str(path))
