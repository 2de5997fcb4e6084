"""What all tests of downloads do."""

from functools import partial as bound
from pathlib import Path

import numpy as np

from edgevision.download import Wanted, download
from edgevision.inference.session import check_start
from edgevision.partial import partial

CONTENT = np.random.default_rng(0).bytes(300_000)
HALF = 150_000


class Told:
    """What a listener is told."""

    def __init__(self) -> None:
        self.moves: list[tuple[int, int | None]] = []
        self.reasons: list[str] = []

    def moved(self, done: int, total: int | None) -> None:
        self.moves.append((done, total))

    def waiting(self, reason: str, seconds: float) -> None:
        self.reasons.append(reason)


def fetch(url: str, folder: Path, most: int = 10**6, told: Told | None = None) -> bytes:
    """The content that a download brings to its place."""
    with partial(folder / "x.part") as part:
        look = bound(check_start, name="the file")
        download(Wanted(url, most, look), part, told or Told())
        part.keep(folder / "x")
    assert names(folder) == ["x"]
    return (folder / "x").read_bytes()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
