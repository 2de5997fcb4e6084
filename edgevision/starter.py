"""A configuration to begin with: one of those in configs/, with a user's camera and network put in.

Passwords do not go into the file; a variable of the environment stands where they were.
"""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from edgevision.builtin import PULLED, SCHEME, builtin_path
from edgevision.config import check
from edgevision.document import UNKNOWN, Document, KeyPath, parse

PASSWORD, TOKEN, ALERT = "CAMERA_PASSWORD", "CAMERA_TOKEN", "ALERT_URL"
SPOTS = "spots: {file: spots.yaml}"  # of a camera, in configs/parking.yaml

_SECRET = re.compile(r"([?&/;](?:pass|passwd|password|pwd|token|key|auth)=)([^&/;#]+)", re.IGNORECASE)
_SHOWN = re.compile(r"(?:[A-Z]+_PASSWORD=\.\.\. )?(edgevision (?:check|run) )configs/(\w+\.yaml)")
_PLAIN = re.compile(r"[A-Za-z/][\w/.~:@%?&=+$(){}-]*[\w/}]")  # text that YAML takes as it stands


class Starter(NamedTuple):
    """A file's content, and what it wants to be set in the environment."""

    text: str
    secrets: dict[str, str]  # variable -> value; for the user's eyes and shell, not for a file


def fill(use: str, output: Path, source: str | None, model: str | None, alert: str | None = None) -> Starter:
    """The configuration for a use, as it is to be written to `output`.

    source and model as the user gave them, relative to the folder she is in; None leaves the example's.
    alert: a web address that is told of each event.
    Raises ConfigError if it would not be a good one.
    """
    text = builtin_path(f"configs/{use}.yaml").read_text(encoding="utf-8")
    secrets: dict[str, str] = {}
    if alert is not None:
        secrets[ALERT] = alert  # who knows it can write to that chat room
        told = f'  - {{type: webhook, url: "${{{ALERT}}}"}}   # told of each event; `kinds:` chooses\n'
        text = text.replace("\noutputs:\n", f"\noutputs:\n{told}")
    if source is not None:
        address, found = without_secrets(relative(source, output.parent))
        secrets |= found
        text = _replace(text, ("cameras",), "source", address)
        text = _SHOWN.sub(lambda found: f"{in_front(secrets)}{found[1]}{output}", text)
    else:
        text = re.sub(rf"configs/{use}\.yaml", lambda _: str(output), text)
    if model is not None:
        text = _replace(text, ("models",), "path", relative(model, output.parent))
    check(_parse(text, output.name, secrets), output.parent)
    return Starter(text, secrets)


def in_front(secrets: Mapping[str, str]) -> str:
    """Of a command that wants these variables."""
    return "".join(f"{name}=... " for name in secrets)


def with_spots(text: str) -> str:
    """The configuration with its line about spots.yaml switched on."""
    return text.replace(f"# {SPOTS}", SPOTS)


def without_secrets(source: str) -> tuple[str, dict[str, str]]:
    """An address with variables for its passwords, and their values. What is no URL has none."""
    if "://" not in source:
        return source, {}
    secrets: dict[str, str] = {}
    try:
        parts = urlsplit(source)
    except ValueError:
        return source, {}  # it is no address, and refused when the file is checked
    user, colon, password = parts.netloc.rpartition("@")[0].partition(":")
    if password and not password.startswith("${"):
        secrets[PASSWORD] = unquote(password)
        host = parts.netloc.rpartition("@")[2]
        source = source.replace(parts.netloc, f"{user}{colon}${{{PASSWORD}}}@{host}", 1)

    def hide(found: re.Match[str]) -> str:
        if found[2].startswith("${"):
            return found[0]
        name = PASSWORD if secrets.get(PASSWORD, found[2]) == found[2] else TOKEN
        secrets[name] = found[2]
        return f"{found[1]}${{{name}}}"

    return _SECRET.sub(hide, source), secrets


def relative(text: str, folder: Path) -> str:
    """A path meant from here, as it is meant from a file in `folder`; other addresses as they are."""
    if "://" in text or text.startswith((SCHEME, PULLED, "/", "v4l2:", "synthetic:")):
        return text
    scheme, colon, path = text.rpartition(":") if text.startswith(("file:", "images:")) else ("", "", text)
    return scheme + colon + os.path.relpath(Path(path), folder)


def _replace(text: str, path: KeyPath, key: str, value: str) -> str:
    """The text with another value in the line of `key`, of the first that stands under `path`."""
    document = _parse(text, "", {})
    first = next(iter(document.data[path[0]]))
    number = document.line(*path, first, key) - 1
    lines = text.split("\n")
    shown = value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
    lines[number] = re.sub(rf"({key}:) \S+", lambda found: f"{found[1]} {shown}", lines[number], count=1)
    return "\n".join(lines)


def _parse(text: str, name: str, secrets: dict[str, str]) -> Document:
    """Variables that are not set yet stand for something: they are for later."""
    unset = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), UNKNOWN)
    return parse(text, name, {**unset, **os.environ, **secrets})
