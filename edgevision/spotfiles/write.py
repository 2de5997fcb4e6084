"""Writes spots.yaml: a file that a person goes on editing."""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from edgevision.document import MAX_BYTES
from edgevision.errors import OutputError
from edgevision.spotfiles.drawn import DIGITS, Spots

HEAD = """\
# The spots of a camera: a name, and three or more points around the ground that a vehicle stands on.
# Points are [x, y], shares of the picture from its top left corner, 0..1.
"""


def as_text(spots: Spots, source: str, notes: Mapping[str, str] | None = None) -> str:
    """The file's content. source: where the spots come from; notes: what to say of some of them, by name."""
    notes = notes or {}
    lines = [f"# {line}\n" for line in source.splitlines()]
    lines += ["\nplaces:\n"]
    for name, polygon in spots.items():
        points = ", ".join(f"[{_number(x)}, {_number(y)}]" for x, y in polygon)
        remark = f"  # {notes[name]}" if name in notes else ""
        # In quotes: a spot called 12 or true is a name, for whoever reads YAML.
        lines.append(f'  "{name}": [{points}]{remark}\n')
    return HEAD + "".join(lines)


def write(path: Path, text: str, *, force: bool = False) -> None:
    """A whole file at once: there is never a piece of one, nor is another's work lost. Raises OutputError.

    force: replace what is there.
    """
    if len(text.encode()) > MAX_BYTES:
        raise OutputError(
            f"{path} would be larger than {MAX_BYTES // 1024} KiB, which is not read: draw with fewer points"
        )
    new = None
    try:
        with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.", delete=False,
                                         encoding="utf-8") as file:  # fmt: skip
            new = Path(file.name)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.chmod(0o644)
        if force:
            new.replace(path)
        else:
            path.hardlink_to(new)  # which fails, where replace() would not, if it has come meanwhile
    except FileExistsError:
        raise OutputError(f"{path} is there already: name another, or replace it with --force") from None
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror}") from None
    finally:
        if new is not None:
            new.unlink(missing_ok=True)


def _number(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".") or "0"
