"""Whether a path still leads to the file that was opened by it."""

from pathlib import Path

Place = tuple[int, int]


def place_of(path: Path) -> Place | None:
    """Device and inode, by which a file is known whatever its name; None where there is no file. Raises
    OSError where nobody can look."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found.st_dev, found.st_ino
