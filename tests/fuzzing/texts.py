"""Configurations and events, changed at random places."""

import json
import random
from pathlib import Path
from typing import Any

import yaml

from edgevision.builtin import builtin_path
from edgevision.config import check
from edgevision.core.types import Event
from edgevision.document import parse
from edgevision.errors import ConfigError
from edgevision.events import from_json, to_json
from edgevision.lint import warnings

CONFIGS = sorted(builtin_path("configs").glob("*.yaml"))
WORDS = (
    "0x10 1e5 NO - --help .. / /dev/zero /etc/passwd nan inf 1e999s 99999999999d 0ms -1s 3x 99x99 auto "
    "rtsp://u:p@h/ rtsp://[ rtsp://h:0/ file:///etc/passwd concat:a|b tcp://h:1 0.0.0.0:1 [::]:0 "
    "synthetic:carpark?fps=² images:.?fps=nan v4l2:/dev/video0?width=² rtsp://h\r\nX:y/ "
    "${HOME} ${file:/dev/zero} ${file:\0} ${NOPE} 0001-01-01T00:00:00+14:00 9999-12-31T23:59:59Z"
)
# Values at which programs fail: ends of number ranges, empty, huge, of another type, other alphabets, markup.
NASTY: list[Any] = [
    *(None, True, 0, -1, 1, 2**31, 2**63, -(2**63), 10**17, 0.0, -0.0, 1e308, 5e-324),
    *("", " ", "\t", "x" * 5000, "\0", "\ud800", "é", "日本", "²", "1" * 5000, "9" * 400 + "s", ":" * 50),
    *WORDS.split(" "),
    *([], {}, [[]], [None], {"": None}, {"a": {"a": {"a": 1}}}, [0, 0]),
    *([[0, 0], [1, 1], [0, 1]], [[1e300, 0]] * 3),
]
BYTES = [*b"& * <<: !!python/name:os ? - { [ ] } : | > % @ ` ' --- ... ${ &a *a".split(), b"[" * 50]
BYTES += [b"\x00", b"\xff", b"\xc3", b"\n", b"\t", b'"', b"&a ", b"*a ", b"\xef\xbb\xbf"]
EVENT = Event("gate:in:00000042", "gate", "line", "in", "crossed_in", "car", 7, 42, 0.8, 1_763_686_923.4, 0.0)


def config_values(chance: random.Random) -> None:
    """An example with some of its values or keys exchanged for nasty ones."""
    data = yaml.safe_load(chance.choice(CONFIGS).read_text())
    for _ in range(chance.randint(1, 3)):
        _change(data, chance)
    _read_config(yaml.safe_dump(data, allow_unicode=True))


def config_bytes(chance: random.Random) -> None:
    """An example with some bytes inserted, removed, doubled or exchanged."""
    content = flipped(chance.choice(CONFIGS).read_bytes(), chance)
    _read_config(content.decode("utf-8", "replace"))


def events(chance: random.Random) -> None:
    """What a journal's row holds, damaged."""
    content = flipped(to_json(EVENT).encode(), chance)
    if chance.random() < 0.5:
        data = json.loads(to_json(EVENT))
        _change(data, chance)
        content = json.dumps(data).encode()
    said = "no event: "
    try:
        from_json(content.decode("utf-8", "replace"))
    except ValueError as error:
        said = str(error)
    assert said.startswith("no event: ")


def flipped(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(content) + 1)
        until = at + chance.choice((0, 0, 1, 8, 200))
        content = content[:at] + chance.choice([b"", content[at:until] * 2, *BYTES]) + content[until:]
    return content


def _read_config(text: str) -> None:
    environ = {"HOME": "/root", "GATE_PASSWORD": "secret"}
    said = "x.yaml"
    try:
        warnings(check(parse(text, "x.yaml", environ), Path("/nowhere")))
    except ConfigError as error:
        said = str(error)
    assert said.startswith("x.yaml")
    assert len(said.encode()) < 200_000


def _change(data: Any, chance: random.Random) -> None:
    """One value or key, anywhere in it."""
    while True:
        keys = list(data) if isinstance(data, dict) else list(range(len(data)))
        if not keys:
            return
        key = chance.choice(keys)
        inside = data[key]
        if isinstance(inside, dict | list) and inside and chance.random() < 0.85:
            data = inside
            continue
        if isinstance(data, dict) and chance.random() < 0.2:
            data[chance.choice([each for each in NASTY if isinstance(each, str | int)])] = data.pop(key)
        else:
            data[key] = chance.choice(NASTY)
        return
