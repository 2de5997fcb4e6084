"""Changes what a YAML file says and leaves all the rest of its text as it was written.

Only the characters of what differs are replaced, by the places that PyYAML gives for each node. ruamel.yaml,
which reads and writes a file as a whole, was tried first: it ties a comment to the key before it, so a new
one of `lines` came after the comment about `zones`, and that comment went with the last of the lines.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from edgevision.document import KeyPath, parse, plain, tree
from edgevision.errors import ConfigError

STEP = 2  # spaces to indent what is new
_WORD = re.compile("[A-Za-z_][A-Za-z0-9_-]*")
_NO_TEXT = ("true", "false", "null")

Renamed = Mapping[KeyPath, str]  # keys, by their old path, and what they are called now


class _Splice(NamedTuple):
    """What the text between two places becomes."""

    start: int
    end: int
    text: str


def rewrite(text: str, data: dict[str, Any], renamed: Renamed | None = None, name: str = "the file") -> str:
    """The text, so that it says `data`. Comments, order and form of what stays are kept; a key that goes
    takes with it the comments right above it and those in it.

    text: a mapping without aliases. data: dicts that are not empty, lists, text, numbers, booleans, None.
    Raises ConfigError if that cannot be done.
    """
    parse(text, name)
    root = tree(text)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{name}: expected keys and values")
    new = _spliced(text, _mapping(text, root, data, renamed or {}, ()))
    if plain(tree(new)) != data:
        raise ConfigError(f"{name}: it is written in a way that cannot be changed here; change it by hand")
    return new


def _spliced(text: str, splices: Iterator[_Splice], start: int = 0, end: int | None = None) -> str:
    """The part of the text from `start` to `end`, changed."""
    parts, at = [], start
    for each in sorted(splices):
        parts += [text[at : each.start], each.text]
        at = each.end
    return "".join([*parts, text[at : len(text) if end is None else end]])


def _mapping(
    text: str, node: yaml.MappingNode, wanted: dict[str, Any], renamed: Renamed, path: KeyPath
) -> Iterator[_Splice]:
    pairs = [(key, value, renamed.get((*path, key.value), str(key.value))) for key, value in node.value]
    names = {name for *_, name in pairs}
    added = {key: value for key, value in wanted.items() if key not in names}
    if node.flow_style and (added or not names <= wanted.keys()):
        items = [
            _spliced(
                text,
                _pair(text, key, value, name, wanted[name], renamed, path),
                key.start_mark.index,
                _end(value),
            )
            for key, value, name in pairs
            if name in wanted
        ]
        items += [f"{key}: {_flow(value)}" for key, value in added.items()]
        yield _Splice(node.start_mark.index, node.end_mark.index, "{" + ", ".join(items) + "}")
        return
    for key, value, name in pairs:
        if name in wanted:
            yield from _pair(text, key, value, name, wanted[name], renamed, path)
        else:
            start = _above(text, key.start_mark.index, key.start_mark.column)
            yield _Splice(start, _below(text, _end(value), key.start_mark.column), "")
    if added:
        last_key, last_value = node.value[-1]
        column = last_key.start_mark.column
        at = _below(text, _end(last_value), column)
        lines = "".join(_block(key, value, column) for key, value in added.items())
        yield _Splice(at, at, lines if text[:at].endswith("\n") else "\n" + lines)


def _pair(
    text: str,
    key: yaml.Node,
    value: yaml.Node,
    name: str,
    wanted: Any,
    renamed: Renamed,
    path: KeyPath,
) -> Iterator[_Splice]:
    """A key that stays; `name` is what it is called from now on."""
    if name != key.value:
        yield _Splice(key.start_mark.index, key.end_mark.index, name)
    inner = (*path, str(key.value))
    if isinstance(value, yaml.MappingNode) and value.value and isinstance(wanted, dict):
        yield from _mapping(text, value, wanted, renamed, inner)
    elif isinstance(value, yaml.SequenceNode) and _alike(value, wanted):
        yield from _items(text, value, wanted)
    elif plain(value) != wanted:
        colon = text.index(":", key.end_mark.index) + 1
        yield _Splice(colon, _end(value), " " + _flow(wanted))


def _items(text: str, node: yaml.SequenceNode, wanted: list[Any]) -> Iterator[_Splice]:
    for item, each in zip(node.value, wanted, strict=True):
        if isinstance(item, yaml.SequenceNode) and _alike(item, each):
            yield from _items(text, item, each)
        elif (
            isinstance(item, yaml.MappingNode)
            and isinstance(each, dict)
            and plain(item).keys() == each.keys()
        ):
            yield from _mapping(text, item, each, {}, ())
        elif plain(item) != each:
            yield _Splice(item.start_mark.index, _end(item), _flow(each))


def _alike(node: yaml.SequenceNode, wanted: Any) -> bool:
    return isinstance(wanted, list) and len(wanted) == len(node.value)


def _end(node: yaml.Node) -> int:
    """Where the last thing of a node ends. A block's own end mark is where the next thing begins."""
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(node, yaml.MappingNode) else last)
    return int(node.end_mark.index)


def _above(text: str, at: int, column: int) -> int:
    """The start of the line of `at`, or of the comments right above it that begin in the same column."""
    start = text.rfind("\n", 0, at) + 1
    while start:
        before = text.rfind("\n", 0, start - 1) + 1
        if not text[before:start].startswith(" " * column + "#"):
            break
        start = before
    return start


def _below(text: str, at: int, column: int) -> int:
    """The end of the line of `at`, or of the comments right below that begin farther right than `column`."""
    end = _line_end(text, at)
    while (line := text[end : _line_end(text, end)]).lstrip(" ").startswith("#"):
        if len(line) - len(line.lstrip(" ")) <= column:
            break
        end += len(line)
    return end


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _block(key: str, value: Any, column: int) -> str:
    """Lines for a new key: what has keys of keys below it goes into lines of its own."""
    start = " " * column + key + ":"
    if isinstance(value, dict) and _depth(value) > 2:
        return f"{start}\n" + "".join(_block(each, value[each], column + STEP) for each in value)
    return f"{start} {_flow(value)}\n"


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inside is None else 1 + max(map(_depth, inside), default=0)


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, str) and _WORD.fullmatch(value) and value not in _NO_TEXT:
        return value
    return json.dumps(value, ensure_ascii=False)
