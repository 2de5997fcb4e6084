"""Our own form, `places: {A1: [[x, y], ...]}`, and a plain list of polygons; shares of the picture."""

from pathlib import Path

from pydantic import Field

from edgevision.document import Document, KeyPath
from edgevision.document import read as read_document
from edgevision.explain import validate
from edgevision.settings import Name, Polygon, Settings
from edgevision.spotfiles.drawn import MOST_SPOTS, Spots, boxed
from edgevision.spotfiles.names import free_names, in_rows


class File(Settings):
    """spots.yaml"""

    places: dict[Name, Polygon] = Field(min_length=1, max_length=MOST_SPOTS)


class _List(Settings):
    places: list[Polygon] = Field(min_length=1, max_length=MOST_SPOTS)


class _Unnamed(Document):
    """A list that stands alone, as if it stood below `places`."""

    def __init__(self, file: Document) -> None:
        super().__init__(
            file.name, {"places": file.data}, {}, [(("places", *p), t) for p, t in file.problems]
        )
        self._file = file

    def where(self, *path: str | int) -> str:
        return self._file.where(*path[1:])

    def line(self, *path: KeyPath | str | int) -> int:
        return self._file.line(*path[1:])  # type: ignore[arg-type]


def read(path: Path) -> Spots | None:
    """The places; None if the file is neither of the two. Raises ConfigError with lines."""
    file = read_document(path)
    if isinstance(file.data, list):
        polygons = validate(_List, _Unnamed(file)).places
        named = dict(free_names({}, in_rows([boxed(polygon) for polygon in polygons])))
        return {named[index]: polygon for index, polygon in enumerate(polygons)}
    if isinstance(file.data, dict) and "places" in file.data:
        return validate(File, file).places
    return None
