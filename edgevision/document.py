"""YAML files, read strictly, with the line of every key at hand for messages.

Stricter than YAML: no duplicate keys (the last would win silently), no aliases (a few hundred bytes of them
can unfold to gigabytes), and only `true` and `false` are booleans: the country `NO` and the time `12:30:00`
stay text.
"""

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from edgevision.errors import ConfigError
from edgevision.redact import remember

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_SECRET = 64 * 1024  # bytes of a ${file:PATH}
UNKNOWN = "not-set-yet"  # stands in for a secret that is missing, so that the rest can still be checked

_KINDS = ("null", "bool", "int", "float", "str", "seq", "map")  # of YAML's tags
# What no name, path, address or password has: it would end a text early (NUL), or cannot be written as UTF-8.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_PLAIN = re.compile("[A-Za-z0-9_][A-Za-z0-9_.-]*")  # a name that leads out of no folder
_STRAY_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")

KeyPath = tuple[str | int, ...]
Problem = tuple[KeyPath, str]


class Document:
    """The data of one YAML file, where each part of it stands, and what is wrong with its form."""

    def __init__(self, name: str, data: Any, lines: dict[KeyPath, int], problems: list[Problem]) -> None:
        self.name = name
        self.data = data
        self.problems = problems
        self._lines = lines

    def where(self, *path: str | int) -> str:
        """`file.yaml:12: cameras.gate.source`: the nearest line known for a key's path."""
        key = f": {dotted(path)}" if path else ""
        return f"{self.name}:{self.line(*path)}{key}"

    def line(self, *path: str | int) -> int:
        """The line of a key's path, or of the nearest part of it that the file has."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 1)


def dotted(path: KeyPath) -> str:
    """('outputs', 0, 'path') -> 'outputs[0].path'."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read(path: Path, environ: Mapping[str, str] = os.environ) -> Document:
    """Read a file; ${NAME}, of the environment or of systemd's credentials, and ${file:PATH} in its texts are
    replaced. Raises ConfigError."""
    try:
        text = _text_of(path, MAX_BYTES)
    except ValueError as error:
        raise ConfigError(f"{path} {error}") from None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    return parse(text, path.name, environ)


def _text_of(path: Path, most: int) -> str:
    """A file of up to `most` bytes. Raises OSError, or ValueError with what is wrong with it."""
    if "\0" in str(path):
        raise ValueError("is no name of a file")
    with path.open("rb") as file:
        content = file.read(most + 1)  # not by its size: /dev/zero says 0
    if len(content) > most:
        raise ValueError(f"is larger than {most // 1024} KiB: is it the right file?")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError("is not a text file in UTF-8") from None


def parse(text: str, name: str, environ: Mapping[str, str] = os.environ) -> Document:
    """The document in a text, which messages call `name`. Raises ConfigError if it is not YAML."""
    try:
        node = _Loader(text).get_single_node()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        there = [*text.splitlines(), ""][line]  # what is left open ends behind the last line
        hint = "; text with ${...} between { and } needs quotes" if "${" in there else ""
        raise ConfigError(f"{name}:{line + 1}: not valid YAML: {error.problem}{hint}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{name}: not valid YAML: {str(error).splitlines()[0]}") from None
    builder = _Builder(environ)
    data = builder.build(node, ()) if node else None
    return Document(name, data, builder.lines, builder.problems)


class _Loader(yaml.SafeLoader):
    """Only what JSON knows as null, booleans and numbers; everything else is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - yaml's own


for _tag, _pattern, _first in (
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", list("tf")),
    ("int", r"[-+]?(0|[1-9][0-9]{0,17})", list("-+0123456789")),
    ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


class _Builder:
    """Makes plain Python data of a YAML tree, noting lines and problems on the way."""

    _PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._seen: set[int] = set()

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        self.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self._seen:
            return self._problem(path, "aliases (*name) are not allowed: write it out")
        self._seen.add(id(node))
        if len(path) > MAX_DEPTH:
            return self._problem(path[:3], f"nested deeper than {MAX_DEPTH} levels")
        kind = node.tag.removeprefix("tag:yaml.org,2002:")
        if kind not in _KINDS:
            return self._problem(path, f"the tag {kind} is not allowed")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(kind, node.value, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(path, "a key must be text, not a list or keys with values")
                continue
            key = str(key_node.value)
            if _UNPRINTABLE.search(key):
                self._problem(path, f"the key {key!r} has characters that cannot be printed")
                continue
            if key in data:
                first = self.lines[(*path, key)]
                again = key_node.start_mark.line + 1
                self._problem((*path, key), f"this key stands twice, in line {first} and in line {again}")
                continue
            self.lines[(*path, key)] = key_node.start_mark.line + 1
            data[key] = self.build(value_node, (*path, key))
        return data

    def _scalar(self, kind: str, text: str, path: KeyPath) -> Any:
        if kind == "null":
            return None
        if kind == "bool":
            return text == "true"
        if kind == "int":
            return int(text)
        if kind == "float":
            number = float(text)
            return number if math.isfinite(number) else self._problem(path, "this number is too large")
        text = self._PLACEHOLDER.sub(lambda found: self._expand(found, path), text)
        if _UNPRINTABLE.search(text):
            return self._problem(path, "this text has characters that cannot be printed")
        return text

    def _expand(self, found: re.Match[str], path: KeyPath) -> str:
        name = found[1]
        if name.startswith("file:"):
            try:
                value = _text_of(Path(name[5:]), MAX_SECRET).strip()
            except OSError as error:
                self._problem(path, f"cannot read {name[5:]}: {error.strerror}")
                return UNKNOWN
            except ValueError as error:
                self._problem(path, f"{name[5:]!r} {error}")
                return UNKNOWN
        elif name in self._environ:
            value = self._environ[name]
        elif (credential := self._credential(name)) is not None:
            value = credential
        else:
            self._problem(path, f"the environment variable {name} is not set")
            return UNKNOWN
        remember(value)
        before, after = found.string[: found.start()], found.string[found.end() :]
        _, is_url, part = before.partition("://")
        if is_url and (("/" not in part and "@" in after) or "?" in part):
            # A password in a URL: what is not percent-encoded yet would end the password early.
            value = quote(_STRAY_PERCENT.sub("%25", value), safe="%")
            remember(value)
        return value

    def _credential(self, name: str) -> str | None:
        """What systemd's LoadCredential= put into a file for us alone (systemd.exec(5))."""
        folder = self._environ.get("CREDENTIALS_DIRECTORY")
        if not folder or not _PLAIN.fullmatch(name):
            return None
        try:
            return (Path(folder) / name).read_text(encoding="utf-8").strip()
        except OSError:
            return None

    def _problem(self, path: KeyPath, text: str) -> None:
        self.problems.append((path, text))


def tree(text: str) -> yaml.Node | None:
    """The nodes of a text that `parse` found good, with the place of each; None if there is nothing in it."""
    node: yaml.Node | None = _Loader(text).get_single_node()
    return node


def plain(node: yaml.Node | None) -> Any:
    """What nodes say, as Python's own types; ${NAME} as it stands."""
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    kind = node.tag.removeprefix("tag:yaml.org,2002:") if node else "null"
    if not node or kind == "null":
        return None
    if kind == "bool":
        return bool(node.value == "true")
    return {"int": int, "float": float}.get(kind, str)(node.value)
