"""Does what the API wants done with the configuration file."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edgevision.config import Camera, LoadedConfig, check
from edgevision.configfile import ChangedError, ConfigFile, version_of
from edgevision.document import parse, plain, tree
from edgevision.errors import ConfigError, EdgevisionError
from edgevision.lint import warnings
from edgevision.redact import holds_secret, redact
from edgevision.shapes import replaced
from edgevision.web.answers import ApiError, Configuration, History, Verdict, Version
from edgevision.web.shapes import Line, Queue, Shapes, ShapesWish, Shelf, Zone
from edgevision.yaml_edit import rewrite


class Editing:
    """One for the process; called from many threads."""

    def __init__(self, path: Path | None, reload: Callable[[], None]) -> None:
        """path: of the file, if there is one. reload: read it again soon."""
        self._there = ConfigFile(path) if path else None
        self._reload = reload

    def configuration(self) -> Configuration:
        text = self._file.read()
        if holds_secret(text):
            raise ApiError(409, "the file holds a password; write ${NAME} there instead to edit it here")
        return Configuration(text=text, version=version_of(text))

    def check(self, text: str) -> Verdict:
        path = self._file.path
        try:
            doubts = warnings(check(parse(text, path.name), path.parent))
        except ConfigError as error:
            return Verdict(valid=False, problems=[redact(each) for each in error.problems], warnings=[])
        return Verdict(valid=True, problems=[], warnings=[redact(each) for each in doubts])

    def configure(self, text: str, version: str) -> Verdict:
        file = self._file
        _same(file.read(), version)
        verdict = self.check(text)
        if verdict.valid:
            try:
                file.write(text, version)
            except ChangedError as error:
                raise ApiError(412, str(error)) from None
            except EdgevisionError as error:
                raise ApiError(409, str(error)) from None
            self._reload()
            verdict.version = version_of(text)
        return verdict

    def reload(self) -> None:
        assert self._file
        self._reload()

    def history(self) -> History:
        found = self._file.earlier()
        return History(versions=[Version(number=each.number, until=each.until) for each in found])

    def restore(self, number: int, version: str) -> Verdict:
        text = self._file.text_of(number)
        if text is None:
            raise ApiError(404, f"there is no earlier version {number}")
        return self.configure(text, version)

    def shapes(self, camera: str) -> Shapes:
        text = self._file.read()
        settings = _camera(self._understood(text), camera)
        spots = getattr(settings, "spots", None)
        return Shapes(
            version=version_of(text),
            lines={
                name: Line.model_validate({"from": line.from_, "to": line.to})
                for name, line in settings.lines.items()
            },
            zones=_areas(settings.zones),
            spots=dict(spots.places if spots else {}) if "spots" in Camera.model_fields else None,
            queues={
                name: Queue(polygon=list(queue.polygon), front=queue.front)
                for name, queue in settings.queues.items()
            },
            shelves={name: _shelf(shelf) for name, shelf in settings.shelves.items()},
            areas=_areas(settings.areas),
            looks=_areas(settings.looks),
            ignore=_areas(settings.ignore),
            fixed=dict(getattr(spots, "file", None) or {}),
            region=settings.region,
        )

    def check_shapes(self, camera: str, wish: ShapesWish, version: str) -> Verdict:
        return self.check(self._drawn(camera, wish, version))

    def draw_shapes(self, camera: str, wish: ShapesWish, version: str) -> Verdict:
        return self.configure(self._drawn(camera, wish, version), version)

    @property
    def _file(self) -> ConfigFile:
        if self._there is None:
            raise ApiError(409, "this process does not run from a configuration file")
        return self._there

    def _drawn(self, camera: str, wish: ShapesWish, version: str) -> str:
        """The file's text with other shapes."""
        text, name = self._file.read(), self._file.path.name
        _same(text, version)
        _camera(self._understood(text), camera)
        sections: dict[str, Any] = wish.model_dump(mode="json", exclude_unset=True, exclude={"renamed"})
        sections = {key: entries for key, entries in sections.items() if entries is not None}
        data, renamed = replaced(plain(tree(text)), camera, sections, wish.renamed)
        try:
            return rewrite(text, data, renamed, name)
        except ConfigError as error:
            raise ApiError(409, str(error)) from None

    def _understood(self, text: str) -> LoadedConfig:
        path = self._file.path
        try:
            return check(parse(text, path.name), path.parent)
        except ConfigError as error:
            wrong = "; ".join(error.problems)
            raise ApiError(409, f"the file has been changed by hand, and is wrong now: {wrong}") from None


def _same(text: str, version: str) -> None:
    if version_of(text) != version:
        raise ApiError(412, "the file was changed meanwhile: read it again, and change that")


def _camera(config: LoadedConfig, name: str) -> Any:
    found = config.settings.cameras.get(name)
    if found is None:
        known = ", ".join(config.settings.cameras)
        raise ApiError(404, f"there is no camera {name!r} in the file; there are {known}")
    return found


def _areas(named: Mapping[str, Any]) -> dict[str, Zone]:
    return {name: Zone(polygon=list(each.polygon)) for name, each in named.items()}


def _shelf(settings: Any) -> Shelf:
    """Rows that were written as a number are called by theirs."""
    if settings.polygon is None:
        return Shelf(rows={row.name: list(row.polygon) for row in settings.rows})
    plain_rows = [row.model_dump(exclude_defaults=True) for row in settings.rows]
    counted = plain_rows == [{"name": str(number + 1)} for number in range(len(plain_rows))]
    return Shelf(polygon=list(settings.polygon), count=len(plain_rows) if counted else None)
