"""The configuration's file: written as a whole or not at all, by who knows what is in it, and with a past."""

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from edgevision.errors import EdgevisionError

KEPT = 10  # earlier versions, in a folder beside the file


class ChangedError(EdgevisionError):
    """The file is not the one that was read."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A version that the file had."""

    number: int  # rising
    until: str  # when it was replaced, ISO 8601


class ConfigFile:
    """Used from many threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._past = path.with_name(path.name + ".old")
        self._writing = Lock()

    def read(self) -> str:
        """Raises EdgevisionError."""
        try:
            return self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise EdgevisionError(f"cannot read {self.path}: {_why(error)}") from None

    def write(self, text: str, version: str) -> None:
        """Replace the file, if it still is of that version. Raises ChangedError, EdgevisionError."""
        with self._writing:
            before = self.read()
            if version_of(before) != version:
                raise ChangedError("the file was changed meanwhile: read it again, and change that")
            if text == before:
                return
            try:
                self._remember(before)
                self._replace(self.path, text)
            except OSError as error:
                raise EdgevisionError(
                    f"cannot write {self.path}: {_why(error)}; nothing was changed. The service must be "
                    "allowed to write the file and its folder"
                ) from None

    def earlier(self) -> list[Earlier]:
        """The newest first."""
        found = []
        for path in self._versions():
            with suppress(OSError):
                until = datetime.fromtimestamp(path.stat().st_mtime, UTC)
                found.append(Earlier(int(path.stem), until.isoformat(timespec="seconds")))
        return found

    def text_of(self, number: int) -> str | None:
        """What an earlier version said; None: there is none of that number."""
        for path in self._versions():
            if int(path.stem) == number:
                try:
                    return path.read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError) as error:
                    raise EdgevisionError(f"cannot read {path}: {_why(error)}") from None
        return None

    def _remember(self, text: str) -> None:
        self._past.mkdir(mode=0o700, exist_ok=True)
        versions = self._versions()
        number = int(versions[0].stem) + 1 if versions else 1
        self._replace(self._past / f"{number:08}{self.path.suffix or '.yaml'}", text)
        for path in versions[KEPT - 1 :]:
            path.unlink(missing_ok=True)

    def _versions(self) -> list[Path]:
        """The newest first."""
        found = self._past.glob("*") if self._past.is_dir() else ()
        return sorted((path for path in found if path.stem.isdigit()), reverse=True)

    def _replace(self, path: Path, text: str) -> None:
        """A whole new file with the rights of the configuration's, whatever happens meanwhile."""
        path = path.resolve()  # of a link, what it leads to
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".draft", delete=False) as file:
            try:
                file.write(text.encode())
                os.fchmod(file.fileno(), self.path.stat().st_mode & 0o777)
                file.flush()
                os.fsync(file.fileno())
                Path(file.name).replace(path)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise


def version_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _why(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not a text file in UTF-8"
