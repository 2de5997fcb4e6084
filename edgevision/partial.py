"""A file that comes piece by piece: `x.part`, and beside it `x.part.from`, a note of what it is a part of."""

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from edgevision.errors import ModelError, OutputError


class UnfinishedError(ModelError):
    """It did not come, or not all of it. What came is kept, to go on with."""


class Partial:
    """The `.part`, open for writing at its end."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._note = _note(path)

    @property
    def size(self) -> int:
        """Bytes that have come so far."""
        return self._file.tell()

    def validator(self, url: str) -> str:
        """Which state of the file at `url` it is the beginning of; nothing if that is unknown."""
        if not self.size or not self._note.is_file():
            return ""
        key, _, validator = self._note.read_text(encoding="utf-8").partition("\n")
        return validator if key == _key(url) else ""

    def begin(self, url: str, validator: str) -> None:
        """From now on it is empty, and to be filled with that state of the file at `url`."""
        self.clear()
        self._note.write_text(f"{_key(url)}\n{validator}", encoding="utf-8")

    def clear(self) -> None:
        self._note.unlink(missing_ok=True)
        self._file.flush()
        self._file.truncate(0)
        self._file.seek(0)

    def check_room(self, more: int) -> None:
        """Raises OSError if the disk has no room for so many bytes, before others run out of it too."""
        if shutil.disk_usage(self.path.parent).free < more:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)

    def flush(self) -> None:
        """Until all of it is on the disk."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def keep(self, target: Path) -> None:
        """It is whole and takes its place at once: there is never a piece of a file at `target`."""
        self.flush()
        self.path.replace(target)
        self._note.unlink(missing_ok=True)


@contextmanager
def partial(path: Path) -> Iterator[Partial]:
    """Opens a `.part`, ours alone.

    It stays when the download is interrupted. It goes when what came is refused, and when the disk is full: a
    running service needs the space more. Raises OutputError if it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            _lock(file, path)
            try:
                yield Partial(path, file)
            except BaseException as error:
                refused = isinstance(error, ModelError) and not isinstance(error, UnfinishedError)
                if refused or isinstance(error, OSError) or not file.tell():
                    path.unlink(missing_ok=True)
                    _note(path).unlink(missing_ok=True)
                raise
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        hint = "; nothing of it is kept: free some space, or name another folder with --to" if full else ""
        raise OutputError(f"cannot write {path}: {error.strerror}{hint}") from None


def digest(path: Path) -> str:
    """SHA-256 of a file, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _lock(file: BinaryIO, path: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        ours = False  # another has it, or has just put it in its place
    if not ours:
        # Not to be taken for a refusal of what came: the file is the other's.
        raise ModelError(f"{path} is being written: another download of it is under way")


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".from")


def _key(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()  # the address itself may hold a password
