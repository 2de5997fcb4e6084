"""What an ONNX file says of itself, without loading it: opset, operators, producer.

The `onnx` package could tell, but is 18 MB that only developers need; ONNX Runtime does not tell. A file is a
protobuf message, https://protobuf.dev/programming-guides/encoding: tags of (field number << 3 | wire type),
values by their wire type. Field numbers are those of onnx/onnx.proto3.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

# ModelProto, OperatorSetIdProto, GraphProto, NodeProto, TensorProto, StringStringEntryProto
PRODUCER, GRAPH, OPSET = 2, 7, 8
DOMAIN, VERSION = 1, 2
NODE, INITIALIZER = 1, 5
OPERATOR = 4
ELSEWHERE = 13
KEY, VALUE = 1, 2
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5

LARGEST = 4096  # bytes of numbers with a meaning of their own, such as a mean; what has more are weights
STANDARD = ("", "ai.onnx")  # two names of ONNX' own operators


@dataclass(slots=True)
class GraphFile:
    """The outside of one file."""

    producer: str = ""
    opsets: dict[str, int] = field(default_factory=dict)  # version by domain, "" for ONNX' own
    operators: Counter[str] = field(default_factory=Counter)  # how many of each type

    @property
    def opset(self) -> int:
        """Of ONNX' own operators; 0 where the file does not say."""
        return next((self.opsets[name] for name in STANDARD if name in self.opsets), 0)


def read_graph_file(path: Path) -> GraphFile:
    """What can be read of a file; of a damaged one what comes before the damage."""
    found = GraphFile()
    content = memoryview(path.read_bytes())
    try:
        for number, value in _fields(content):
            if number == PRODUCER and isinstance(value, memoryview):
                found.producer = _text(value)
            elif number == OPSET and isinstance(value, memoryview):
                _read_opset(value, found)
            elif number == GRAPH and isinstance(value, memoryview):
                _read_graph(value, found)
    except ValueError:
        pass  # loading it will say what is wrong
    return found


def without_weights(content: bytes) -> bytes:
    """What a file says, without the weights, which are 99 % of it; all of it, if it cannot be understood."""
    kept: list[memoryview] = []
    try:
        for number, value in _fields(memoryview(content)):
            if number == GRAPH and isinstance(value, memoryview):
                parts = [part for part in _fields(value) if not _is_weights(*part)]
                kept += [part for _, part in parts if isinstance(part, memoryview)]
            elif isinstance(value, memoryview):
                kept.append(value)
    except ValueError:
        return content
    return b"".join(kept)


def weight_files(content: bytes) -> list[str]:
    """Names of the files that hold weights of this one, from its folder on; of a damaged one some."""
    found: set[str] = set()
    try:
        for graph in _parts(memoryview(content), GRAPH):
            for tensor in _parts(graph, INITIALIZER):
                for entry in _parts(tensor, ELSEWHERE):
                    if [_text(key) for key in _parts(entry, KEY)] == ["location"]:
                        found |= {_text(value) for value in _parts(entry, VALUE)}
    except ValueError:
        pass  # loading it will say what is wrong
    return sorted(found)


def _parts(message: memoryview, wanted: int) -> Iterator[memoryview]:
    return (value for number, value in _fields(message) if number == wanted and isinstance(value, memoryview))


def _is_weights(number: int, value: int | memoryview) -> bool:
    return number == INITIALIZER and isinstance(value, memoryview) and len(value) > LARGEST


def _read_opset(message: memoryview, found: GraphFile) -> None:
    domain, version = "", 0
    for number, value in _fields(message):
        if number == DOMAIN and isinstance(value, memoryview):
            domain = _text(value)
        elif number == VERSION and isinstance(value, int):
            version = value
    found.opsets[domain] = version


def _read_graph(message: memoryview, found: GraphFile) -> None:
    for number, node in _fields(message):
        if number == NODE and isinstance(node, memoryview):
            for part, value in _fields(node):
                if part == OPERATOR and isinstance(value, memoryview):
                    found.operators[_text(value)] += 1


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The numbers and values of a message's fields. Raises ValueError where it is none."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        kind = tag & 7
        if kind == VARINT:
            value, at = _varint(message, at)
            yield tag >> 3, value
            continue
        if kind == BYTES:
            length, at = _varint(message, at)
        elif kind in (FIXED64, FIXED32):
            length = 8 if kind == FIXED64 else 4
        else:
            raise ValueError(f"wire type {kind}")
        if at + length > len(message):
            raise ValueError("cut off")
        if kind == BYTES:
            yield tag >> 3, message[at : at + length]
        at += length


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """A number in groups of 7 bits, least first, and where it ends."""
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("no number")
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _text(value: memoryview) -> str:
    return bytes(value).decode("utf-8", "replace")
