"""A file that is there as a whole, or as it was before: nobody reads half a table."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edgevision.errors import OutputError


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Where to write what is to be at `path`. Raises OutputError, also for what goes wrong meanwhile."""
    is_device = path.exists() and not path.is_file()  # or a pipe, which nothing can take the place of
    part = path if is_device else path.with_name(f"{path.name}.part")
    try:
        try:
            yield part
            part.replace(path)
        finally:
            if part != path:
                part.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror or error}; "
            "choose a folder that exists, has room, and that this user may write to"
        ) from None
