"""CVAT for images 1.1 (https://docs.cvat.ai/docs/dataset_management/formats/format-cvat/): polygons, boxes.

Read with expat itself: it knows the line of each element, and a file with a document type, whose entities can
unfold to gigabytes, is refused before any of them is.
"""

from typing import Any
from xml.parsers import expat

from edgevision.core.types import Size
from edgevision.errors import ConfigError
from edgevision.spotfiles.drawn import Drawn
from edgevision.spotfiles.read_coco import named, size_of

SHAPES = ("polygon", "box")
OTHERS = ("polyline", "points", "mask", "ellipse", "cuboid", "skeleton", "track")


def read(text: str, file: str) -> list[Drawn]:
    parser = expat.ParserCreate()
    reader = _Reader(parser, file)
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise ConfigError(f"{file}:{error.lineno}: not valid XML: {expat.ErrorString(error.code)}") from None
    if reader.root != "annotations":
        raise ConfigError(f"{file}:1: expected <annotations>, as of CVAT for images 1.1, got <{reader.root}>")
    return reader.drawn


class _Reader:
    """Gathers the shapes while the parser walks through the file."""

    def __init__(self, parser: expat.XMLParserType, file: str) -> None:
        self.root = ""
        self.drawn: list[Drawn] = []
        self._parser, self._file = parser, file
        self._size: Size | None = None
        self._picture = ""
        self._attribute: str | None = None  # the name of the one that is being read
        self._attributes: dict[str, str] = {}
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text

    @property
    def _where(self) -> str:
        return f"{self._file}:{self._parser.CurrentLineNumber}"

    def _doctype(self, *_: Any) -> None:
        raise ConfigError(f"{self._where}: a document type, which no annotation needs: it is not read")

    def _start(self, tag: str, keys: dict[str, str]) -> None:
        self.root = self.root or tag
        if tag == "image":
            self._image(keys)
        elif tag in OTHERS and self.root == "annotations":
            raise ConfigError(
                f"{self._where}: expected <polygon> or <box>, as in CVAT for images 1.1, got <{tag}>"
            )
        elif tag in SHAPES and self._size:
            points = _points(keys) if tag == "polygon" else _corners(keys)
            self.drawn.append(Drawn(self._where, points, self._size, label=keys.get("label", "")))
            self._attributes = {}
        elif tag == "attribute":
            self._attribute = keys.get("name", "")

    def _image(self, keys: dict[str, str]) -> None:
        sides = {key: float(value) for key, value in keys.items() if _is_number(value)}
        self._size = size_of(sides, "width", "height")
        self._picture = keys.get("name", "")
        if self._size is None:
            raise ConfigError(f"{self._where}: expected <image> with width and height in pixels")
        if self.drawn:
            raise ConfigError(
                f"{self._where}: spots are drawn on one picture, and there is another, {self._picture!r}: "
                "export that one alone"
            )

    def _text(self, text: str) -> None:
        if self._attribute is not None:
            self._attributes[self._attribute] = self._attributes.get(self._attribute, "") + text.strip()

    def _end(self, tag: str) -> None:
        if tag == "attribute":
            self._attribute = None
        elif tag in SHAPES and self.drawn:
            self.drawn[-1] = self.drawn[-1]._replace(name=named(self._attributes))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _points(keys: dict[str, str]) -> Any:
    """`10.5,20;30,20;30,40` as pairs; None where it is no such text."""
    pairs = [pair.split(",") for pair in keys.get("points", "").split(";")]
    good = all(len(pair) == 2 and all(map(_is_number, pair)) for pair in pairs)
    return [(float(x), float(y)) for x, y in pairs] if good else None


def _corners(keys: dict[str, str]) -> Any:
    sides = [keys.get(side, "") for side in ("xtl", "ytl", "xbr", "ybr")]
    if not all(map(_is_number, sides)):
        return None
    x1, y1, x2, y2 = map(float, sides)
    return [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
