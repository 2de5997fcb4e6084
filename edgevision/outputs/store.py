"""A folder of small files with bounds: how many bytes, how many files, for how long. The oldest go first."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock

from edgevision.errors import OutputError
from edgevision.evidence import PART, is_ours

MOST_FILES = 100_000  # what is known of one takes some 200 bytes
LEAST_ROOM = 64 << 20  # bytes that are left free on the disk: the journal may be on the same one
LOOK = "[0-9]*/*/*"  # day, camera, file


class Store:
    """What is there is known from the files alone, so the bounds hold over restarts. May be used by several
    threads. What is not an event's file is neither counted nor removed."""

    def __init__(self, folder: Path, most: int, keep: float, now: Callable[[], float] = time.time) -> None:
        """most: bytes. keep: seconds. now: Unix seconds. Raises OutputError."""
        self._folder, self._most, self._keep, self._now = folder, most, keep, now
        self._lock = Lock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            trial = folder / f"trial{PART}"
            trial.write_bytes(b"")
            trial.unlink()
            known = sorted(self._scan())
            self._files = {path: (written, size) for written, path, size in known}  # the oldest first
            self._bytes = sum(size for _, _, size in known)
            self._make_room(0, 0)
        except OSError as error:
            raise OutputError(
                f"cannot keep evidence in {folder}: {error.strerror}; "
                "choose a folder that exists, or can be made, and that this user may write to"
            ) from None

    def save(self, path: str, content: bytes) -> None:
        """Put a file there, whole or not at all, and remove the oldest for it. path: day/camera/file. Raises
        OSError."""
        with self._lock:
            self._make_room(len(content), 1)
            whole = self._folder / path
            part = whole.with_name(whole.name + PART)
            try:
                for folder in (whole.parent.parent, whole.parent):
                    folder.mkdir(exist_ok=True)  # not what is above: a disk that is away stays away
                part.write_bytes(content)
                part.replace(whole)
            except OSError:
                with suppress(OSError):
                    part.unlink(missing_ok=True)
                raise
            _, before = self._files.pop(path, (0.0, 0))
            self._files[path] = (self._now(), len(content))
            self._bytes += len(content) - before

    def tidy(self) -> None:
        """Remove what was kept for long enough. Raises OSError."""
        with self._lock:
            self._remove_while(lambda written: written < self._now() - self._keep)

    def _make_room(self, more: int, files: int) -> None:
        """For so many bytes more. Raises OSError."""
        if more > self._most:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        self._remove_while(
            lambda written: (
                written < self._now() - self._keep
                or self._bytes + more > self._most
                or len(self._files) + files > MOST_FILES
            )
        )
        left = os.statvfs(self._folder)
        if more and left.f_bavail * left.f_frsize < LEAST_ROOM + more:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _remove_while(self, due: Callable[[float], bool]) -> None:
        while self._files:
            path, (written, size) = next(iter(self._files.items()))
            if not due(written):
                return
            whole = self._folder / path
            whole.unlink(missing_ok=True)
            del self._files[path]
            self._bytes -= size
            with suppress(OSError):  # there is more in them
                whole.parent.rmdir()
                whole.parent.parent.rmdir()

    def _scan(self) -> Iterator[tuple[float, str, int]]:
        """When each file was written, Unix s, its path and its bytes; what a crash left half is removed."""
        for path in self._folder.glob(LOOK):
            name = path.relative_to(self._folder).as_posix()
            if name.endswith(PART) and is_ours(name.removesuffix(PART)):
                path.unlink(missing_ok=True)
            elif is_ours(name) and path.is_file():
                found = path.stat()
                yield found.st_mtime, name, found.st_size
